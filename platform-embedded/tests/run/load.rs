//! The board's tests count the ticks; here only what holds at any speed.

use everloop_embedded::{Duration, Load, Loop, sleep};

fn load(busy: u64, idle: u64, preempted: u64) -> Load {
    Load {
        busy: Duration::from_millis(busy),
        idle: Duration::from_millis(idle),
        preempted: Duration::from_millis(preempted),
    }
}

#[test]
fn a_load_is_told_in_thousandths() {
    assert_eq!(Load::default().permille(), 0);
    assert_eq!(load(0, 5, 0).permille(), 0);
    assert_eq!(load(1, 3, 0).permille(), 250);
    assert_eq!(load(1, 2, 1).permille(), 500);
    assert_eq!(load(7, 0, 0).permille(), 1000);
}

#[test]
fn two_loads_give_that_of_what_lies_between() {
    assert_eq!(load(5, 6, 7).since(load(1, 1, 1)), load(4, 5, 6));
}

#[test]
fn a_sleep_is_idle_and_the_parts_make_up_the_time() {
    static LOOP: Loop = Loop::new();
    assert_eq!(LOOP.load(), Load::default());
    LOOP.run(&[], async {
        let before = LOOP.load();
        sleep(Duration::from_millis(20)).await;
        let load = LOOP.load().since(before);
        assert!(load.busy + load.idle >= Duration::from_millis(19), "{load:?}");
        assert!(load.idle > Duration::from_ticks(0), "{load:?}");
        assert_eq!(load.preempted, Duration::from_ticks(0));
    })
    .unwrap();
}
