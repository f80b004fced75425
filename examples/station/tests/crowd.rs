//! Many clients: at once, one too many, and one after another.

mod support;

use everloop_core::{Duration, Instant, sleep};
use station::CLIENTS;
use support::{Client, Network, run, start};

async fn full_house(network: &Network) -> Vec<Client> {
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = network.connect();
        client.get().await;
        clients.push(client);
    }
    clients
}

#[test]
fn eight_at_once() {
    run!(async {
        let network = start();
        let mut clients = full_house(&network).await;
        for client in &mut clients {
            client.send(b"SUB 100\n").await;
        }
        for client in &mut clients {
            assert_eq!(client.line().await, "OK");
            for _ in 0..10 {
                client.reading().await;
            }
        }
        for client in clients {
            client.quit().await;
        }
    });
}

#[test]
fn the_ninth_gets_the_seat_of_one_that_is_idle() {
    run!(async {
        let network = start();
        let clients = full_house(&network).await;
        let start = Instant::now();
        let mut ninth = network.connect();
        ninth.get().await;
        assert_eq!(start.elapsed(), Duration::from_secs(300));
        assert_eq!(clients.len(), CLIENTS);
    });
}

#[test]
fn the_ninth_is_served_at_once_when_another_leaves() {
    run!(async {
        let network = start();
        // One after another leaves in its own way.
        for way in ["quit", "die", "close"] {
            let mut clients = full_house(&network).await;
            let mut ninth = network.connect();
            ninth.send(b"GET\n").await;
            ninth.silence(Duration::from_secs(60)).await;
            assert_eq!(network.waiting(), 1);
            let start = Instant::now();
            let mut leaver = clients.remove(3);
            match way {
                "quit" => leaver.quit().await,
                "die" => drop(leaver),
                _ => {
                    leaver.close().await;
                    leaver.end().await;
                }
            }
            ninth.reading().await;
            assert_eq!(start.elapsed(), Duration::ZERO, "{way}");
            for mut client in clients {
                client.get().await;
                client.quit().await;
            }
            ninth.quit().await;
        }
    });
}

#[test]
fn one_after_another() {
    run!(async {
        let network = start();
        for _ in 0..1_000 {
            let mut client = network.connect();
            client.get().await;
            client.quit().await;
        }
        full_house(&network).await;
    });
}

#[test]
fn a_listener_that_fails_is_left_alone_for_a_while() {
    run!(async {
        let network = start();
        let mut first = network.connect();
        first.get().await;
        let start = Instant::now();
        network.fail(3);
        let mut client = network.connect();
        client.get().await;
        assert_eq!(start.elapsed(), Duration::from_millis(300));
        // The tries took no seats.
        let mut clients = Vec::new();
        for _ in 2..CLIENTS {
            let mut client = network.connect();
            client.get().await;
            clients.push(client);
        }
        first.get().await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(network.waiting(), 0);
    });
}
