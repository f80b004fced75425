use super::*;

#[test]
fn what_is_held_back_comes_with_the_value() {
    let (value, text) = held(|| {
        line("one");
        let ((), inner) = held(|| line(2));
        line(inner.trim_end());
        line("three");
        4
    });
    assert_eq!((value, text.as_str()), (4, "one\n2\nthree\n"));
}

#[test]
fn each_thread_holds_back_its_own() {
    let ((), text) = held(|| {
        line("here");
        std::thread::spawn(|| assert_eq!(held(|| line("there")).1, "there\n")).join().unwrap();
    });
    assert_eq!(text, "here\n");
}
