use super::*;

fn rows(lines: &[&str]) -> Vec<Row> {
    lines.iter().filter_map(|line| Row::parse(line)).collect()
}

const LINES: [&str; 3] = [
    "row latency|handler|min=56 median=57 max=60",
    "row latency|task|min=90 median=100 max=110",
    "row latency|all|min=146 median=157 max=170",
];

#[test]
fn a_series_is_read_from_its_rows() {
    assert_eq!(Series::of(&rows(&LINES)), Some(Series { all: [146, 157, 170], handler: 60 }));
}

#[test]
fn half_a_series_is_none() {
    assert_eq!(Series::of(&rows(&LINES[..2])), None);
}

#[test]
fn what_passes_in_any_program_is_left_out() {
    let series = Series { all: [146, 157, 170], handler: 60 };
    assert_eq!(series.without(56), Series { all: [90, 101, 114], handler: 4 });
}

#[test]
fn the_ratio_is_that_of_the_medians() {
    let series = |median| Series { all: [0, median, 1000], handler: 0 };
    assert_eq!(percent(series(150), series(100)), 150);
    assert_eq!(percent(series(2), series(3)), 67);
    assert_eq!(percent(series(2), series(0)), 200);
}
