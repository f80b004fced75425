//! Sockets by the traits of `futures-io`, and through the adapters of `futures`.
#![allow(missing_docs)]

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use crate::support::{many, pair, poll_once};
use everloop::net::Kind;
use everloop::net::{StreamSocket, TcpStream};
use everloop::{Duration, create_task, gather, wait_for};
use futures_util::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

/// More than the kernel takes at once, so that both sides wait.
const BULK: usize = 8 << 20;

async fn there_and_back<K: Kind>(near: StreamSocket<K>, far: StreamSocket<K>) {
    let sent: Vec<u8> = (0..many(BULK) as u32).map(|i| (i ^ (i >> 8)) as u8).collect();
    let (mut far_reader, mut far_writer) = far.split();
    let echo = create_task(async move {
        let count = futures_util::io::copy(&mut far_reader, &mut far_writer).await.unwrap();
        far_writer.close().await.unwrap();
        count
    });
    let (mut reader, mut writer) = near.split();
    let mut heard = Vec::new();
    let (sending, hearing) = gather((
        async {
            writer.write_all(&sent).await?;
            writer.flush().await?;
            writer.close().await
        },
        reader.read_to_end(&mut heard),
    ))
    .await;
    sending.unwrap().unwrap();
    assert_eq!(hearing.unwrap().unwrap(), many(BULK));
    assert!(heard == sent);
    assert_eq!(echo.await.unwrap(), many(BULK) as u64);
}

#[test]
fn bytes_go_there_and_back_through_both_halves_of_tcp() {
    everloop::run(async {
        let (near, far) = pair().await;
        there_and_back(near, far).await;
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn bytes_go_there_and_back_through_both_halves_of_a_unix_socket() {
    use everloop::net::{UnixListener, UnixStream};
    let folder = crate::support::Folder::new();
    everloop::run(async {
        let listener = UnixListener::bind(folder.join("socket")).unwrap();
        let near = UnixStream::connect(folder.join("socket")).await.unwrap();
        there_and_back(near, listener.accept().await.unwrap()).await;
    })
    .unwrap();
}

#[test]
fn a_whole_stream_may_wait_to_read_and_to_write_at_once() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        let (mut reader, mut writer) = AsyncReadExt::split(near);
        let flood = create_task(async move {
            writer.write_all(&vec![7; BULK]).await.unwrap();
            writer
        });
        // It is woken to read, while the other direction still waits for room.
        let mut answer = [0; 3];
        let (heard, wrote) = gather((reader.read_exact(&mut answer), far.write_all(b"yes"))).await;
        heard.unwrap().unwrap();
        wrote.unwrap().unwrap();
        assert_eq!(&answer, b"yes");
        assert!(!flood.done());
        let mut rest = vec![0; BULK];
        far.read_exact(&mut rest).await.unwrap();
        flood.await.unwrap();
    })
    .unwrap();
}

#[test]
fn lines_are_read_through_a_buffer_of_another_crate() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        far.write_all(b"one\ntwo\n").await.unwrap();
        far.close().await.unwrap();
        let mut near = BufReader::new(near);
        let mut line = String::new();
        near.read_line(&mut line).await.unwrap();
        assert_eq!(line, "one\n");
        line.clear();
        near.read_line(&mut line).await.unwrap();
        assert_eq!(line, "two\n");
        assert_eq!(near.read_line(&mut line).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn several_pieces_go_in_one_call_and_come_in_one() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        let pieces = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
        assert_eq!(near.write_vectored(&pieces).await.unwrap(), 5);
        let (mut first, mut second) = ([0; 1], [0; 9]);
        let mut room = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        assert_eq!(far.read_vectored(&mut room).await.unwrap(), 5);
        assert_eq!((&first, &second[..4]), (b"a", b"bcde".as_slice()));
        // Nothing to write, or no room to read into, is done at once.
        assert_eq!(near.write_vectored(&[IoSlice::new(b"")]).await.unwrap(), 0);
        assert_eq!(far.read_vectored(&mut [IoSliceMut::new(&mut [])]).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn a_close_ends_what_is_written_and_leaves_reading() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        near.close().await.unwrap();
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
        far.write_all(b"still").await.unwrap();
        let mut heard = [0; 5];
        near.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"still");
        assert_eq!(near.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    })
    .unwrap();
}

#[test]
fn a_close_where_the_connection_has_ended_is_no_error() {
    everloop::run(async {
        let (mut near, far) = pair().await;
        far.abort();
        let error = near.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        near.close().await.unwrap();
        near.close().await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_read_that_is_given_up_takes_no_byte() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        let mut buf = [0; 4];
        assert!(poll_once(AsyncReadExt::read(&mut near, &mut buf)).await.is_none());
        assert!(wait_for(AsyncReadExt::read(&mut near, &mut buf), Duration::from_millis(1)).await.is_err());
        far.write_all(b"word").await.unwrap();
        near.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"word");
    })
    .unwrap();
}

#[test]
fn of_those_who_poll_in_turn_the_last_is_woken() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        let mut near = pin!(near);
        let mut buf = [0; 4];
        // The task that polls first passes the stream on.
        let mut elsewhere = Context::from_waker(Waker::noop());
        assert!(AsyncRead::poll_read(near.as_mut(), &mut elsewhere, &mut buf).is_pending());
        let writing = create_task(async move {
            far.write_all(b"word").await.unwrap();
            far
        });
        poll_fn(|cx| AsyncRead::poll_read(near.as_mut(), cx, &mut buf)).await.unwrap();
        assert_eq!(&buf, b"word");
        writing.await.unwrap();
    })
    .unwrap();
}

#[test]
fn waiting_in_no_loop_is_an_error_that_says_so() {
    let (mut near, far) = everloop::run(pair()).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Err(error)) = AsyncRead::poll_read(Pin::new(&mut near), &mut cx, &mut [0]) else {
        panic!("it waits for a loop that is gone")
    };
    assert!(error.to_string().contains("loop"), "{error}");
    drop(far);
}

#[test]
fn a_busy_stream_lets_other_tasks_run() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        far.write_all(&[0; 4096]).await.unwrap();
        let other = create_task(async {});
        let mut near: TcpStream = near;
        for _ in 0..4096 {
            near.read_exact(&mut [0]).await.unwrap();
        }
        assert!(other.done());
    })
    .unwrap();
}

/// The bounds that other crates ask for.
#[test]
fn streams_need_no_pinning() {
    fn stream<T: AsyncRead + AsyncWrite + Unpin>() {}
    stream::<TcpStream>();
}
