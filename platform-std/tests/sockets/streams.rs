//! Streams over sockets: what is written goes out by itself, and what becomes of it at the end.
#![allow(missing_docs)]

use std::io::{ErrorKind, Read as _, Write as _};
use std::rc::Rc;
use std::thread;

use crate::support::server::started;
use crate::support::{pair, pair_with_std};
use everloop::embedded_io_async::Read;
use everloop::net::{DEFAULT_LIMIT, SocketReader, SocketWriter};
use everloop::{Duration, catch_cancel, create_task, open_connection, sleep};

/// More than the kernel takes at once.
const MANY: usize = 16 << 20;

#[test]
fn what_is_written_goes_out_without_a_drain() {
    everloop::run(async {
        let (near, mut far) = pair_with_std().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        writer.write(&vec![7; MANY]).unwrap();
        assert!(writer.pending() > 0);
        let far = everloop::to_thread(move || {
            let mut all = vec![0; MANY];
            far.read_exact(&mut all).unwrap();
            all.iter().all(|byte| *byte == 7)
        });
        assert!(far.await);
        assert_eq!(writer.pending(), 0);
    })
    .unwrap();
}

#[test]
fn dropped_or_closed_it_sends_the_rest_and_the_peer_reads_the_end() {
    everloop::run(async {
        for closes in [false, true] {
            let (near, mut far) = pair_with_std().await;
            let (reader, writer) = near.buffered(DEFAULT_LIMIT);
            writer.write(&vec![7; MANY]).unwrap();
            if closes {
                writer.close();
            }
            drop((reader, writer));
            let far = everloop::to_thread(move || far.read_to_end(&mut Vec::new()).unwrap());
            assert_eq!(far.await, MANY);
        }
    })
    .unwrap();
}

#[test]
fn the_task_that_wrote_may_be_cancelled() {
    everloop::run(async {
        let (near, mut far) = pair_with_std().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        let task = create_task(async move {
            writer.write(&vec![7; MANY]).unwrap();
            writer.close();
            writer.wait_closed().await.unwrap();
        });
        sleep(Duration::from_millis(1)).await;
        task.cancel();
        assert!(task.await.is_err());
        let far = everloop::to_thread(move || far.read_to_end(&mut Vec::new()).unwrap());
        assert_eq!(far.await, MANY);
    })
    .unwrap();
}

#[test]
fn a_cleanup_at_the_end_of_the_run_may_wait_for_it() {
    let far = everloop::run(async {
        let (near, mut far) = pair_with_std().await;
        create_task(async move {
            let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
            writer.write(&vec![7; MANY]).unwrap();
            let Err(cancelled) = catch_cancel(sleep(Duration::from_secs(3600))).await else { panic!() };
            writer.write(b"bye").unwrap();
            writer.close();
            writer.wait_closed().await.unwrap();
            cancelled.resume().await;
        });
        everloop::yield_now().await;
        thread::spawn(move || far.read_to_end(&mut Vec::new()).unwrap())
    })
    .unwrap();
    assert_eq!(far.join().unwrap(), MANY + 3);
}

#[test]
fn a_peer_that_reads_nothing_does_not_keep_the_run_from_its_end() {
    let _far = everloop::run(async {
        let (near, far) = pair_with_std().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        writer.write(&vec![7; MANY]).unwrap();
        writer.close();
        far
    })
    .unwrap();
}

#[test]
fn the_end_comes_behind_what_was_written_and_reading_goes_on() {
    everloop::run(async {
        let (near, mut far) = pair_with_std().await;
        let (mut reader, writer) = near.buffered(DEFAULT_LIMIT);
        writer.write(&vec![7; MANY]).unwrap();
        writer.write_eof();
        let far = everloop::to_thread(move || {
            let count = far.read_to_end(&mut Vec::new()).unwrap();
            far.write_all(b"got it\n").unwrap();
            count
        });
        assert_eq!(far.await, MANY);
        assert_eq!(reader.readline().await.unwrap(), b"got it\n");
    })
    .unwrap();
}

