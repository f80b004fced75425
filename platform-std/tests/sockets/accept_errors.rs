//! `accept` fails: this program has an `accept4` of its own, which fails as it is told.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::Mutex;

use crate::support::server::{asks, echo, started};
use crate::support::{Folder, any_port};
use everloop::net::{SocketReader, SocketWriter, TcpListener, Unix};
use everloop::{
    Event, gather, open_connection, open_unix_connection, set_exception_handler, start_unix_server,
};

std::thread_local! {
    /// What the next calls of this thread fail with; other tests run in other threads.
    static FAILURES: RefCell<VecDeque<i32>> = const { RefCell::new(VecDeque::new()) };
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
unsafe extern "C" fn accept4(
    socket: libc::c_int,
    address: *mut libc::sockaddr,
    len: *mut libc::socklen_t,
    flags: libc::c_int,
) -> libc::c_int {
    let failure = FAILURES.try_with(|failures| failures.borrow_mut().pop_front());
    // SAFETY: by the caller; the place of a thread's error is its own.
    unsafe {
        if let Ok(Some(failure)) = failure {
            *libc::__errno_location() = failure;
            return -1;
        }
        libc::syscall(libc::SYS_accept4, socket, address, len, flags) as libc::c_int
    }
}

fn fail_with(failures: &[i32]) {
    FAILURES.with_borrow_mut(|queue| queue.extend(failures));
}

fn failures_left() -> usize {
    FAILURES.with_borrow(VecDeque::len)
}

#[test]
fn errors_of_one_connection_keep_a_server_from_nothing() {
    everloop::run(async {
        set_exception_handler(Some(&|unhandled| panic!("{unhandled:?}")));
        let (_server, address) = started(echo).await;
        let of_one = [
            libc::ECONNABORTED,
            libc::EPROTO,
            libc::EPERM,
            libc::ENETDOWN,
            libc::ENETUNREACH,
            libc::EHOSTUNREACH,
            libc::EINTR,
            libc::ECONNRESET,
        ];
        // The next in line is taken at once: nobody is told, and nobody waits.
        for round in 1..=of_one.len() {
            fail_with(&of_one[..round]);
            asks(address, b"hello\n").await;
            assert_eq!(failures_left(), 0);
        }
    })
    .unwrap();
}

#[test]
fn without_room_in_the_system_a_server_tells_so_and_tries_again() {
    static TOLD: Mutex<Vec<i32>> = Mutex::new(Vec::new());
    everloop::run(async {
        set_exception_handler(Some(&|unhandled| {
            let error = unhandled.error().unwrap().downcast_ref::<io::Error>().unwrap();
            TOLD.lock().unwrap().push(error.raw_os_error().unwrap());
        }));
        let no_room = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
        let (served, folder) = (Rc::new((Cell::new(0), <Event>::new())), Folder::new());
        let path = folder.join("socket");
        let unix = async |mut reader: SocketReader<Unix>, writer: SocketWriter<Unix>| {
            writer.write(reader.readline().await.unwrap()).unwrap();
        };
        let at_path = start_unix_server(unix, &path).await.unwrap();
        let mut servers = Vec::new();
        for _ in 1..no_room.len() {
            let served = Rc::clone(&served);
            servers.push(
                started(async move |reader, writer| {
                    served.0.set(served.0.get() + 1);
                    served.1.set();
                    echo(reader, writer).await;
                })
                .await,
            );
        }
        let (mut reader, writer) = open_connection(servers[0].1).await.unwrap();
        served.1.wait().await;
        // Each server meets one of them.
        fail_with(&no_room);
        let clients = servers.iter().map(|(_, address)| asks(*address, b"now?\n"));
        let clients = gather(clients.collect::<Vec<_>>());
        let at_unix = async {
            let (mut reader, writer) = open_unix_connection(&path).await.unwrap();
            writer.write(b"now?\n").unwrap();
            assert_eq!(reader.readline().await.unwrap(), b"now?\n");
        };
        // Meanwhile those that are there are served.
        let there = async {
            while failures_left() > 0 {
                everloop::yield_now().await;
            }
            assert_eq!(served.0.get(), 1);
            writer.write(b"still there?\n").unwrap();
            assert_eq!(reader.readline().await.unwrap(), b"still there?\n");
            assert_eq!(served.0.get(), 1);
        };
        let (clients, at_unix, there) = gather((clients, at_unix, there)).await;
        there.unwrap();
        at_unix.unwrap();
        clients.unwrap().into_iter().for_each(|client| client.unwrap());
        assert_eq!(served.0.get(), no_room.len());
        // Once each.
        let mut told = TOLD.lock().unwrap().clone();
        told.sort();
        let mut expected = no_room.to_vec();
        expected.sort();
        assert_eq!(told, expected);
        assert!(at_path.is_serving() && servers.iter().all(|(server, _)| server.is_serving()));
    })
    .unwrap();
}

#[test]
fn a_listener_gives_each_error_and_stays_usable() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let client = std::net::TcpStream::connect(address).unwrap();
        fail_with(&[libc::ECONNABORTED, libc::ENFILE, libc::EINTR]);
        assert_eq!(listener.accept().await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(listener.accept().await.unwrap_err().raw_os_error(), Some(libc::ENFILE));
        // A signal is nobody's error.
        let (_stream, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        assert_eq!(failures_left(), 0);
    })
    .unwrap();
}
