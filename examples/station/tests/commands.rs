//! Every command, as a client sees it.

mod support;

use everloop_core::{Duration, Instant, create_task, sleep};
use support::{run, start};

const LONG_NAME: &str = "a-name-so-long-that-no-line-of-a-reply-could-be-sure-to-hold-all-of-it-and-more";
const MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn get_gives_the_newest_reading() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        // Comes before the first reading and waits for it.
        let first = client.get().await;
        assert_eq!((first.0, first.1), (1, 0));
        assert_eq!(Instant::now(), Instant::from_ticks(0) + Duration::from_micros(450));
        assert_eq!(client.get().await, first);
        sleep(Duration::from_secs(1) + MILLISECOND).await;
        let later = client.get().await;
        assert_eq!((later.0, later.1), (11, 1_000));
        client.quit().await;
    });
}

#[test]
fn line_ends_and_case() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        client.send(b"get\r\n\r\n\n  \nGeT\nstats\r\nquit\r\n").await;
        let first = client.reading().await;
        assert_eq!(client.reading().await, first);
        assert!(client.line().await.starts_with("STATS count=1 "));
        assert_eq!(client.line().await, "BYE");
        client.end().await;
    });
}

#[test]
fn stats_agree_with_the_readings() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        let mut seen = vec![client.get().await.2];
        sleep(MILLISECOND).await;
        for _ in 0..50 {
            sleep(Duration::from_millis(100)).await;
            seen.push(client.get().await.2);
        }
        let (min, max) = (seen.iter().min().unwrap(), seen.iter().max().unwrap());
        let mean = seen.iter().sum::<i32>() / 51;
        let expected = format!("STATS count=51 min={min} max={max} mean={mean} dropped=0");
        assert_eq!(client.ask("STATS").await, expected);
    });
}

#[test]
fn tasks_lists_all_by_number() {
    run!(async {
        let network = start();
        let mut clients = Vec::new();
        for _ in 0..7 {
            clients.push(network.connect());
        }
        create_task(sleep(Duration::from_secs(60))).set_name(LONG_NAME);
        sleep(MILLISECOND).await;
        let mut client = network.connect();
        client.send(b"TASKS\n").await;
        let mut lines = Vec::new();
        loop {
            let line = client.line().await;
            if line == "END" {
                break;
            }
            lines.push(line);
        }
        assert_eq!(lines[0], "TASK 1 Task-1 waiting");
        assert_eq!(lines[1], "TASK 2 server waiting");
        // Enough of it to know it by.
        assert_eq!(lines[2], format!("TASK 3 {LONG_NAME:.64} waiting"));
        assert_eq!(lines[3..5], ["TASK 4 sampler waiting", "TASK 5 stats waiting"]);
        for (line, number) in lines[5..12].iter().zip(6..) {
            assert_eq!(*line, format!("TASK {number} client waiting"));
        }
        assert_eq!(lines[12..], ["TASK 13 client running"]);
        client.quit().await;
    });
}

#[test]
fn quit_says_bye_and_closes() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        client.send(b"QUIT\nGET\n").await;
        assert_eq!(client.line().await, "BYE");
        client.end().await;
    });
}

#[test]
fn a_client_that_closes_its_half_gets_its_replies() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        client.send(b"GET\nSTATS\nGE").await;
        client.close().await;
        client.reading().await;
        assert!(client.line().await.starts_with("STATS "));
        client.end().await;
    });
}

#[test]
fn bad_requests_are_refused_and_the_connection_lives() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        for line in ["FROB", "GETX", "GET now"] {
            assert_eq!(client.ask(line).await, "ERR unknown command", "{line}");
        }
        for line in ["SUB", "SUB 9", "SUB 60001", "SUB soon", "SUB -1"] {
            assert_eq!(client.ask(line).await, "ERR bad period", "{line}");
        }
        client.send(b"\xff\xfe\x00\x80\n").await;
        assert_eq!(client.line().await, "ERR unknown command");
        client.get().await;
        client.quit().await;
    });
}

#[test]
fn an_overlong_line_is_refused_once() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        for length in [65, 66, 67, 68, 131, 132, 133, 1_000, 100_000] {
            for end in ["\n", "\r\n"] {
                let mut line = "GET ".repeat(length / 4) + &"GET "[..length % 4];
                line += end;
                client.send(line.as_bytes()).await;
                assert_eq!(client.line().await, "ERR line too long", "{length}");
                client.get().await;
            }
        }
        for end in ["\n", "\r\n"] {
            client.send(format!("{}{end}", "A".repeat(64)).as_bytes()).await;
            assert_eq!(client.line().await, "ERR unknown command");
        }
        client.quit().await;
    });
}

#[test]
fn an_overlong_line_in_pieces() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        for piece in ["GET ", &"B".repeat(50), &"C".repeat(50), " QUIT"] {
            client.send(piece.as_bytes()).await;
            client.silence(Duration::from_secs(1)).await;
        }
        // What follows in the same piece is a line of its own.
        client.send(b"\nSTATS\n").await;
        assert_eq!(client.line().await, "ERR line too long");
        assert!(client.line().await.starts_with("STATS "));
        client.silence(Duration::from_secs(1)).await;
        client.quit().await;
    });
}

#[test]
fn byte_by_byte() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        for byte in b"GET\r\nSTATS\n" {
            client.send(&[*byte]).await;
            sleep(MILLISECOND).await;
        }
        client.reading().await;
        assert!(client.line().await.starts_with("STATS "));
        client.quit().await;
    });
}
