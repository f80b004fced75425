use std::net::SocketAddr;
use std::rc::Rc;

use embedded_io_async::{Error as _, ErrorKind, Read};
use everloop_embedded::net::{
    Buffers, ConnectError, Error, NetworkReader, NetworkWriter, ServeError, Server, Stack, StartServerError,
    StreamServer, Streams,
};
#[cfg(not(feature = "alloc"))]
use everloop_embedded::{
    CreateErrorKind, EventLoop, TaskPool, set_exception_handler,
    virtual_time::{UNPARKER, VirtualTime},
};
use everloop_embedded::{Duration, Event, create_task, sleep, wait_for};

use crate::world::{PORT, World, run, server_addr};
#[cfg(not(feature = "alloc"))]
use crate::{
    wire::Wire,
    world::{CLIENT, SERVER, config, host},
};

const BUFFERS: Buffers<64, 64> = Buffers;
const HOST: &str = "10.0.0.1";

/// Serves lines in capitals. This and `ask` know of no platform.
async fn serve<N: Streams>(network: &N, host: &str) -> Result<N::Server, N::StartError> {
    network
        .start_server(
            async |mut reader, mut writer| {
                while let Ok(line @ [_, ..]) = reader.readline().await {
                    let capitals = line.to_ascii_uppercase();
                    if writer.write(&capitals).is_err() || writer.drain().await.is_err() {
                        break;
                    }
                }
            },
            host,
            PORT,
            BUFFERS,
        )
        .await
}

async fn ask<N: Streams>(network: &N, host: &str) -> Result<Vec<u8>, N::ConnectError> {
    let (mut reader, mut writer) = network.open_connection(host, PORT, BUFFERS).await?;
    writer.write(b"hello\n").unwrap();
    writer.drain().await.unwrap();
    Ok(reader.readline().await.unwrap().to_vec())
}

#[test]
fn a_client_and_a_server_of_streams() {
    run::<4, _>(async |world: World| {
        for host in ["", HOST] {
            let server = serve(&world.server, host).await.unwrap();
            assert!(server.is_serving());
            assert_eq!(server.local_addr().map(|at| at.port()), Some(PORT));
            for _ in 0..10 {
                assert_eq!(ask(&world.client, HOST).await.unwrap(), b"HELLO\n");
            }
            drop(server);
        }
    });
}

#[cfg(feature = "dns")]
#[test]
fn a_client_by_name() {
    crate::dns::run(async |world: World| {
        let _server = serve(&world.server, "").await.unwrap();
        assert_eq!(ask(&world.client, "good.test").await.unwrap(), b"HELLO\n");
        let unknown = ask(&world.client, "unknown.test").await.unwrap_err();
        assert_eq!(unknown, ConnectError::Lookup(everloop_embedded::net::LookupError::NoSuchName));
    });
}

#[test]
fn errors_of_streams() {
    run::<2, _>(async |world: World| {
        let refused = ask(&world.client, HOST).await.unwrap_err();
        assert_eq!(refused, ConnectError::At(server_addr(), Error::Refused));
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        #[cfg(not(feature = "dns"))]
        assert_eq!(ask(&world.client, "a.name").await.unwrap_err(), ConnectError::NameWithoutDns);

        let foreign = serve(&world.server, "10.0.0.2").await.unwrap_err();
        let at = SocketAddr::from(([10, 0, 0, 2], PORT));
        assert_eq!(foreign, StartServerError::Listen(ConnectError::At(at, Error::Unaddressable)));
        let server = serve(&world.server, HOST).await.unwrap();
        let twice = serve(&world.server, HOST).await.unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::AddrInUse);
        drop(server);
        serve(&world.server, HOST).await.unwrap();
    });
}