#[test]
fn closed_the_reader_reads_the_end() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        let (mut reader, writer) = near.buffered(DEFAULT_LIMIT);
        let reading = create_task(async move { reader.readline().await.map(<[u8]>::to_vec) });
        everloop::yield_now().await;
        writer.write(b"last words").unwrap();
        writer.close();
        writer.wait_closed().await.unwrap();
        assert_eq!(reading.await.unwrap().unwrap(), b"");
        let mut heard = [0; 16];
        assert_eq!(far.read(&mut heard).await.unwrap(), 10);
        assert_eq!(far.read(&mut heard).await.unwrap(), 0);
        assert!(writer.is_closing());
    })
    .unwrap();
}

#[test]
fn closed_with_unread_input_it_is_closed_in_good_order() {
    everloop::run(async {
        let (near, mut far) = pair_with_std().await;
        let (mut reader, writer) = near.buffered(DEFAULT_LIMIT);
        far.write_all(b"one\ntwo\n").unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"one\n");
        far.write_all(b"never read").unwrap();
        sleep(Duration::from_millis(5)).await;
        writer.close();
        writer.wait_closed().await.unwrap();
        assert_eq!(far.read(&mut [0]).unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn closed_with_input_that_the_loop_did_not_look_at_it_is_closed_in_good_order() {
    everloop::run(async {
        let (near, mut far) = pair_with_std().await;
        let (mut reader, writer) = near.buffered(DEFAULT_LIMIT);
        far.write_all(b"one\n").unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"one\n");
        far.write_all(b"never read").unwrap();
        writer.write(b"bye").unwrap();
        writer.close();
        writer.wait_closed().await.unwrap();
        let mut heard = Vec::new();
        far.read_to_end(&mut heard).unwrap();
        assert_eq!(heard, b"bye");
    })
    .unwrap();
}

#[test]
fn a_reset_is_told_by_drain() {
    everloop::run(async {
        let (near, far) = pair().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        far.abort();
        let error = loop {
            writer.write(&[7; 4096]).unwrap();
            if let Err(error) = writer.drain().await {
                break error;
            }
            everloop::yield_now().await;
        };
        assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error:?}");
        assert_eq!(writer.wait_closed().await.unwrap_err().kind(), error.kind());
    })
    .unwrap();
}

#[test]
fn a_closed_writer_tells_its_drainers_so() {
    everloop::run(async {
        let (near, _far) = pair().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        writer.close();
        writer.wait_closed().await.unwrap();
        assert!(writer.write(b"data").is_err());
        assert_eq!(writer.drain().await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    })
    .unwrap();
}

#[test]
fn extra_info_tells_both_names_and_lends_the_socket() {
    everloop::run(async {
        let (near, far) = pair().await;
        let (names, far_names) =
            ((near.local_addr().unwrap(), near.peer_addr().unwrap()), far.local_addr().unwrap());
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        let info = writer.get_extra_info();
        assert_eq!((info.sockname(), info.peername()), (Some(&names.0), Some(&names.1)));
        assert_eq!(info.peername(), Some(&far_names));
        info.socket().set_nodelay(false).unwrap();
        assert!(!info.socket().nodelay().unwrap());
        // They are told after the peer has gone, too.
        far.abort();
        writer.close();
        assert_eq!(writer.get_extra_info().peername(), Some(&names.1));
    })
    .unwrap();
}

#[test]
fn several_tasks_share_a_writer() {
    everloop::run(async {
        let (near, mut far) = pair_with_std().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        let writer = Rc::new(writer);
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let writer = Rc::clone(&writer);
                create_task(async move {
                    for _ in 0..10 {
                        writer.write(&[7; 200_000]).unwrap();
                        writer.drain().await.unwrap();
                    }
                })
            })
            .collect();
        let far = create_task(everloop::to_thread(move || far.read_to_end(&mut Vec::new()).unwrap()));
        for task in tasks {
            task.await.unwrap();
        }
        writer.close();
        assert_eq!(far.await.unwrap(), 8_000_000);
    })
    .unwrap();
}

#[test]
fn a_server_waits_for_what_is_still_being_sent() {
    everloop::run(async {
        let (server, address) = started(async |_reader: SocketReader, writer: SocketWriter| {
            writer.write(&vec![7; MANY]).unwrap();
        })
        .await;
        let (mut reader, _writer) = open_connection(address).await.unwrap();
        let mut all = Vec::new();
        reader.read_to_end(&mut all).await.unwrap();
        assert_eq!(all.len(), MANY);
        server.close();
        server.wait_closed().await;
    })
    .unwrap();
}
