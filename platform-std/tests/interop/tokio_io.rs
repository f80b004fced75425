//! Sockets by tokio's traits, and through its adapters, without a runtime of tokio's.
#![allow(missing_docs)]

use std::io::{ErrorKind, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::support::{pair, poll_once};
use everloop::net::{Kind, StreamSocket, TcpStream};
use everloop::{Duration, create_task, gather, wait_for};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf};

/// More than the kernel takes at once, so that both sides wait.
const BULK: usize = 8 << 20;

async fn there_and_back<K: Kind>(near: StreamSocket<K>, far: StreamSocket<K>) {
    let sent: Vec<u8> = (0..BULK as u32).map(|i| (i ^ (i >> 8)) as u8).collect();
    let (mut far_reader, mut far_writer) = far.split();
    let echo = create_task(async move {
        let count = tokio::io::copy(&mut far_reader, &mut far_writer).await.unwrap();
        far_writer.shutdown().await.unwrap();
        count
    });
    let (mut reader, mut writer) = near.split();
    // Without room of its own, so that it is read into memory that is not initialized.
    let mut heard = Vec::new();
    let (sending, hearing) = gather((
        async {
            writer.write_all(&sent).await?;
            writer.flush().await?;
            writer.shutdown().await
        },
        reader.read_to_end(&mut heard),
    ))
    .await;
    sending.unwrap().unwrap();
    assert_eq!(hearing.unwrap().unwrap(), BULK);
    assert!(heard == sent);
    assert_eq!(echo.await.unwrap(), BULK as u64);
}

#[test]
fn bytes_go_there_and_back_through_both_halves_of_tcp() {
    everloop::run(async {
        let (near, far) = pair().await;
        there_and_back(near, far).await;
    })
    .unwrap();
}

#[test]
fn what_an_earlier_read_took_beyond_its_buffer_comes_first() {
    use everloop::embedded_io_async::Read;
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        far.write_all(b"abcdef").await.unwrap();
        Read::read_exact(&mut near, &mut [0; 2]).await.unwrap();
        let mut heard = Vec::with_capacity(3);
        near.read_buf(&mut heard).await.unwrap();
        assert!(!heard.is_empty() && b"cdef".starts_with(&heard));
        AsyncWriteExt::shutdown(&mut far).await.unwrap();
        near.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"cdef");
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
fn two_connections_are_joined_in_both_directions() {
    everloop::run(async {
        let (mut client, mut inner) = pair().await;
        let (mut outer, mut server) = pair().await;
        let proxy =
            create_task(async move { tokio::io::copy_bidirectional(&mut inner, &mut outer).await.unwrap() });
        client.write_all(b"question").await.unwrap();
        AsyncWriteExt::shutdown(&mut client).await.unwrap();
        let mut heard = String::new();
        server.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "question");
        server.write_all(b"answer").await.unwrap();
        AsyncWriteExt::shutdown(&mut server).await.unwrap();
        heard.clear();
        client.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "answer");
        assert_eq!(proxy.await.unwrap(), (8, 6));
    })
    .unwrap();
}

#[test]
fn lines_are_read_through_a_buffer_of_another_crate() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        far.write_all(b"one\ntwo\n").await.unwrap();
        AsyncWriteExt::shutdown(&mut far).await.unwrap();
        let mut lines = BufReader::new(near).lines();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("one"));
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("two"));
        assert_eq!(lines.next_line().await.unwrap(), None);
    })
    .unwrap();
}

#[test]
fn a_buffer_is_filled_behind_what_it_holds() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        far.write_all(b"defghi").await.unwrap();
        let mut memory = [MaybeUninit::uninit(); 6];
        let mut buf = ReadBuf::uninit(&mut memory);
        buf.put_slice(b"abc");
        std::future::poll_fn(|cx| Pin::new(&mut near).poll_read(cx, &mut buf)).await.unwrap();
        assert_eq!(buf.filled(), b"abcdef");
        // No room is not the end.
        std::future::poll_fn(|cx| Pin::new(&mut near).poll_read(cx, &mut buf)).await.unwrap();
        assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 3);
    })
    .unwrap();
}

#[test]
fn several_pieces_go_in_one_call() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        assert!(near.is_write_vectored());
        let pieces = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
        assert_eq!(near.write_vectored(&pieces).await.unwrap(), 5);
        let mut heard = [0; 9];
        assert_eq!(far.read(&mut heard).await.unwrap(), 5);
        assert_eq!(&heard[..5], b"abcde");
    })
    .unwrap();
}

#[test]
fn a_shutdown_ends_what_is_written_and_leaves_reading() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        AsyncWriteExt::shutdown(&mut near).await.unwrap();
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
fn a_read_that_is_given_up_takes_no_byte() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        let mut buf = [0; 4];
        assert!(poll_once(near.read(&mut buf)).await.is_none());
        assert!(wait_for(near.read(&mut buf), Duration::from_millis(1)).await.is_err());
        far.write_all(b"word").await.unwrap();
        near.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"word");
    })
    .unwrap();
}

#[test]
fn waiting_in_no_loop_is_an_error_that_says_so() {
    let (mut near, far) = everloop::run(pair()).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let mut memory = [0; 8];
    let mut buf = ReadBuf::new(&mut memory);
    let Poll::Ready(Err(error)) = Pin::new(&mut near).poll_read(&mut cx, &mut buf) else {
        panic!("it waits for a loop that is gone")
    };
    assert!(error.to_string().contains("loop"), "{error}");
    drop(far);
}

/// The bounds that other crates ask for.
#[test]
fn streams_need_no_pinning() {
    fn stream<T: AsyncRead + AsyncWrite + Unpin>() {}
    stream::<TcpStream>();
}