#[test]
fn connections_live_on_when_their_server_is_closed() {
    run::<2, _>(async |world: World| {
        let server = Rc::new(serve(&world.server, "").await.unwrap());
        let (mut reader, mut writer) = world.client.open_connection(HOST, PORT, BUFFERS).await.unwrap();
        writer.write(b"a\n").unwrap();
        writer.drain().await.unwrap();
        reader.readline().await.unwrap();

        server.close();
        assert!(!server.is_serving());
        assert_eq!(server.local_addr(), None);
        assert_eq!(server.serve_forever().await, Err(ServeError::Closed));
        let refused = ask(&world.client, HOST).await.unwrap_err();
        assert_eq!(refused, ConnectError::At(server_addr(), Error::Refused));
        let waiting = create_task({
            let server = server.clone();
            async move { server.wait_closed().await }
        });
        writer.write(b"b\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await, Ok(&b"B\n"[..]));
        world.settle().await;
        assert!(!waiting.done());

        drop((reader, writer));
        wait_for(waiting, Duration::from_secs(1)).await.unwrap().unwrap();
        wait_for(server.wait_closed(), Duration::from_secs(1)).await.unwrap();
    });
}

/// What a handler saw of the end of its connection: what it read, and why it could not write.
type Seen = (Result<usize, Error>, Option<ErrorKind>);

/// Closes the connections of a server in some way, also one whose handler has ended its stream before. What the client read,
/// and what the handler saw.
async fn part(world: &World, eof: bool, how: fn(&Server)) -> (Result<usize, Error>, Seen) {
    let (tell, seen) =
        (Rc::new(Event::<everloop_embedded::Local>::new()), Rc::new(std::cell::Cell::new(None)));
    let server = {
        let (tell, seen) = (tell.clone(), seen.clone());
        let handler = async move |mut reader: NetworkReader<Stack, 64>,
                                  mut writer: NetworkWriter<Stack, 64>| {
            writer.write(b"!").unwrap();
            writer.drain().await.unwrap();
            if eof {
                writer.write_eof().await.unwrap();
            }
            let read = Read::read(&mut reader, &mut [0; 8]).await;
            let written = match eof {
                true => None,
                false => {
                    writer.write(b"more").unwrap();
                    writer.drain().await.map_err(|error| error.kind()).err()
                }
            };
            seen.set(Some((read, written)));
            tell.set();
            // It goes on, with its connection.
            sleep(Duration::from_secs(100)).await;
        };
        world.server.start_server(handler, "", PORT, BUFFERS).await.unwrap()
    };
    let (mut reader, _writer) = world.client.open_connection(HOST, PORT, BUFFERS).await.unwrap();
    assert_eq!(reader.readexactly(&mut [0]).await, Ok(()));
    world.settle().await;
    how(&server);
    server.close();
    wait_for(server.wait_closed(), Duration::from_secs(1)).await.expect("no connection is left");
    wait_for(tell.wait(), Duration::from_secs(1)).await.expect("the handler goes on");
    world.settle().await;
    (Read::read(&mut reader, &mut [0; 8]).await, seen.take().unwrap())
}

#[test]
fn clients_closed_under_their_handlers() {
    run::<2, _>(async |world: World| {
        let (client, seen) = part(&world, false, |server| server.close_clients()).await;
        assert_eq!((client, seen), (Ok(0), (Ok(0), Some(ErrorKind::BrokenPipe))));
    });
}

#[test]
fn clients_closed_whose_handlers_have_ended_their_stream() {
    run::<2, _>(async |world: World| {
        let (client, seen) = part(&world, true, |server| server.close_clients()).await;
        assert_eq!((client, seen), (Ok(0), (Ok(0), None)));
        sleep(Duration::from_secs(200)).await;
        assert_eq!(world.server.free_connections(), 2);
    });
}

#[test]
fn clients_reset_under_their_handlers() {
    run::<2, _>(async |world: World| {
        let (client, seen) = part(&world, false, |server| server.abort_clients()).await;
        assert_eq!(client, Err(Error::Reset));
        assert_eq!(seen, (Err(Error::Aborted), Some(ErrorKind::ConnectionAborted)));
        sleep(Duration::from_secs(200)).await;
        assert_eq!(world.server.free_connections(), 2);
    });
}

#[test]
fn a_cancelled_serve_forever_closes_all() {
    run::<2, _>(async |world: World| {
        let server = Rc::new(serve(&world.server, "").await.unwrap());
        let (mut reader, mut writer) = world.client.open_connection(HOST, PORT, BUFFERS).await.unwrap();
        writer.write(b"a\n").unwrap();
        writer.drain().await.unwrap();
        reader.readline().await.unwrap();
        let forever = create_task({
            let server = server.clone();
            async move { server.serve_forever().await }
        });
        world.settle().await;
        assert_eq!(server.serve_forever().await, Err(ServeError::AlreadyAwaited));
        forever.cancel();
        assert!(forever.await.is_err());
        assert!(!server.is_serving());
        assert_eq!(reader.readline().await, Ok(&b""[..]));
    });
}

/// As `run`, with so many slots for tasks, of which the runners of the two hosts take one each, and a server one.
#[cfg(not(feature = "alloc"))]
fn run_in<const SLOTS: usize, const BYTES: usize>(test: impl AsyncFnOnce(World)) {
    let event_loop: &'static EventLoop = Box::leak(Box::new(EventLoop::new(UNPARKER)));
    let pool: &'static TaskPool<SLOTS, BYTES> = Box::leak(Box::new(TaskPool::new()));
    let done = event_loop.run(&VirtualTime::new(), &[pool], async {
        let wire = Wire::new();
        let server = host::<4, 256>(&wire, SERVER, config(SERVER));
        let client = host::<4, 256>(&wire, CLIENT, config(CLIENT));
        wait_for(test(World { wire, server, client }), Duration::from_secs(3600)).await
    });
    done.expect("the loop runs").expect("the test ends");
}

#[cfg(not(feature = "alloc"))]
#[test]
fn a_peer_waits_for_a_slot() {
    run_in::<4, 4096>(async |world: World| {
        let _server = serve(&world.server, "").await.unwrap();
        let mut held = world.client.open_connection(HOST, PORT, BUFFERS).await.unwrap();
        held.1.write(b"a\n").unwrap();
        held.1.drain().await.unwrap();
        held.0.readline().await.unwrap();
        // The one slot for a connection is taken.
        let mut second = std::pin::pin!(ask(&world.client, HOST));
        wait_for(second.as_mut(), Duration::from_secs(5)).await.unwrap_err();
        drop(held);
        let answer = wait_for(second, Duration::from_secs(1)).await.expect("the slot is free again");
        assert_eq!(answer.unwrap(), b"HELLO\n");
    });
}

#[cfg(not(feature = "alloc"))]
#[test]
fn a_handler_too_large_for_every_slot_is_told_and_its_connection_reset() {
    static TOLD: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    run_in::<4, 4096>(async |world: World| {
        set_exception_handler(Some(&|unhandled| {
            let error = unhandled.error().and_then(|error| error.downcast_ref::<CreateErrorKind>());
            assert!(matches!(error, Some(CreateErrorKind::TooLarge { slot: 4096, .. })), "{error:?}");
            TOLD.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }));
        let handler = async |mut reader: NetworkReader<Stack, 64>, _| {
            let mut large = [0; 5000];
            let _ = Read::read(&mut reader, &mut large).await;
        };
        let _server = world.server.start_server(handler, "", PORT, BUFFERS).await.unwrap();
        for round in 1..3 {
            let (mut reader, _writer) = world.client.open_connection(HOST, PORT, BUFFERS).await.unwrap();
            assert_eq!(Read::read(&mut reader, &mut [0]).await, Err(Error::Reset));
            assert_eq!(TOLD.load(std::sync::atomic::Ordering::Relaxed), round);
        }
    });
}
