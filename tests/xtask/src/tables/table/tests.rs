use super::*;

fn table(lines: &str) -> Vec<(usize, Result<Row, String>)> {
    rows(&format!("# Title\n\n| test function | counterpart | note |\n|---|:--|---|\n{lines}"))
}

fn good(line: &str) -> Row {
    table(line).remove(0).1.unwrap()
}

fn bad(line: &str) -> String {
    table(line).remove(0).1.unwrap_err()
}

#[test]
fn a_row_has_a_function_and_its_counterparts() {
    let row = good("| `test_put` | `queue::a`, `life::b` | why |");
    assert_eq!(
        row,
        Row { function: "test_put".to_owned(), counterparts: vec!["queue::a".into(), "life::b".into()] }
    );
    assert_eq!(good("| Class.test_put | `queue::a` | |").function, "Class.test_put");
    assert_eq!(good(r"| test_or | `queue::a` | a \| b |").counterparts, ["queue::a"]);
}

#[test]
fn none_needs_a_note() {
    assert!(good("| test_put | - | no garbage collector |").counterparts.is_empty());
    assert!(bad("| test_put | - | |").contains("test_put"));
}

#[test]
fn what_is_not_a_row_is_told() {
    assert!(bad("| test_put | queue::a | |").contains("backticks"));
    assert!(bad("| test_put | `queue::a` and `b` | |").contains("backticks"));
    assert!(bad("| test_put | | |").contains("backticks"));
    assert!(bad("| test_put | `queue::a` |").contains("2 cells"));
    assert!(bad("| test_put test_get | `queue::a` | |").contains("first cell"));
    assert!(bad("| | `queue::a` | |").contains("first cell"));
}

#[test]
fn a_file_may_have_several_tables_and_each_has_the_header() {
    let text =
        "| test function | counterpart | note |\n|---|---|---|\n| a | `x` | |\n\nText\n\n| b | `x` | |\n";
    let rows = rows(text);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].0, 3);
    assert_eq!(rows[1], (7, Err("the columns must be test function | counterpart | note".to_owned())));
}
