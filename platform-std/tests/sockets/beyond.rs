//! What a read takes from the kernel beyond its buffer: nobody is to notice, but for fewer calls of the system.
#![allow(missing_docs)]

use std::future::poll_fn;
use std::io::{ErrorKind, IoSliceMut, Write as _};
use std::rc::Rc;

use crate::support::server::started;
use crate::support::{many, pair, pair_with_std, poll_once};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectionWriter, SocketReader, SocketWriter, TcpStream};
use everloop::{Duration, Event, create_task, sleep, wait_for};

/// A connection with `text` in it, of which the first byte was read, and with the rest of it what came behind.
async fn begun(text: &str) -> (TcpStream, TcpStream) {
    let (mut near, mut far) = pair().await;
    far.write_all(text.as_bytes()).await.unwrap();
    let mut first = [0];
    near.read_exact(&mut first).await.unwrap();
    assert_eq!(first[0], text.as_bytes()[0]);
    (near, far)
}

#[test]
fn what_had_no_room_is_the_next_reads() {
    everloop::run(async {
        let (mut near, _far) = begun("abcdefghijkl").await;
        let mut buf = [0; 4];
        assert_eq!(poll_once(near.read(&mut buf)).await.unwrap().unwrap(), 4);
        assert_eq!(&buf, b"bcde");
        let (mut one, mut two) = ([0; 1], [0; 2]);
        let read = poll_fn(|cx| {
            let pieces =
                &mut [IoSliceMut::new(&mut one), IoSliceMut::new(&mut []), IoSliceMut::new(&mut two)];
            near.poll_read_vectored(cx, pieces)
        });
        assert_eq!(poll_once(read).await.unwrap().unwrap(), 3);
        assert_eq!((&one, &two), (b"f", b"gh"));
        let (mut reader, _writer) = near.split();
        assert_eq!(poll_once(poll_fn(|cx| reader.poll_read(cx, &mut buf[..1]))).await.unwrap().unwrap(), 1);
        assert_eq!(buf[0], b'i');
        let mut buf = [0; 16];
        assert_eq!(reader.read(&mut buf).await.unwrap(), 3);
        assert_eq!(&buf[..3], b"jkl");
        assert!(poll_once(reader.read(&mut buf)).await.is_none());
    })
    .unwrap();
}

#[test]
fn more_pieces_than_the_system_takes_lose_nothing() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        let total = 20_000;
        far.write_all(&vec![7; total]).await.unwrap();
        let mut room = vec![0; total];
        let mut heard = 0;
        while heard < total {
            let mut pieces: Vec<_> = room.chunks_mut(8).map(IoSliceMut::new).collect();
            pieces.splice(0..0, (0..2_000).map(|_| IoSliceMut::new(&mut [])));
            let read = poll_fn(|cx| near.poll_read_vectored(cx, &mut pieces));
            let count = wait_for(read, Duration::from_secs(10)).await.expect("it is there").unwrap();
            assert!(count > 0, "it has not ended");
            heard += count;
        }
        assert_eq!(heard, total);
    })
    .unwrap();
}

#[test]
fn what_comes_later_is_read_after_it() {
    everloop::run(async {
        let (mut near, mut far) = begun("abc").await;
        far.write_all(b"def").await.unwrap();
        sleep(Duration::from_millis(5)).await;
        let mut buf = [0; 5];
        near.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"bcdef");
        let later = create_task(async move {
            sleep(Duration::from_millis(5)).await;
            far.write_all(b"g").await.unwrap();
        });
        assert_eq!(near.read(&mut buf).await.unwrap(), 1);
        assert_eq!(buf[0], b'g');
        later.await.unwrap();
    })
    .unwrap();
}

#[test]
fn the_end_comes_after_it() {
    everloop::run(async {
        let (mut near, far) = begun("abcd").await;
        drop(far);
        sleep(Duration::from_millis(5)).await;
        let mut buf = [0; 2];
        assert_eq!(near.read(&mut buf).await.unwrap(), 2);
        assert_eq!(near.read(&mut buf).await.unwrap(), 1);
        assert_eq!(near.read(&mut buf).await.unwrap(), 0);
        assert_eq!(near.read(&mut buf).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn a_read_to_the_end_may_be_cut_anywhere() {
    everloop::run(async {
        let total = many(300_000);
        let sent: Vec<u8> = (0..total as u32).map(|i| (i ^ (i >> 8)) as u8).collect();
        let (mut near, mut far) = pair_with_std().await;
        let expected = sent.clone();
        let sender = std::thread::spawn(move || {
            for piece in sent.chunks(7_919) {
                far.write_all(piece).unwrap();
            }
        });
        let mut heard = Vec::new();
        let mut buf = vec![0; 20_000];
        for size in (1..).map(|step: usize| step * step * 37 % 19_997 % (1 + step * 13 % 12_000) + 1) {
            match near.read(&mut buf[..size]).await.unwrap() {
                0 => break,
                count => heard.extend_from_slice(&buf[..count]),
            }
        }
        sender.join().unwrap();
        assert!(heard == expected);
    })
    .unwrap();
}

#[test]
fn after_an_abort_it_is_gone() {
    everloop::run(async {
        let (near, _far) = begun("abc").await;
        let (mut reader, mut writer) = near.split();
        writer.abort();
        assert_eq!(reader.read(&mut [0; 1]).await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    })
    .unwrap();
}

#[test]
fn after_a_close_of_the_clients_it_is_gone() {
    everloop::run(async {
        let (told, ended): (Rc<Event>, Rc<Event>) = Default::default();
        let (tell, end) = (told.clone(), ended.clone());
        let (server, address) = started(async move |reader: SocketReader, _writer: SocketWriter| {
            let mut reader = reader.into_inner().0;
            reader.read_exact(&mut [0]).await.unwrap();
            tell.set();
            sleep(Duration::from_millis(5)).await;
            assert_eq!(reader.read(&mut [0]).await.unwrap(), 0);
            end.set();
        })
        .await;
        let mut near = TcpStream::connect(address).await.unwrap();
        near.write_all(b"abc").await.unwrap();
        told.wait().await;
        server.close_clients();
        ended.wait().await;
        assert_eq!(near.read(&mut [0]).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn a_read_that_is_dropped_takes_none_of_it() {
    everloop::run(async {
        let (mut near, _far) = begun("abc").await;
        let mut buf = [0; 2];
        drop(near.read(&mut buf));
        near.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"bc");
    })
    .unwrap();
}
