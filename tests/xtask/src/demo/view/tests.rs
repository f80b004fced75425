use super::*;

fn reading(seq: u64, millidegrees: i64) -> News {
    News::Reading(Reading { seq, millis: seq * 100, millidegrees })
}

fn view(news: impl IntoIterator<Item = News>) -> View {
    let mut view = View::new("here");
    news.into_iter().for_each(|news| view.take(news));
    view
}

#[test]
fn readings_are_counted_and_the_newest_kept() {
    let view = view([reading(1, 5), reading(3, 9)]);
    assert_eq!((view.received, view.dropped()), (2, 0));
    assert_eq!(view.newest.unwrap().seq, 3);
}

#[test]
fn what_the_station_lost_and_what_came_out_of_order_adds_up() {
    let view = view([reading(3, 5), reading(3, 9), News::Dropped(2), News::Dropped(4)]);
    assert_eq!(view.dropped(), 5);
}

#[test]
fn latencies_have_a_worst_and_a_median() {
    let view = view([5, 1, 9, 2, 3].map(|n| News::Answered(Duration::from_millis(n))));
    assert_eq!(view.requests(), 5);
    assert_eq!(millis(view.worst()), "9.00 ms");
    assert_eq!(millis(view.median()), "3.00 ms");
    assert_eq!(millis(view.latest()), "3.00 ms");
    assert_eq!(millis(View::new("here").median()), "-");
}

#[test]
fn the_curve_spans_from_lowest_to_highest() {
    assert_eq!(view([reading(1, -7), reading(2, 0), reading(3, 7)]).curve(), "▁▄█");
    assert_eq!(view([reading(1, 5), reading(2, 5)]).curve(), "▁▁");
    assert_eq!(view([]).curve(), "");
    assert_eq!(view((0..100).map(|n| reading(n, 0))).curve().chars().count(), CURVE);
    assert_eq!(view([reading(1, i64::MIN), reading(2, i64::MAX)]).curve(), "▁█");
}
