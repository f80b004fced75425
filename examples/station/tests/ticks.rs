//! The grid of a periodic thing.

use everloop_core::{Duration, Instant};
use station::Ticks;

fn at(millis: u64) -> Instant {
    Instant::from_ticks(0) + Duration::from_millis(millis)
}

#[test]
fn lateness_does_not_move_the_grid() {
    let mut ticks = Ticks::new(at(5), Duration::from_millis(100));
    assert_eq!(ticks.due(), at(5));
    for (now, next) in [(5, 105), (150, 205), (205, 305), (304, 405)] {
        ticks.advance(at(now));
        assert_eq!(ticks.due(), at(next));
    }
}

#[test]
fn missed_points_are_left_out() {
    let mut ticks = Ticks::new(at(5), Duration::from_millis(100));
    ticks.advance(at(1_000));
    assert_eq!(ticks.due(), at(1_005));
    // Exactly on a point, which is over then.
    ticks.advance(at(2_005));
    assert_eq!(ticks.due(), at(2_105));
    ticks.advance(at(2_205));
    assert_eq!(ticks.due(), at(2_305));
}

#[test]
#[should_panic(expected = "needs a period")]
fn a_period_is_needed() {
    Ticks::new(at(0), Duration::ZERO);
}
