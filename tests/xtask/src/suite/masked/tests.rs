use super::*;

fn call(longest: [u64; 2], anywhere: [Option<u64>; 2]) -> Call {
    let found = [1, MANY].into_iter().zip(longest).zip(anywhere);
    let found = found.map(|((waiters, longest), anywhere)| Found {
        waiters,
        longest: Some(longest),
        anywhere,
        ..Found::default()
    });
    Call { name: "Event::set".to_owned(), found: found.collect() }
}

#[test]
fn a_section_as_long_for_many_passes() {
    assert!(constant(&call([16, 16], [None, None])).is_ok());
    assert!(constant(&call([15, 16], [Some(140), Some(134)])).is_ok());
}

#[test]
fn a_section_that_grows_fails() {
    assert!(constant(&call([15, 15 + MANY - 1], [None, None])).is_err());
    assert!(constant(&call([16, 19], [None, None])).is_err());
    assert!(constant(&call([16, 16], [Some(40), Some(43)])).is_err());
    assert!(constant(&Call { name: String::new(), found: Vec::new() }).is_err());
}

#[test]
fn a_queue_that_loses_or_never_fills_fails() {
    let rows = |lost, refused| {
        [
            format!("row interrupt-queue|fastest without a refusal|items=100000 lost={lost} refused=0"),
            format!("row interrupt-queue|too fast|items=100000 lost=0 refused={refused}"),
        ]
        .map(|line| Row::parse(&line).unwrap())
    };
    assert!(fed(&rows(0, 7)).is_ok());
    assert!(fed(&rows(1, 7)).is_err());
    assert!(fed(&rows(0, 0)).is_err());
    assert!(fed(&rows(0, 7)[..1]).is_err());
}
