//! Unix sockets.
#![allow(missing_docs)]
#![cfg(unix)]

use std::fs;
use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::os::unix::net as std_unix;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use crate::support::{Folder, many, poll_once};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectionWriter, PathError, UnixListener, UnixStream};
use everloop::reactor::ReactorError;
use everloop::{Duration, create_task, wait_for, yield_now};

/// What the error says about the path.
fn path_error(error: &io::Error) -> Option<PathError> {
    error.get_ref()?.downcast_ref().cloned()
}

/// A socket file at which nobody listens any more.
fn leave_stale(path: &Path) {
    drop(std_unix::UnixListener::bind(path).unwrap());
    assert!(path.exists());
}

#[test]
fn a_client_is_echoed() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("echo");
        let listener = UnixListener::bind(&path).unwrap();
        assert_eq!(listener.local_addr().unwrap().as_pathname(), Some(&*path));
        let server = create_task(async move {
            let (mut reader, mut writer) = listener.accept().await.unwrap().split();
            let mut buf = [0; 64];
            loop {
                match reader.read(&mut buf).await.unwrap() {
                    0 => break,
                    count => writer.write_all(&buf[..count]).await.unwrap(),
                }
            }
            writer.write_all(b"bye").await.unwrap();
        });
        let near = UnixStream::connect(&path).await.unwrap();
        assert_eq!(near.peer_addr().unwrap().as_pathname(), Some(&*path));
        assert!(near.local_addr().unwrap().is_unnamed());
        assert!(format!("{near:?}").starts_with("UnixStream"));
        let (mut reader, mut writer) = near.split();
        let mut echo = [0; 5];
        for _ in 0..3 {
            writer.write_all(b"hello").await.unwrap();
            reader.read_exact(&mut echo).await.unwrap();
            assert_eq!(&echo, b"hello");
        }
        writer.write_eof().await.unwrap();
        let mut rest = [0; 3];
        reader.read_exact(&mut rest).await.unwrap();
        assert_eq!(&rest, b"bye");
        assert_eq!(reader.read(&mut rest).await.unwrap(), 0);
        server.await.unwrap();
    })
    .unwrap();
}

/// The kernel gives no byte behind such a message in the same read, and no event for what is behind it.
#[cfg(target_os = "linux")]
#[test]
fn what_comes_behind_a_message_with_descriptors_is_read() {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("descriptors");
        let listener = UnixListener::bind(&path).unwrap();
        let far = std_unix::UnixStream::connect(&path).unwrap();
        let mut near = listener.accept().await.unwrap();
        let file = fs::File::open("/dev/null").unwrap();
        let files = [std::os::fd::AsFd::as_fd(&file)];
        for size in [16, 20_000] {
            assert!(poll_once(near.read(&mut [0; 4])).await.is_none());
            let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            assert!(control.push(SendAncillaryMessage::ScmRights(&files)));
            sendmsg(&far, &[io::IoSlice::new(b"ab")], &mut control, SendFlags::empty()).unwrap();
            io::Write::write_all(&mut &far, b"cd").unwrap();
            let mut buf = vec![0; size];
            let mut heard = Vec::new();
            while heard.len() < 4 {
                let read = wait_for(near.read(&mut buf), Duration::from_secs(10)).await;
                let count = read.expect("it is there").unwrap();
                heard.extend_from_slice(&buf[..count]);
            }
            assert_eq!(heard, b"abcd");
        }
    })
    .unwrap();
}

