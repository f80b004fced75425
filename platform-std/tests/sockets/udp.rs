//! Datagrams.
#![allow(missing_docs)]

use std::io::ErrorKind;
use std::rc::Rc;

use crate::support::{any_port, poll_once};
use everloop::net::UdpSocket;
use everloop::reactor::ReactorError;
use everloop::{Duration, create_task, sleep, wait_for, yield_now};

fn bound() -> UdpSocket {
    UdpSocket::bind(any_port()).unwrap()
}

#[test]
fn a_datagram_tells_its_sender_and_is_answered() {
    everloop::run(async {
        let (one, other) = (bound(), bound());
        one.send_to(b"ping", other.local_addr().unwrap()).await.unwrap();
        let mut buf = [0; 16];
        let (count, from) = other.recv_from(&mut buf).await.unwrap();
        assert_eq!((&buf[..count], from), (&b"ping"[..], one.local_addr().unwrap()));
        assert_eq!(other.send_to(b"pong", from).await.unwrap(), 4);
        assert_eq!(one.recv(&mut buf).await.unwrap(), 4);
        assert_eq!(&buf[..4], b"pong");
    })
    .unwrap();
}

#[test]
fn a_connected_socket_hears_its_peer_alone() {
    everloop::run(async {
        let (one, other, stranger) = (bound(), bound(), bound());
        let address = one.local_addr().unwrap();
        assert!(one.peer_addr().is_err());
        one.connect(other.local_addr().unwrap()).unwrap();
        assert_eq!(one.peer_addr().unwrap(), other.local_addr().unwrap());
        assert!(format!("{one:?}").contains("peer"));
        stranger.send_to(b"spam", address).await.unwrap();
        other.send_to(b"news", address).await.unwrap();
        let mut buf = [0; 16];
        assert_eq!(one.recv(&mut buf).await.unwrap(), 4);
        assert_eq!(&buf[..4], b"news");
        one.send(b"thanks").await.unwrap();
        assert_eq!(other.recv(&mut buf).await.unwrap(), 6);
    })
    .unwrap();
}

