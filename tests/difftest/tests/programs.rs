//! The generator and the form in which programs go from one interpreter to another.

use everloop_difftest::code::{Malformed, decode, encode};
use everloop_difftest::host::fair::is_fair;
use everloop_difftest::host::generate::program;
use everloop_difftest::host::rules::document;
use everloop_difftest::host::shrink::shrink;
use everloop_difftest::program::Kind;

const PROGRAMS: u64 = 500;

#[test]
fn bytes_give_the_program_back() {
    for nth in 0..PROGRAMS {
        let program = program(1, nth);
        let mut bytes = Vec::new();
        encode(&program, &mut bytes);
        assert_eq!(decode(&bytes), Ok(program));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), Err(Malformed));
    }
}

#[test]
fn what_is_generated_is_fair() {
    for nth in 0..PROGRAMS {
        assert!(is_fair(&program(1, nth)), "program {nth}");
    }
}

#[test]
fn the_same_seed_gives_the_same_program() {
    assert_eq!(program(3, 7), program(3, 7));
    assert_ne!(program(3, 7), program(4, 7));
    assert_ne!(program(3, 7), program(3, 8));
}

#[test]
fn it_shrinks_to_what_shows_the_thing_and_stays_fair() {
    let has_gather = |program: &everloop_difftest::program::Program| {
        let mut found = false;
        program.each(&mut |stmt| found |= matches!(stmt.kind, Kind::Gather(_)));
        found
    };
    let large = (0..).map(|nth| program(1, nth)).find(has_gather).expect("one in a few has it");
    let small = shrink(&large, &mut |program| has_gather(program));
    let mut count = 0;
    small.each(&mut |_| count += 1);
    assert!(has_gather(&small) && is_fair(&small));
    // Itself, and the sleep before it where its task begins together with others.
    assert!(count <= 2, "{small:?}");
}

#[test]
fn the_document_of_rules_is_what_is_printed() {
    let checked_in = include_str!("../RULES.md");
    assert!(
        checked_in == document(),
        "RULES.md is not what `cargo xtask difftest --rules` prints: redirect that to it"
    );
}
