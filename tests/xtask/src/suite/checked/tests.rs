use super::*;

const LEAKING: &[(&str, &str)] = &[("life", "a_leak"), ("life", "b_leak"), ("wait", "c_lost")];
const TEST: CheckedTest =
    CheckedTest::of(Watcher::Miri, "everloop-core").subset(&["task::", "queue::"]).leaking(LEAKING);

fn options(filter: Option<&str>, long: bool) -> Options {
    Options { filter: filter.map(str::to_owned), long, named: false }
}

fn filters(test: &CheckedTest, options: &Options) -> Vec<(String, bool)> {
    test.parts(options).iter().map(|part| (part.filters.join(" "), part.leaks)).collect()
}

fn of(filters: &str, leaks: bool) -> (String, bool) {
    (filters.to_owned(), leaks)
}

fn line(test: &CheckedTest, part: &Part<'_>) -> String {
    let command = test.command(part, &options(None, false), 0).unwrap();
    crate::workspace::shown(&command)
}

#[test]
fn a_subset_is_run_unless_all_is_asked_for() {
    let leaks = of("a_leak b_leak c_lost", false);
    let brief = filters(&TEST, &options(None, false));
    assert_eq!(brief, [of("task::", true), of("queue::", true)]);
    let asan = CheckedTest::of(Watcher::Asan, "everloop-core").leaking(LEAKING);
    assert_eq!(filters(&asan, &options(None, false)), [of("", true), leaks.clone()]);
    assert_eq!(filters(&TEST, &options(None, true)), [of("", true), leaks]);
}

#[test]
fn a_filter_is_for_all_tests() {
    assert_eq!(filters(&TEST, &options(Some("event::"), false)), [of("event::", true)]);
    assert_eq!(filters(&TEST, &options(Some("leak"), false)), [of("leak", true), of("a_leak b_leak", false)]);
}

#[test]
fn what_leaks_on_purpose_is_set_apart_where_leaks_are_found() {
    let parts = |test: &CheckedTest| {
        let lines = test.parts(&options(None, true)).iter().map(|part| line(test, part)).collect::<Vec<_>>();
        lines.iter().map(|line| line[line.find(" --test").unwrap()..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        parts(&TEST),
        [
            " --tests -- --skip a_leak --skip b_leak --skip c_lost",
            " --test life --test wait -- a_leak b_leak c_lost"
        ]
    );
    let races = CheckedTest::of(Watcher::Tsan, "everloop-core").leaking(LEAKING);
    assert_eq!(parts(&races), [" --tests --"]);
}

#[test]
fn what_leaks_is_left_to_the_other_watchers_where_it_takes_long() {
    let told = |long| TEST.skips(&options(None, long)).collect::<Vec<_>>();
    assert!(told(true).is_empty());
    assert!(told(false)[0].starts_with("3 tests that leak on purpose"), "{:?}", told(false));
}

#[test]
fn what_is_left_out_is_told() {
    let test = CheckedTest::of(Watcher::Tsan, "everloop").left_out(&[("slow", "it takes too long")]);
    let told = |filter| test.skips(&options(filter, false)).collect::<Vec<_>>();
    assert_eq!(told(None), ["slow: it takes too long"]);
    assert!(told(Some("fast")).is_empty());
    assert!(line(&test, &test.parts(&options(None, false))[0]).ends_with("--tests -- --skip slow"));
}
