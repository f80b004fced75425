use super::*;
use crate::station::Reading;

fn views() -> [View; 2] {
    let mut views = ["host", "mps2-an385"].map(View::new);
    for seq in 0..1000 {
        for view in &mut views {
            view.take(News::Reading(Reading { seq, millis: seq * 100, millidegrees: -40_000 - 1000 }));
            view.take(News::Answered(Duration::from_millis(9999)));
        }
    }
    views
}

#[test]
fn both_stations_stand_side_by_side() {
    let table = table(&views(), Duration::from_secs(3), Duration::from_secs(8));
    assert!(table.iter().any(|line| line.contains("host") && line.contains("mps2-an385")));
    assert!(table.iter().any(|line| line.matches("-41.000 °C").count() == 2));
    assert!(table[0].contains("3.0 of 8 s"));
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    for line in table(&views(), Duration::from_secs(3), Duration::from_secs(8)) {
        assert!(line.chars().count() < 80, "{line}");
    }
}

#[test]
fn the_table_never_changes_its_height() {
    let empty = ["host", "mps2-an385"].map(View::new);
    let height = |views: &[View]| table(views, Duration::ZERO, Duration::from_secs(8)).len();
    assert_eq!(height(&empty), height(&views()));
}
