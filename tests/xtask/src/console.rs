//! What the suites print: at once, or together when it is their turn, since two may run at the same time.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt::Display;

thread_local! {
    /// What this thread has printed since it was told to hold it back.
    static HELD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Prints a line, or adds it to what this thread holds back.
pub fn line(text: impl Display) {
    HELD.with_borrow_mut(|held| match held {
        Some(held) => {
            held.push_str(&text.to_string());
            held.push('\n');
        }
        None => println!("{text}"),
    });
}

/// Runs `f`; what it printed on this thread comes with its value, to be printed later.
pub fn held<T>(f: impl FnOnce() -> T) -> (T, String) {
    let before = HELD.replace(Some(String::new()));
    let value = f();
    (value, HELD.replace(before).unwrap_or_default())
}
