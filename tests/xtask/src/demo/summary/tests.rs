use super::*;
use crate::demo::view::News;
use crate::station::Reading;

fn view(readings: u64) -> View {
    let mut view = View::new("here");
    for seq in 0..readings {
        view.take(News::Reading(Reading { seq, millis: 0, millidegrees: 0 }));
    }
    view.take(News::Answered(Duration::from_millis(1)));
    view
}

const EIGHT: Duration = Duration::from_secs(8);

#[test]
fn a_good_demo_is_good() {
    assert!(judge(&[view(38), view(36)], EIGHT).is_ok());
}

#[test]
fn a_dropped_reading_is_a_failure() {
    let mut bad = view(40);
    bad.take(News::Dropped(1));
    assert!(judge(&[view(40), bad], EIGHT).unwrap_err().to_string().contains("dropped 1"));
}

#[test]
fn a_reading_out_of_order_is_a_failure() {
    let mut bad = view(40);
    bad.take(News::Reading(Reading { seq: 3, millis: 0, millidegrees: 0 }));
    assert!(judge(&[bad], EIGHT).is_err());
}

#[test]
fn too_few_readings_are_a_failure() {
    assert!(judge(&[view(10)], EIGHT).is_err());
    assert!(judge(&[view(0)], Duration::from_millis(100)).is_err());
}
