use super::*;

fn counted(path: &str, instructions: u64) -> Counted {
    Counted { path: path.to_owned(), instructions }
}

fn record() -> Record {
    Record { made_with: "rustc".to_owned(), counts: vec![counted("yield", 100), counted("sleep", 200)] }
}

#[test]
fn a_path_that_grows_fails() {
    assert!(compare(&record(), &counted("yield", 105)).is_ok());
    assert!(compare(&record(), &counted("sleep", 50)).is_ok());
    let error = compare(&record(), &counted("yield", 106)).unwrap_err().to_string();
    assert!(error.contains("106") && error.contains("100") && error.contains("--bless"), "{error}");
}

#[test]
fn a_path_without_a_record_fails() {
    assert!(compare(&record(), &counted("wake", 1)).is_err());
}

#[test]
fn a_record_without_a_path_fails() {
    assert!(
        all_are_there(&record(), &[counted("yield", 1), counted("sleep", 1), counted("wake", 1)]).is_ok()
    );
    let error = all_are_there(&record(), &[counted("yield", 1)]).unwrap_err().to_string();
    assert!(error.contains("sleep"), "{error}");
}
