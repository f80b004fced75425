//! Connecting, accepting, reading and writing.
#![allow(missing_docs)]

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::rc::Rc;

use crate::support::{any_port, pair, pair_with_std, poll_once};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{Connection, ConnectionWriter, Listener, Network, Tcp, TcpListener, TcpStream};
use everloop::reactor::ReactorError;
use everloop::{Duration, create_task, sleep};

/// Sends back what comes until the end.
async fn echo(mut stream: TcpStream) {
    let mut buf = [0; 512];
    loop {
        match stream.read(&mut buf).await.unwrap() {
            0 => break,
            count => stream.write_all(&buf[..count]).await.unwrap(),
        }
    }
}

#[test]
fn sixty_four_clients_are_echoed_on_one_loop() {
    const CLIENTS: usize = 64;
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let server = create_task(async move {
            for _ in 0..CLIENTS {
                let (stream, _) = listener.accept().await.unwrap();
                create_task(echo(stream));
            }
        });
        let clients: Vec<_> = (0..CLIENTS)
            .map(|id| {
                create_task(async move {
                    let mut stream = TcpStream::connect(address).await.unwrap();
                    for round in 0..20 {
                        let sent = format!("client {id} round {round}");
                        stream.write_all(sent.as_bytes()).await.unwrap();
                        let mut echo = vec![0; sent.len()];
                        stream.read_exact(&mut echo).await.unwrap();
                        assert_eq!(echo, sent.as_bytes());
                    }
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        server.await.unwrap();
    })
    .unwrap();
}

/// Written against the traits only.
async fn ping_pong<N: Network<Listener: 'static>>(net: &N) -> Result<(), N::Error> {
    let listener = net.listen(any_port()).await?;
    let address = listener.local_addr()?;
    let server = create_task(async move {
        let stream = listener.accept().await?;
        let (mut reader, mut writer) = stream.split();
        let mut buf = [0; 4];
        let mut filled = 0;
        while filled < 4 {
            filled += reader.read(&mut buf[filled..]).await?;
        }
        writer.write_all(&buf).await?;
        writer.write_eof().await
    });
    let stream = net.connect(address).await?;
    assert_eq!(stream.peer_addr()?, address);
    let (mut reader, mut writer) = stream.split();
    writer.write_all(b"ping").await?;
    let mut buf = [0; 16];
    let mut heard = Vec::new();
    loop {
        match reader.read(&mut buf).await? {
            0 => break,
            count => heard.extend_from_slice(&buf[..count]),
        }
    }
    assert_eq!(heard, b"ping");
    server.await.unwrap()
}

#[test]
fn portable_code_uses_the_traits() {
    everloop::run(ping_pong(&Tcp)).unwrap().unwrap();
}

#[test]
fn addresses_and_options() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        assert_ne!(address.port(), 0);
        let near = TcpStream::connect(address).await.unwrap();
        let (far, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, near.local_addr().unwrap());
        assert_eq!(far.peer_addr().unwrap(), peer);
        assert_eq!(far.local_addr().unwrap(), address);
        assert!(near.nodelay().unwrap() && far.nodelay().unwrap());
        near.set_nodelay(false).unwrap();
        assert!(!near.nodelay().unwrap());
        assert!(format!("{near:?}").contains(&address.to_string()));
        let (reader, writer) = near.split();
        assert_eq!(reader.local_addr().unwrap(), peer);
        assert_eq!(writer.peer_addr().unwrap(), address);
    })
    .unwrap();
}

#[test]
fn half_close_ends_one_direction_only() {
    everloop::run(async {
        let (near, far) = pair().await;
        let server = create_task(async move {
            let (mut reader, mut writer) = far.split();
            let mut buf = [0; 64];
            let mut heard = 0;
            loop {
                match reader.read(&mut buf).await.unwrap() {
                    0 => break,
                    count => heard += count,
                }
            }
            // The end stays the end.
            assert_eq!(reader.read(&mut buf).await.unwrap(), 0);
            writer.write_all(format!("heard {heard}").as_bytes()).await.unwrap();
        });
        let (mut reader, mut writer) = near.split();
        writer.write_all(b"hello").await.unwrap();
        writer.write_eof().await.unwrap();
        assert!(writer.write(b"more").await.is_err());
        let mut answer = [0; 7];
        reader.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"heard 5");
        assert_eq!(reader.read(&mut answer).await.unwrap(), 0);
        server.await.unwrap();
    })
    .unwrap();
}

