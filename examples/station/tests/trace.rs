//! An hour of the whole program costs next to nothing, and every run is the same.

mod support;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant as StdInstant;

use everloop_core::{Duration, Instant};
use support::{run, start};

/// An hour's samples as a subscriber sees them: the hash of all, and the statistics at the end.
fn hour() -> (u64, String) {
    run!(async {
        let network = start();
        let mut client = network.connect();
        assert_eq!(client.ask("SUB 100").await, "OK");
        let mut hash = DefaultHasher::new();
        for seq in 1..=36_000 {
            let reading = client.reading().await;
            assert_eq!(reading.0, seq);
            assert_eq!(reading.1, (seq - 1) * 100);
            (Instant::now().as_ticks(), reading).hash(&mut hash);
        }
        assert_eq!(Instant::now(), Instant::from_ticks(0) + Duration::from_secs(3_600));
        (hash.finish(), client.ask("STATS").await)
    })
}

#[test]
fn an_hour_twice() {
    let start = StdInstant::now();
    let first = hour();
    let took = start.elapsed();
    assert_eq!(hour(), first);
    assert!(first.1.starts_with("STATS count=36000 "), "{}", first.1);
    assert!(first.1.ends_with(" dropped=0"), "{}", first.1);
    println!("{:#018x} {} in {took:?}", first.0, first.1);
}
