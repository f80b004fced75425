use super::*;

#[test]
fn a_reading_is_read() {
    let reading = Reading { seq: 7, millis: 700, millidegrees: 21_437 };
    assert_eq!(Reading::parse("READING 7 700 21437"), Some(reading.clone()));
    assert_eq!(Reading::parse("READING 7 700 21437\r"), Some(reading));
    let cold = Reading::parse("READING 0 0 -5").unwrap();
    assert_eq!(cold.millidegrees, -5);
}

#[test]
fn what_is_no_reading_is_refused() {
    for line in ["", "READING", "READING 7 700", "READING 7 700 x", "READING -1 0 0", "reading 1 2 3", "OK"] {
        assert_eq!(Reading::parse(line), None, "{line:?}");
    }
    assert_eq!(Reading::parse("READING 1 2 3 4"), None);
}

#[test]
fn degrees_keep_their_sign_and_zeros() {
    let shown = |millidegrees| Reading { seq: 0, millis: 0, millidegrees }.degrees();
    assert_eq!(shown(21_007), "21.007 °C");
    assert_eq!(shown(-5), "-0.005 °C");
    assert_eq!(shown(-12_300), "-12.300 °C");
    assert_eq!(shown(0), "0.000 °C");
}

#[test]
fn numbers_may_leave_gaps_but_must_grow() {
    let mut order = Order::default();
    assert!(order.see(3));
    assert!(order.see(4));
    assert!(order.see(9));
    assert_eq!(order.faults(), 0);
    assert!(!order.see(9));
    assert!(!order.see(2));
    assert!(order.see(3));
    assert_eq!(order.faults(), 2);
}