#[test]
fn a_lot_goes_through_a_pair_both_ways() {
    const TOTAL: usize = 3_000_000;
    everloop::run(async {
        let (near, far) = UnixStream::pair().unwrap();
        let sides = [near, far].map(|stream| {
            let (mut reader, mut writer) = stream.split();
            let sending = create_task(async move {
                let all: Vec<u8> = (0..TOTAL).map(|place| (place % 251) as u8).collect();
                writer.write_all(&all).await.unwrap();
                writer.write_eof().await.unwrap();
            });
            let reading = create_task(async move {
                let mut buf = vec![0; 10_000];
                let mut place = 0;
                loop {
                    let count = reader.read(&mut buf).await.unwrap();
                    if count == 0 {
                        return place;
                    }
                    for byte in &buf[..count] {
                        assert_eq!(*byte, (place % 251) as u8);
                        place += 1;
                    }
                }
            });
            (sending, reading)
        });
        for (sending, reading) in sides {
            sending.await.unwrap();
            assert_eq!(reading.await.unwrap(), TOTAL);
        }
    })
    .unwrap();
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn an_abstract_name_is_no_file_and_goes_with_its_listener() {
    use std::os::linux::net::SocketAddrExt;

    let name = format!("everloop-test-{}", std::process::id());
    let path = std::path::PathBuf::from(format!("\0{name}"));
    everloop::run(async {
        let listener = UnixListener::bind(&path).unwrap();
        assert_eq!(listener.local_addr().unwrap().as_abstract_name(), Some(name.as_bytes()));
        let error = UnixListener::bind(&path).unwrap_err();
        assert_eq!(path_error(&error), Some(PathError::InUse(path.clone())));
        let mut near = UnixStream::connect(&path).await.unwrap();
        let mut far = listener.accept().await.unwrap();
        near.write_all(b"x").await.unwrap();
        far.read_exact(&mut [0]).await.unwrap();
        drop(listener);
        let error = UnixStream::connect(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        UnixListener::bind(&path).unwrap();
    })
    .unwrap();
}

#[test]
fn a_stale_socket_is_replaced() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("stale");
        leave_stale(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let _near = UnixStream::connect(&path).await.unwrap();
        listener.accept().await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_file_at_the_path_is_an_error_and_left_alone() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("file");
        fs::write(&path, "precious").unwrap();
        let error = UnixListener::bind(&path).unwrap_err();
        assert_eq!(path_error(&error), Some(PathError::NotASocket(path.clone())));
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");

        // A link is no socket either, whatever it leads to.
        let stale = folder.join("stale");
        let link = folder.join("link");
        leave_stale(&stale);
        std::os::unix::fs::symlink(&stale, &link).unwrap();
        let error = UnixListener::bind(&link).unwrap_err();
        assert_eq!(path_error(&error), Some(PathError::NotASocket(link.clone())));
        assert!(link.exists() && stale.exists());
    })
    .unwrap();
}

#[test]
fn a_path_at_which_somebody_listens_is_an_error_and_left_alone() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("alive");
        let first = UnixListener::bind(&path).unwrap();
        let error = UnixListener::bind(&path).unwrap_err();
        assert_eq!(path_error(&error), Some(PathError::InUse(path.clone())));
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        // That was found out by a connection.
        first.accept().await.unwrap();
        let _near = UnixStream::connect(&path).await.unwrap();
        first.accept().await.unwrap();
    })
    .unwrap();
}

#[test]
fn the_path_is_removed_at_close() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        assert!(path.exists());
        drop(listener);
        assert!(!path.exists());

        let taken_over = UnixListener::from_std(std_unix::UnixListener::bind(&path).unwrap()).unwrap();
        drop(taken_over);
        assert!(!path.exists());
    })
    .unwrap();
}

#[test]
fn the_path_stays_if_somebody_replaced_it() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let first = UnixListener::bind(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let second = UnixListener::bind(&path).unwrap();
        drop(first);
        let _near = UnixStream::connect(&path).await.unwrap();
        second.accept().await.unwrap();

        // Gone, it is not missed.
        fs::remove_file(&path).unwrap();
        drop(second);
    })
    .unwrap();
}

#[test]
fn the_path_stays_if_it_is_to_be_kept() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        listener.keep_path();
        drop(listener);
        assert!(path.exists());
    })
    .unwrap();
}

#[test]
fn a_path_that_can_be_none_is_an_error() {
    everloop::run(async {
        for path in ["", "with\0nul"] {
            let error = UnixListener::bind(path).unwrap_err();
            assert_eq!(path_error(&error), Some(PathError::Malformed));
            let error = UnixStream::connect(path).await.unwrap_err();
            assert_eq!(path_error(&error), Some(PathError::Malformed));
        }
        let long = "x".repeat(1000);
        assert_eq!(UnixListener::bind(long).unwrap_err().kind(), ErrorKind::InvalidInput);
    })
    .unwrap();
}