#[test]
fn datagrams_keep_their_bounds() {
    everloop::run(async {
        let (one, other) = (bound(), bound());
        let to = other.local_addr().unwrap();
        for data in [&b"12345678"[..], b"", b"9"] {
            assert_eq!(one.send_to(data, to).await.unwrap(), data.len());
        }
        let mut buf = [0; 16];
        assert_eq!(other.recv(&mut buf).await.unwrap(), 8);
        assert_eq!(other.recv(&mut buf).await.unwrap(), 0);
        assert_eq!(other.recv(&mut buf).await.unwrap(), 1);
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn what_does_not_fit_is_lost_and_the_next_is_whole() {
    everloop::run(async {
        let (one, other) = (bound(), bound());
        let to = other.local_addr().unwrap();
        one.send_to(b"12345678", to).await.unwrap();
        one.send_to(b"abc", to).await.unwrap();
        let mut buf = [0; 4];
        assert_eq!(other.recv(&mut buf).await.unwrap(), 4);
        assert_eq!(other.recv(&mut buf).await.unwrap(), 3);
        assert_eq!(&buf[..3], b"abc");
    })
    .unwrap();
}

#[test]
fn a_receiver_waits_for_what_comes_later() {
    everloop::run(async {
        let (one, other) = (bound(), bound());
        let to = other.local_addr().unwrap();
        let receiving = create_task(async move {
            let mut heard = Vec::new();
            let mut buf = [0; 4];
            for _ in 0..3 {
                let count = other.recv(&mut buf).await.unwrap();
                heard.extend_from_slice(&buf[..count]);
            }
            heard
        });
        for data in [b"a", b"b", b"c"] {
            sleep(Duration::from_millis(1)).await;
            one.send_to(data, to).await.unwrap();
        }
        assert_eq!(receiving.await.unwrap(), b"abc");
    })
    .unwrap();
}

#[test]
fn a_receive_that_is_dropped_loses_no_datagram() {
    everloop::run(async {
        let (one, other) = (bound(), Rc::new(bound()));
        let to = other.local_addr().unwrap();
        let mut buf = [0; 4];
        assert!(poll_once(other.recv(&mut buf)).await.is_none());
        assert!(wait_for(other.recv_from(&mut buf), Duration::from_micros(1)).await.is_err());
        let waiting = create_task({
            let other = other.clone();
            async move { other.recv(&mut [0; 4]).await }
        });
        yield_now().await;
        one.send_to(b"x", to).await.unwrap();
        // The datagram is there, and the request with it.
        waiting.cancel();
        assert!(waiting.await.is_err());
        assert_eq!(other.recv(&mut buf).await.unwrap(), 1);
    })
    .unwrap();
}

#[test]
fn a_flood_is_sent_as_fast_as_it_is_received_and_others_run() {
    const COUNT: u32 = 2000;
    everloop::run(async {
        let (one, other) = (bound(), bound());
        one.connect(other.local_addr().unwrap()).unwrap();
        other.connect(one.local_addr().unwrap()).unwrap();
        let echo = create_task(async move {
            let mut buf = [0; 8];
            for _ in 0..COUNT {
                let count = other.recv(&mut buf).await.unwrap();
                other.send(&buf[..count]).await.unwrap();
            }
        });
        let mut buf = [0; 8];
        for number in 0..COUNT {
            one.send(&number.to_le_bytes()).await.unwrap();
            assert_eq!(one.recv(&mut buf).await.unwrap(), 4);
            assert_eq!(buf[..4], number.to_le_bytes());
        }
        echo.await.unwrap();
    })
    .unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_refusal_is_an_error_after_which_the_socket_is_usable() {
    everloop::run(async {
        let (one, other) = (bound(), bound());
        let to = other.local_addr().unwrap();
        drop(other);
        one.connect(to).unwrap();
        one.send(b"x").await.unwrap();
        let error = one.recv(&mut [0; 4]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let other = UdpSocket::bind(to).unwrap();
        one.send(b"y").await.unwrap();
        other.recv(&mut [0; 4]).await.unwrap();
        // Whoever waits after an error waits, and does not spin.
        let waiting = create_task(async move { one.recv(&mut [0; 4]).await });
        sleep(Duration::from_millis(2)).await;
        assert!(!waiting.done());
    })
    .unwrap();
}

#[test]
fn a_datagram_that_is_too_long_is_an_error() {
    everloop::run(async {
        let one = bound();
        let to = one.local_addr().unwrap();
        assert!(one.send_to(&[0; 70_000], to).await.is_err());
        assert_eq!(one.send_to(b"x", to).await.unwrap(), 1);
    })
    .unwrap();
}

#[test]
fn broadcast_is_off_until_it_is_asked_for() {
    everloop::run(async {
        let one = bound();
        assert!(!one.broadcast().unwrap());
        one.set_broadcast(true).unwrap();
        assert!(one.broadcast().unwrap());
    })
    .unwrap();
}

#[test]
fn a_socket_of_std_is_taken_over() {
    everloop::run(async {
        let one = UdpSocket::from_std(std::net::UdpSocket::bind(any_port()).unwrap()).unwrap();
        let mut buf = [0; 4];
        assert!(poll_once(one.recv(&mut buf)).await.is_none());
    })
    .unwrap();
}

#[test]
fn outside_a_loop_and_in_another_it_is_an_error_that_says_so() {
    let error = UdpSocket::bind(any_port()).unwrap_err();
    assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&ReactorError::NoRunningLoop));
    assert_eq!(error.kind(), ErrorKind::Other);
    let socket = everloop::run(async { bound() }).unwrap();
    everloop::run(async move {
        let error = socket.recv(&mut [0; 4]).await.unwrap_err();
        assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&ReactorError::OtherLoop));
    })
    .unwrap();
}
