use super::fake::{Fault, start};
use super::*;

fn outcome(fault: Fault, wanted: &str) -> Result<()> {
    let (_, test) = conversations().find(|(name, _)| *name == wanted).unwrap();
    let address = start(fault);
    test(address)
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = conversations().map(|(name, _)| name).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn a_good_station_passes_everything() {
    let address = start(Fault::None);
    for (name, test) in conversations() {
        if let Err(error) = test(address).and_then(|()| serves(address)) {
            panic!("{name}: {error:#}");
        }
    }
    let other = start(Fault::None);
    for (name, test) in same::TESTS {
        if let Err(error) = test(address, other) {
            panic!("{name}: {error:#}");
        }
    }
}

#[test]
fn a_station_that_cuts_long_lines_is_found_out() {
    assert!(outcome(Fault::CutsLongLines, "overlong-line").is_err());
    assert!(outcome(Fault::CutsLongLines, "very-long-line").is_err());
}

#[test]
fn a_station_without_limit_is_found_out() {
    assert!(outcome(Fault::NoLimit, "ninth-client").is_err());
}

#[test]
fn a_station_that_stands_still_is_found_out() {
    assert!(outcome(Fault::StandsStill, "get").is_err());
    assert!(outcome(Fault::StandsStill, "sub").is_err());
}

#[test]
fn a_station_that_dies_of_a_reset_is_found_out() {
    assert!(outcome(Fault::DiesOfReset, "reset-in-the-middle-of-a-line").is_err());
}

#[test]
fn a_station_that_never_unsubscribes_is_found_out() {
    assert!(outcome(Fault::NeverUnsubscribes, "sub-ends-with-the-next-command").is_err());
}

#[test]
fn a_station_that_loses_places_is_found_out() {
    assert!(outcome(Fault::LosesPlaces, "death-in-the-middle-of-a-line").is_err());
}