#[test]
fn connecting_where_nobody_listens_is_refused() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("nobody");
        assert_eq!(UnixStream::connect(&path).await.unwrap_err().kind(), ErrorKind::NotFound);
        leave_stale(&path);
        assert_eq!(UnixStream::connect(&path).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    })
    .unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_waits_for_a_place_in_the_line() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("narrow");
        let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
        socket.bind(&socket2::SockAddr::unix(&path).unwrap()).unwrap();
        socket.listen(0).unwrap();
        let listener = UnixListener::from_std(socket.into()).unwrap();
        let _first = UnixStream::connect(&path).await.unwrap();
        let second = create_task({
            let path = path.clone();
            async move { UnixStream::connect(path).await.unwrap() }
        });
        for _ in 0..10 {
            everloop::sleep(everloop::Duration::from_millis(1)).await;
        }
        assert!(!second.done());
        listener.accept().await.unwrap();
        second.await.unwrap();
        listener.accept().await.unwrap();
    })
    .unwrap();
}

#[test]
fn an_accept_that_is_dropped_loses_no_client() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        assert!(poll_once(listener.accept()).await.is_none());
        let mut near = UnixStream::connect(&path).await.unwrap();
        let mut far = listener.accept().await.unwrap();
        near.write_all(b"x").await.unwrap();
        far.read_exact(&mut [0]).await.unwrap();
    })
    .unwrap();
}

#[test]
fn an_abort_is_seen_by_both_halves_and_by_the_peer() {
    everloop::run(async {
        let (near, mut far) = UnixStream::pair().unwrap();
        let (mut reader, mut writer) = near.split();
        let reading = create_task(async move { reader.read(&mut [0; 8]).await });
        yield_now().await;
        writer.abort();
        assert_eq!(reading.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(writer.write(b"x").await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn of_many_who_start_at_a_stale_path_at_once_one_gets_it() {
    const STARTERS: usize = 4;
    let folder = Folder::new();
    for round in 0..many(300) {
        let path = folder.join(&format!("socket{round}"));
        leave_stale(&path);
        let starting = Barrier::new(STARTERS);
        let done = Barrier::new(STARTERS);
        let start = || {
            everloop::run(async {
                starting.wait();
                let listener = UnixListener::bind(&path);
                // Nobody goes before all have tried.
                done.wait();
                match listener {
                    Ok(_) => true,
                    Err(error) => {
                        assert_eq!(path_error(&error), Some(PathError::InUse(path.clone())));
                        false
                    }
                }
            })
            .unwrap()
        };
        let winners = thread::scope(|scope| {
            let starters: Vec<_> = (0..STARTERS).map(|_| scope.spawn(start)).collect();
            starters.into_iter().map(|starter| starter.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(winners, 1);
    }
}

#[test]
fn input_that_came_since_the_last_look_does_not_reset_what_was_written() {
    everloop::run(async {
        let (mut near, mut far) = UnixStream::pair().unwrap();
        far.write_all(b"head").await.unwrap();
        assert_eq!(near.read(&mut [0; 16]).await.unwrap(), 4);
        far.write_all(b"body").await.unwrap();
        near.write_all(b"answer").await.unwrap();
        drop(near);
        let mut heard = [0; 16];
        assert_eq!(far.read(&mut heard).await.unwrap(), 6);
        assert_eq!(far.read(&mut heard).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn nothing_is_read_after_shutdown_of_reading() {
    everloop::run(async {
        let (mut near, _far) = UnixStream::pair().unwrap();
        assert!(poll_once(near.read(&mut [0; 8])).await.is_none());
        near.shutdown(Shutdown::Read).unwrap();
        assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn outside_a_loop_it_is_an_error_that_takes_no_path() {
    let folder = Folder::new();
    let path = folder.join("socket");
    let error = UnixListener::bind(&path).unwrap_err();
    assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&ReactorError::NoRunningLoop));
    assert!(!path.exists());
}