#[test]
fn nothing_is_read_after_shutdown_of_reading() {
    everloop::run(async {
        let (mut near, _far) = pair().await;
        assert!(poll_once(near.read(&mut [0; 8])).await.is_none());
        near.shutdown(Shutdown::Read).unwrap();
        assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn the_end_is_seen_that_came_with_the_last_bytes() {
    everloop::run(async {
        let (mut near, far) = pair_with_std().await;
        io::Write::write_all(&mut &far, b"bye").unwrap();
        drop(far);
        // Long enough that one event tells of both, and then none is left to tell of the end.
        sleep(Duration::from_millis(20)).await;
        let mut buf = [0; 64];
        assert_eq!(near.read(&mut buf).await.unwrap(), 3);
        assert_eq!(near.read(&mut buf).await.unwrap(), 0);
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn what_is_behind_an_urgent_byte_is_read() {
    everloop::run(async {
        let (mut near, far) = pair_with_std().await;
        io::Write::write_all(&mut &far, b"abc").unwrap();
        socket2::SockRef::from(&far).send_out_of_band(b"!").unwrap();
        io::Write::write_all(&mut &far, b"def").unwrap();
        sleep(Duration::from_millis(20)).await;
        let mut buf = [0; 64];
        let mut heard = Vec::new();
        while heard.len() < 6 {
            let count = near.read(&mut buf).await.unwrap();
            heard.extend_from_slice(&buf[..count]);
        }
        assert_eq!(heard, b"abcdef");
    })
    .unwrap();
}

#[test]
fn connecting_where_nobody_listens_is_refused() {
    everloop::run(async {
        let address = TcpListener::bind(any_port()).unwrap().local_addr().unwrap();
        let error = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    })
    .unwrap();
}

/// What the error says about the loop.
fn reactor_error(error: &io::Error) -> Option<ReactorError> {
    error.get_ref()?.downcast_ref().copied()
}

#[test]
fn outside_a_loop_it_is_an_error_that_says_so() {
    let error = TcpListener::bind(any_port()).unwrap_err();
    assert_eq!(reactor_error(&error), Some(ReactorError::NoRunningLoop));
    assert!(error.to_string().contains("everloop::run"), "{error}");

    let mut connecting = Box::pin(TcpStream::connect(any_port()));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match connecting.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(error)) => {
            assert_eq!(reactor_error(&error), Some(ReactorError::NoRunningLoop));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn waiting_in_another_loop_is_an_error_that_says_so() {
    let (mut near, mut far) = everloop::run(pair()).unwrap();
    everloop::run(async move {
        // What needs no waiting works.
        far.write_all(b"x").await.unwrap();
        let mut buf = [0; 8];
        while near.read(&mut buf).await.is_err() {}
        let error = near.read(&mut buf).await.unwrap_err();
        assert_eq!(reactor_error(&error), Some(ReactorError::OtherLoop));
    })
    .unwrap();
}

#[test]
fn every_task_that_waits_to_accept_gets_its_client() {
    everloop::run(async {
        let listener = Rc::new(TcpListener::bind(any_port()).unwrap());
        let address = listener.local_addr().unwrap();
        let waiters: Vec<_> = (0..5)
            .map(|_| {
                let listener = listener.clone();
                create_task(async move { listener.accept().await.unwrap().1 })
            })
            .collect();
        sleep(Duration::from_millis(5)).await;
        // One of them goes away: its place is free, and nobody's client is lost.
        waiters[2].cancel();
        let mut clients = Vec::new();
        for _ in 0..4 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        let mut accepted = Vec::new();
        for waiter in waiters {
            accepted.extend(waiter.await);
        }
        accepted.sort();
        let mut expected: Vec<_> = clients.iter().map(|c| c.local_addr().unwrap()).collect();
        expected.sort();
        assert_eq!(accepted, expected);
    })
    .unwrap();
}

#[test]
fn a_connection_that_is_always_ready_lets_others_run() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        far.write_all(&[7; 1000]).await.unwrap();
        sleep(Duration::from_millis(5)).await;
        let turns = Rc::new(Cell::new(0));
        let other = turns.clone();
        create_task(async move {
            loop {
                other.set(other.get() + 1);
                everloop::yield_now().await;
            }
        });
        for _ in 0..1000 {
            near.read_exact(&mut [0]).await.unwrap();
        }
        assert!(turns.get() >= 10, "{} turns", turns.get());
    })
    .unwrap();
}

#[test]
fn an_empty_read_or_write_is_ready_at_once() {
    everloop::run(async {
        let (mut near, _far) = pair().await;
        assert_eq!(poll_once(near.read(&mut [])).await.unwrap().unwrap(), 0);
        assert_eq!(poll_once(near.write(&[])).await.unwrap().unwrap(), 0);
        assert!(poll_once(near.read(&mut [0])).await.is_none());
    })
    .unwrap();
}

#[test]
fn sockets_of_std_are_taken_over() {
    everloop::run(async {
        let listener = TcpListener::from_std(std::net::TcpListener::bind(any_port()).unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = create_task(async move { listener.accept().await.unwrap().0 });
        let mut near = TcpStream::from_std(std::net::TcpStream::connect(address).unwrap()).unwrap();
        let mut far = accepting.await.unwrap();
        let reading = create_task(async move {
            let mut buf = [0; 2];
            near.read_exact(&mut buf).await.unwrap();
            buf
        });
        sleep(Duration::from_millis(1)).await;
        far.write_all(b"ok").await.unwrap();
        assert_eq!(&reading.await.unwrap(), b"ok");
    })
    .unwrap();
}
