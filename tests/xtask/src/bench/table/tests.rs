use super::*;

#[test]
fn columns_are_as_wide_as_their_widest() {
    let mut table = Table::new(["what", "n", "longest"]);
    table.line("a", [Some(1), Some(2)]);
    table.line("a longer name", [Some(12345), None]);
    let shown = table.to_string();
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(
        lines,
        ["what               n  longest", "a                  1        2", "a longer name  12345        -"]
    );
}
