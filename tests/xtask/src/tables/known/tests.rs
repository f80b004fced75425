use super::*;

const SUITES: &str = "
macro_rules! suite { ($list:ident; $($module:ident: $($test:ident)*;)*) => {} }

suite! {
    /// What needs a real clock: not this one; nor that: one.
    CLOCK;
    real: a b;
}

suite! {
    TESTS;
    task: c
        // a remark: here
        d;
    queue: e;
}
";

#[test]
fn the_lists_are_read() {
    assert_eq!(listed(SUITES), ["real::a", "real::b", "task::c", "task::d", "queue::e"]);
}

#[test]
fn only_what_is_marked_is_a_test() {
    let source = "fn helper() {}\n#[test]\n#[ignore = \"slow\"]\nfn one() {}\nfn two() {}\n  #[test]\n  fn three() {\n";
    assert_eq!(functions(source), ["one", "three"]);
}

#[test]
fn a_program_may_list_its_own() {
    let source =
        "macro_rules! tests { ($($name:ident)*) => {} }\n\ntests! {\n    one\n    two\n}\nfn one() {}\n";
    assert_eq!(given(source).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(given("fn one() {}").count(), 0);
}

#[test]
fn the_tests_of_this_workspace_are_found() {
    let known = Known::read(crate::workspace::root()).unwrap();
    assert!(known.has("queue::first_in_first_out"));
    assert!(known.has("real_time::a_sleep_lasts_at_least_as_long"));
    assert!(known.has("life::run_inside_run_is_refused"));
    assert!(known.has("scope_trees::trees_keep_the_rules"));
    assert!(!known.has("queue::no_such_test"));
    assert!(!known.has("life::my_waker"));
}
