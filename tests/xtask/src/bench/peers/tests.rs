use super::figure::{figure, median};
use super::line::{Goal, Line, Unit};
use super::lines::{self, LINES};
use super::outcome::Outcome;
use super::plan::{self, LESS};
use super::reasons::REASONS;

fn line(unit: Unit, goal: Goal) -> Line {
    Line { title: "work", workload: "work", n: None, key: "n", unit, goal }
}

fn values<const N: usize>(values: [(&str, f64); N]) -> Vec<(String, f64)> {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[test]
fn the_median_is_the_one_in_the_middle() {
    assert_eq!(median(vec![]), None);
    assert_eq!(median(vec![3.0]), Some(3.0));
    assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), Some(3.0));
}

#[test]
fn figures_have_three_digits_or_all_before_the_point() {
    let shown = [1.234, 9.999, 12.34, 123.4, 1234.5, 1234567.0].map(figure);
    assert_eq!(shown, ["1.23", "10.0", "12.3", "123", "1,235", "1,234,567"]);
}

#[test]
fn the_best_peer_is_neither_ours_nor_by_hand() {
    let line = line(Unit::Nanoseconds, Goal::best(0.5));
    let outcome =
        Outcome::with(&line, values([("everloop", 1.0), ("raw", 0.5), ("tokio", 4.0), ("smol", 2.0)]));
    assert_eq!(outcome.best(), Some(("smol", 2.0)));
    assert_eq!(outcome.ratios(), [Some(0.5), Some(2.0)]);
    assert_eq!(outcome.reached(), Some(true));
}

#[test]
fn of_a_rate_more_is_better() {
    let line = line(Unit::Thousands, Goal::best(1.0));
    let outcome = Outcome::with(&line, values([("everloop", 3.0), ("tokio", 4.0), ("smol", 2.0)]));
    assert_eq!(outcome.best(), Some(("tokio", 4.0)));
    assert_eq!(outcome.reached(), Some(false));
}

#[test]
fn every_goal_must_be_reached_and_io_uring_can_be_left_out() {
    let goal = Goal { best: Some(1.0), raw: Some(1.05), epoll: true, ..Goal::NONE };
    let line = line(Unit::Microseconds, goal);
    let of = |ours| {
        Outcome::with(&line, values([("everloop", ours), ("raw", 1.0), ("compio", 0.5), ("tokio", 1.2)]))
    };
    assert_eq!(of(1.0).best(), Some(("tokio", 1.2)));
    assert_eq!(of(1.0).reached(), Some(true));
    assert_eq!(of(1.1).reached(), Some(false));
    assert_eq!(of(1.1).figure_to_reach(), Some(1.05));
}

#[test]
fn what_nobody_else_does_is_not_judged() {
    let line = line(Unit::Nanoseconds, Goal::best(1.0));
    let outcome = Outcome::with(&line, values([("everloop", 1.0)]));
    assert_eq!((outcome.best(), outcome.reached()), (None, None));
}

#[test]
fn a_line_that_is_part_of_another_follows_it() {
    for pair in LINES.windows(2) {
        let [above, below] = pair else { unreachable!() };
        assert!(!below.title.starts_with("  ") || above.key != below.key || above.workload != below.workload);
    }
}

#[test]
fn a_workload_is_measured_once_for_all_of_its_lines() {
    let works = lines::works(&LINES.iter().collect::<Vec<_>>());
    for (at, work) in works.iter().enumerate() {
        assert!(!works[..at].contains(work), "{work:?} stands apart from its other lines");
    }
}

#[test]
fn every_reason_is_about_a_line_that_is_to_reach_something() {
    for (workload, key, reason) in REASONS {
        let mut of = LINES.iter().filter(|line| line.workload == *workload && line.key == *key);
        assert!(of.any(|line| line.goal != Goal::NONE), "`{reason}` is about no line");
    }
}

#[test]
fn what_has_a_million_of_something_is_done_less_often() {
    assert_eq!(plan::rounds(("spawn-million", None), 5), 3);
    assert_eq!(plan::rounds(("spawn-all", None), 5), 5);
    assert_eq!(plan::rounds(("spawn-all", Some(1_000_000)), 5), 3);
    assert_eq!(plan::rounds(("sleeps", Some(10_000)), 5), 5);
    assert_eq!(plan::rounds(("sleeps", None), 1), 1);
}

#[test]
fn who_does_less_is_about_a_workload_that_is_in_the_table() {
    for less in LESS {
        assert!(lines::names().contains(&less.workload), "{} is in no line", less.workload);
    }
    assert!(plan::less("asyncio", ("sleeps", None)).is_some_and(|less| less.n.is_none()));
    assert!(plan::less("everloop", ("sleeps", None)).is_none());
    // As the work grows it is said how much there is of it.
    assert!(plan::less("asyncio", ("sleeps", Some(1))).is_none());
}
