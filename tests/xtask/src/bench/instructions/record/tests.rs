use super::*;

#[test]
fn a_record_is_read_as_it_was_written() {
    let counted = |path: &str, instructions| Counted { path: path.to_owned(), instructions };
    let record = Record {
        made_with: "rustc 1.95.0, glibc 2.36".to_owned(),
        counts: vec![counted("yield alone", 90), counted("1,000 sleeps", 1200)],
    };
    assert_eq!(Record::parse(&record.to_string()), Some(record.clone()));
    assert_eq!((record.of("1,000 sleeps"), record.of("sleeps")), (Some(1200), None));
    assert_eq!(Record::parse(""), None);
    assert_eq!(Record::parse("made with rustc\nmany yield alone\n"), None);
}

#[test]
fn more_than_five_in_a_hundred_is_too_much() {
    assert!(!has_grown(100, 105));
    assert!(has_grown(100, 106));
    assert!(!has_grown(19, 19));
    assert!(has_grown(19, 20));
    assert!(!has_grown(100, 1));
}

#[test]
fn what_comes_before_and_after_does_not_count() {
    assert_eq!(once(1000, 500 + 7_000, 500 + 14_000), Some(7));
    assert_eq!(once(1000, 7_000, 14_499), Some(7));
    assert_eq!(once(1000, 7_000, 14_500), Some(8));
    assert_eq!(once(1000, 7_000, 7_000), None);
    assert_eq!(once(1000, 7_000, 6_000), None);
}
