use super::*;

fn call(longest: [u64; 3]) -> Call {
    let found = [1, FEW, MANY].into_iter().zip(longest);
    let found = found.map(|(waiters, n)| Found { waiters, longest: Some(n), ..Found::default() });
    Call { name: "Event::set".to_owned(), found: found.collect() }
}

#[test]
fn a_section_as_long_for_many_passes() {
    assert!(constant(&call([16, 16, 16])).is_ok());
    assert!(constant(&call([15, 16, 16])).is_ok());
}

#[test]
fn a_section_that_grows_fails() {
    assert!(constant(&call([15, 16, 17])).is_err());
    assert!(constant(&call([13, 16, 16])).is_err());
    let mut call = call([16, 16, 16]);
    for (found, anywhere) in call.found.iter_mut().zip([40, 40, 43]) {
        found.anywhere = Some(anywhere);
    }
    assert!(constant(&call).is_err());
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
