use super::*;

const TEST: CheckedTest = CheckedTest::of(Watcher::Miri, "everloop-core")
    .subset(&["task::", "queue::"])
    .leaking(&[("life", "a_leak")]);

fn options(filter: Option<&str>, long: bool) -> Options {
    Options { filter: filter.map(str::to_owned), long }
}

fn filters(test: &CheckedTest, options: &Options) -> Vec<(Option<String>, bool)> {
    test.parts(options).iter().map(|part| (part.filter.map(str::to_owned), part.leaks)).collect()
}

fn of(filter: &str, leaks: bool) -> (Option<String>, bool) {
    (Some(filter.to_owned()), leaks)
}

#[test]
fn a_subset_is_run_unless_all_is_asked_for() {
    let leak = of("a_leak", false);
    let brief = filters(&TEST, &options(None, false));
    assert_eq!(brief, [of("task::", true), of("queue::", true), leak.clone()]);
    assert_eq!(filters(&TEST, &options(None, true)), [(None, true), leak]);
}

#[test]
fn a_filter_is_for_all_tests() {
    assert_eq!(filters(&TEST, &options(Some("event::"), false)), [of("event::", true)]);
    assert_eq!(filters(&TEST, &options(Some("leak"), false)), [of("leak", true), of("a_leak", false)]);
}

#[test]
fn what_leaks_on_purpose_is_set_apart_where_leaks_are_found() {
    let line = |test: &CheckedTest, part: &Part<'_>| {
        let command = test.command(part, &options(None, false), 0).unwrap();
        crate::workspace::shown(&command)
    };
    let part = Part { program: None, filter: None, leaks: true };
    assert!(line(&TEST, &part).ends_with("--tests -- --skip a_leak"));
    let races = CheckedTest::of(Watcher::Tsan, "everloop-core").leaking(&[("life", "a_leak")]);
    assert!(line(&races, &part).ends_with("--tests --"));
    assert_eq!(filters(&races, &options(None, false)), [(None, true)]);
    let part = Part { program: Some("life"), filter: Some("a_leak"), leaks: false };
    assert!(line(&TEST, &part).ends_with("--test life -- a_leak"));
}
