//! Clients that misbehave disturb nobody else.

mod support;

use embedded_io::ErrorKind;
use everloop_core::{Duration, Instant, sleep};
use station::CLIENTS;
use support::{run, start};

#[test]
fn dying_in_the_middle_of_a_line() {
    run!(async {
        let network = start();
        let mut witness = network.connect();
        assert_eq!(witness.ask("SUB 100").await, "OK");
        let mut last = 0;
        // More often than there are seats.
        for round in 0..3 * CLIENTS {
            let mut rude = network.connect();
            rude.get().await;
            match round % 3 {
                0 => rude.send(b"GE").await,
                1 => rude.send(&[b'A'; 100]).await,
                _ => assert_eq!(rude.ask("SUB 10").await, "OK"),
            }
            drop(rude);
            let (seq, ..) = witness.reading().await;
            assert!(last == 0 || seq == last + 1);
            last = seq;
        }
        witness.quit().await;
    });
}

#[test]
fn an_idle_client_is_dropped_after_five_minutes() {
    run!(async {
        let network = start();
        let mut idle = network.connect();
        idle.get().await;
        let start = Instant::now();
        for _ in 0..4 {
            sleep(Duration::from_secs(60)).await;
            assert_eq!(idle.ask("GE").await, "ERR unknown command");
        }
        assert_eq!(start.elapsed(), Duration::from_secs(240));
        // Half a line and blank lines don't count.
        for _ in 0..4 {
            sleep(Duration::from_secs(60)).await;
            idle.send(b"\r\n\n \n").await;
        }
        idle.send(b"GE").await;
        idle.end().await;
        assert_eq!(start.elapsed(), Duration::from_secs(240 + 300));
    });
}

#[test]
fn a_subscriber_is_not_idle() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        assert_eq!(client.ask("SUB 60000").await, "OK");
        for _ in 0..60 {
            client.reading().await;
        }
        // The five minutes count from its last request.
        client.get().await;
        let start = Instant::now();
        client.end().await;
        assert_eq!(start.elapsed(), Duration::from_secs(300));
    });
}

#[test]
fn a_reader_too_slow_is_cut_after_ten_seconds() {
    run!(async {
        let network = start();
        let mut witness = network.connect();
        witness.get().await;
        let mut slow = network.connect_with(50);
        slow.send(b"STATS\nSTATS\nSTATS\n").await;
        sleep(Duration::from_millis(9_999)).await;
        // It has what fits; the station waits and reads no further.
        slow.try_send(b"GET\n").await.unwrap();
        witness.get().await;
        sleep(Duration::from_millis(1)).await;
        assert_eq!(slow.try_line().await, Err(ErrorKind::ConnectionReset));
        witness.quit().await;
    });
}

#[test]
fn one_that_reads_in_time_is_not_cut() {
    run!(async {
        let network = start();
        let mut slow = network.connect_with(50);
        for _ in 0..10 {
            slow.send(b"STATS\n").await;
            sleep(Duration::from_millis(9_900)).await;
            assert!(slow.line().await.starts_with("STATS "));
        }
        slow.quit().await;
    });
}

#[test]
fn a_goodbye_that_is_not_read_is_cut_too() {
    run!(async {
        let network = start();
        let mut slow = network.connect_with(2);
        slow.send(b"QUIT\n").await;
        sleep(Duration::from_millis(10_001)).await;
        assert_eq!(slow.try_line().await, Err(ErrorKind::ConnectionReset));
    });
}

#[test]
fn one_that_never_stops_sending_leaves_the_others_their_turns() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        client.get().await;
        let flood = network.connect();
        flood.flood();
        // Time stands still while the flood keeps the loop busy, yet the others are served.
        let start = Instant::now();
        for _ in 0..100 {
            client.get().await;
        }
        client.quit().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        // An end is seen as well.
        drop(flood);
        network.connect().quit().await;
    });
}
