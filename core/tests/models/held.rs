//! What futures leave to whoever chooses what comes next: guards and permits.

use std::cell::RefCell;
use std::rc::Rc;

pub struct Held<T>(Rc<RefCell<Vec<T>>>);

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Held<T> {
    pub fn new() -> Self {
        Self(Rc::default())
    }

    pub fn push(&self, value: T) {
        self.0.borrow_mut().push(value);
    }

    pub fn take(&self, which: usize) -> Option<T> {
        take(&mut self.0.borrow_mut(), which)
    }
}

/// The same of a model's.
pub fn take<T>(values: &mut Vec<T>, which: usize) -> Option<T> {
    let at = which.checked_rem(values.len())?;
    Some(values.remove(at))
}
