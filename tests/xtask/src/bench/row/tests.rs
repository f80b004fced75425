use super::*;

#[test]
fn a_row_is_read() {
    let row = Row::parse("row masked|Queue::put_nowait, refused|waiters=10 longest=38\r").unwrap();
    assert_eq!(row.group, "masked");
    assert_eq!(row.name, "Queue::put_nowait, refused");
    assert_eq!((row.number("waiters"), row.number("longest")), (Some(10), Some(38)));
    assert_eq!(row.number("sections"), None);
}

#[test]
fn what_is_no_row_is_told_apart() {
    for line in [
        "",
        "rows",
        "row a",
        "row a|b",
        "row a|b|c",
        "row a|b|c=d",
        "row a|b|c=1|d",
        "panicked at row a|b|c=1",
    ] {
        assert_eq!(Row::parse(line), None, "{line}");
    }
}

#[test]
fn names_keep_their_order() {
    let rows = ["row g|b|n=1", "row g|a|n=1", "row g|b|n=2"].map(|line| Row::parse(line).unwrap());
    assert_eq!(names(&rows), ["b", "a"]);
}
