//! A `StreamWriter` that is sent for in the background.
#![cfg(all(feature = "alloc", feature = "std", not(loom)))]
#![allow(missing_docs)]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use embedded_io_async::{ErrorKind, ErrorType, Write};
use everloop_core::net::ConnectionWriter;
use everloop_core::stream::{Background, FlushError, LimitsError, WriteError};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Duration, Event, OpenLoop, OwnedLoop, StreamWriter, all_tasks, catch_cancel, create_task, sleep,
    wait_for, yield_now,
};

/// The other end.
#[derive(Default)]
pub(crate) struct Peer {
    /// So much it takes now.
    room: Cell<usize>,
    /// So much it takes in one write; all there is room for if 0.
    pub(crate) each: Cell<usize>,
    more: Event,
    pub(crate) got: RefCell<Vec<u8>>,
    /// How many pieces each write brought.
    writes: RefCell<Vec<usize>>,
    fails: Cell<Option<ErrorKind>>,
    /// What happened to the connection, in order.
    pub(crate) ends: RefCell<Vec<&'static str>>,
}

impl Peer {
    pub(crate) fn takes(&self, count: usize) {
        self.room.set(self.room.get() + count);
        self.more.set();
        self.more.clear();
    }

    fn fails(&self, error: ErrorKind) {
        self.fails.set(Some(error));
        self.takes(0);
    }

    fn got(&self) -> usize {
        self.got.borrow().len()
    }
}

pub(crate) struct Sink(Rc<Peer>);

impl Drop for Sink {
    fn drop(&mut self) {
        self.0.ends.borrow_mut().push("dropped");
    }
}

impl ErrorType for Sink {
    type Error = ErrorKind;
}

impl Write for Sink {
    async fn write(&mut self, data: &[u8]) -> Result<usize, ErrorKind> {
        self.write_vectored(&[data]).await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl ConnectionWriter for Sink {
    async fn write_eof(&mut self) -> Result<(), ErrorKind> {
        self.0.ends.borrow_mut().push("eof");
        Ok(())
    }

    fn abort(&mut self) {
        self.0.ends.borrow_mut().push("aborted");
    }

    async fn write_vectored(&mut self, pieces: &[&[u8]]) -> Result<usize, ErrorKind> {
        loop {
            if let Some(error) = self.0.fails.get() {
                return Err(error);
            }
            if self.0.room.get() > 0 {
                break;
            }
            self.0.more.wait().await;
        }
        let data = pieces.concat();
        let each = if self.0.each.get() == 0 { usize::MAX } else { self.0.each.get() };
        let count = data.len().min(self.0.room.get()).min(each);
        self.0.room.set(self.0.room.get() - count);
        self.0.got.borrow_mut().extend_from_slice(&data[..count]);
        self.0.writes.borrow_mut().push(pieces.len());
        Ok(count)
    }

    async fn close(&mut self) -> Result<(), ErrorKind> {
        self.0.ends.borrow_mut().push("closed");
        Ok(())
    }
}

pub(crate) type Writer = StreamWriter<Sink, Background>;

/// A writer to one that takes so much at once.
pub(crate) fn writer(room: usize) -> (Rc<Peer>, Writer) {
    let peer = Rc::new(Peer::default());
    peer.takes(room);
    (Rc::clone(&peer), StreamWriter::background(Sink(peer)))
}

pub(crate) fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

pub(crate) async fn turns(count: usize) {
    for _ in 0..count {
        yield_now().await;
    }
}

#[test]
fn what_is_taken_at_once_needs_no_task() {
    run(async {
        let (peer, writer) = writer(100);
        writer.write(b"hello").unwrap();
        assert_eq!(*peer.got.borrow(), b"hello");
        assert_eq!((writer.pending(), all_tasks().count()), (0, 1));
    });
}

#[test]
fn the_rest_goes_out_without_anybody_waiting() {
    run(async {
        let (peer, writer) = writer(3);
        writer.write(b"hello").unwrap();
        writer.write(b" world").unwrap();
        assert_eq!((peer.got(), writer.pending()), (3, 8));
        peer.takes(4);
        turns(3).await;
        assert_eq!((peer.got(), writer.pending()), (7, 4));
        peer.takes(100);
        turns(3).await;
        assert_eq!(*peer.got.borrow(), b"hello world");
        // The task is gone with the last byte.
        assert_eq!((writer.pending(), all_tasks().count()), (0, 1));
        writer.write(b"!").unwrap();
        assert_eq!(peer.got(), 12);
    });
}

#[test]
fn lines_are_written_together() {
    run(async {
        let (peer, writer) = writer(100);
        writer.writelines(&["one\n", "", "two\n"]).unwrap();
        assert_eq!(*peer.writes.borrow(), [2]);
        let many: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        writer.writelines(&many).unwrap();
        assert_eq!(*peer.writes.borrow(), [2, 16, 16, 8]);
        assert_eq!(*peer.got.borrow(), format!("one\ntwo\n{}", many.concat()).as_bytes());
        writer.writelines(&[[0; 0]; 0]).unwrap();
    });
}

#[test]
fn order_is_kept_however_it_is_cut() {
    run(async {
        let (peer, writer) = writer(0);
        let mut expected = Vec::new();
        for round in 0..if cfg!(miri) { 40 } else { 200_usize } {
            let data: Vec<u8> = (0..round * 7 % 97).map(|byte| (byte + round) as u8).collect();
            let (left, right) = data.split_at(data.len() / 3);
            writer.writelines(&[left, right]).unwrap();
            expected.extend(data);
            peer.takes(round % 31);
            turns(round % 3).await;
        }
        peer.takes(usize::MAX / 2);
        turns(5).await;
        assert!(*peer.got.borrow() == expected);
        assert_eq!(writer.pending(), 0);
    });
}

#[test]
fn drain_waits_only_above_the_high_water_mark_and_until_the_low_one() {
    run(async {
        let (peer, writer) = writer(0);
        assert_eq!(writer.get_write_buffer_limits(), (16 * 1024, 64 * 1024));
        writer.set_write_buffer_limits(Some(100), Some(40)).unwrap();
        writer.write(&[0; 100]).unwrap();
        assert!(wait_for(writer.drain(), Duration::from_secs(1)).await.is_ok());
        writer.write(&[0; 1]).unwrap();
        assert!(wait_for(writer.drain(), Duration::from_secs(1)).await.is_err());
        peer.takes(60);
        assert!(wait_for(writer.drain(), Duration::from_secs(1)).await.is_err());
        peer.takes(1);
        assert_eq!(writer.drain().await, Ok(()));
        assert_eq!(writer.pending(), 40);
    });
}

#[test]
fn every_drainer_is_released() {
    run(async {
        let (peer, writer) = writer(0);
        let writer = Rc::new(writer);
        writer.write(&[0; 100_000]).unwrap();
        let drained = Rc::new(Cell::new(0));
        for _ in 0..10 {
            let (writer, drained) = (Rc::clone(&writer), Rc::clone(&drained));
            create_task(async move {
                writer.drain().await.unwrap();
                drained.set(drained.get() + 1);
            });
        }
        turns(3).await;
        assert_eq!(drained.get(), 0);
        peer.takes(90_000);
        turns(4).await;
        assert_eq!(drained.get(), 10);
    });
}

#[test]
fn limits_follow_from_one_another_and_low_is_not_above_high() {
    run(async {
        let (_peer, writer) = writer(0);
        writer.set_write_buffer_limits(Some(100), None).unwrap();
        assert_eq!(writer.get_write_buffer_limits(), (25, 100));
        writer.set_write_buffer_limits(None, Some(100)).unwrap();
        assert_eq!(writer.get_write_buffer_limits(), (100, 400));
        let error = LimitsError { low: 5, high: 4 };
        assert_eq!(writer.set_write_buffer_limits(Some(4), Some(5)), Err(error));
        writer.set_write_buffer_limits(None, None).unwrap();
        assert_eq!(writer.get_write_buffer_limits(), (16 * 1024, 64 * 1024));
        // Zero: every byte must be gone.
        writer.set_write_buffer_limits(Some(0), None).unwrap();
        writer.write(b"x").unwrap();
        assert!(wait_for(writer.drain(), Duration::from_secs(1)).await.is_err());
    });
}

#[test]
fn the_end_is_sent_behind_what_is_buffered() {
    run(async {
        let (peer, writer) = writer(2);
        writer.write(b"hello").unwrap();
        writer.write_eof();
        writer.write_eof();
        assert_eq!(writer.write(b"more"), Err(WriteError::AfterEof));
        assert_eq!(writer.writelines(&[b"more"]), Err(WriteError::AfterEof));
        assert!(peer.ends.borrow().is_empty());
        peer.takes(3);
        turns(3).await;
        assert_eq!((peer.got(), &**peer.ends.borrow()), (5, &["eof"][..]));
        // Reading goes on, so it is not closed.
        assert!(!writer.is_closing());
        writer.drain().await.unwrap();
    });
}

#[test]
fn close_sends_what_is_buffered_first() {
    run(async {
        let (peer, writer) = writer(2);
        writer.write(b"hello").unwrap();
        assert!(!writer.is_closing());
        writer.close();
        writer.close();
        assert!(writer.is_closing());
        assert_eq!(writer.write(b"more"), Err(WriteError::Closed));
        assert!(wait_for(writer.wait_closed(), Duration::from_secs(1)).await.is_err());
        peer.takes(3);
        writer.wait_closed().await.unwrap();
        assert_eq!((peer.got(), &**peer.ends.borrow()), (5, &["closed", "dropped"][..]));
        assert_eq!(writer.wait_closed().await, Ok(()));
        assert_eq!(writer.drain().await, Err(FlushError::Closed));
        assert_eq!(writer.write(b"more"), Err(WriteError::Closed));
    });
}

#[test]
fn with_nothing_buffered_close_is_done_at_once() {
    run(async {
        let (peer, writer) = writer(0);
        writer.close();
        assert_eq!(*peer.ends.borrow(), ["closed", "dropped"]);
        writer.write_eof();
        assert_eq!(writer.wait_closed().await, Ok(()));
    });
}

#[test]
fn dropped_it_still_sends_what_was_written() {
    run(async {
        let (peer, writer) = writer(2);
        writer.write(b"hello").unwrap();
        drop(writer);
        turns(2).await;
        assert!(peer.ends.borrow().is_empty());
        peer.takes(3);
        turns(3).await;
        assert_eq!((peer.got(), &**peer.ends.borrow()), (5, &["dropped"][..]));
    });
}

#[test]
fn a_failure_is_told_by_drain_and_wait_closed_to_all_and_not_by_write() {
    run(async {
        let (peer, writer) = writer(0);
        let writer = Rc::new(writer);
        writer.write(&[0; 100_000]).unwrap();
        let drainers: Vec<_> = (0..2)
            .map(|_| {
                let writer = Rc::clone(&writer);
                create_task(async move { writer.drain().await })
            })
            .collect();
        turns(2).await;
        peer.fails(ErrorKind::ConnectionReset);
        let failed = Err(FlushError::Io(Rc::new(ErrorKind::ConnectionReset)));
        for drainer in drainers {
            assert_eq!(drainer.await.unwrap(), failed);
        }
        assert!(writer.is_closing());
        assert_eq!(writer.pending(), 0);
        assert_eq!(writer.write(b"lost"), Ok(()));
        assert_eq!((writer.drain().await, writer.wait_closed().await), (failed.clone(), failed.clone()));
        writer.close();
        assert_eq!(writer.wait_closed().await, failed);
        assert_eq!(*peer.ends.borrow(), ["dropped"]);
    });
}

#[test]
fn a_write_that_fails_at_once_is_told_by_drain() {
    run(async {
        let (peer, writer) = writer(0);
        peer.fails(ErrorKind::BrokenPipe);
        assert_eq!(writer.write(b"lost"), Ok(()));
        assert_eq!(writer.drain().await, Err(FlushError::Io(Rc::new(ErrorKind::BrokenPipe))));
    });
}

#[test]
fn aborted_it_drops_what_was_not_sent() {
    run(async {
        let (peer, writer) = writer(2);
        writer.write(b"hello").unwrap();
        writer.close();
        writer.abort();
        writer.wait_closed().await.unwrap();
        assert_eq!((peer.got(), &**peer.ends.borrow()), (2, &["aborted", "dropped"][..]));
        assert_eq!(writer.write(b"more"), Err(WriteError::Closed));
    });
}

#[test]
fn cancelling_every_task_does_not_keep_it_from_going_out() {
    run(async {
        let (peer, writer) = writer(2);
        writer.write(b"hello").unwrap();
        for _ in 0..3 {
            for task in all_tasks().filter(|task| task.name() == Some("stream writer")) {
                assert!(task.cancel());
            }
            turns(2).await;
        }
        peer.takes(3);
        turns(3).await;
        assert_eq!((peer.got(), writer.pending()), (5, 0));
    });
}

#[test]
fn a_cancelled_drain_loses_nothing() {
    run(async {
        let (peer, writer) = writer(2);
        let writer = Rc::new(writer);
        let task = create_task({
            let writer = Rc::clone(&writer);
            async move {
                writer.write(&[7; 100_000]).unwrap();
                writer.drain().await
            }
        });
        turns(2).await;
        task.cancel();
        assert!(task.await.is_err());
        peer.takes(usize::MAX / 2);
        turns(4).await;
        assert_eq!((peer.got(), writer.pending()), (100_000, 0));
    });
}

#[test]
fn what_a_cleanup_writes_at_the_end_of_a_run_goes_out() {
    let (peer, writer) = writer(2);
    run(async {
        let peer = Rc::clone(&peer);
        create_task(async move {
            // It is being sent when the run ends.
            writer.write(b"hello").unwrap();
            let Err(cancelled) = catch_cancel(sleep(Duration::from_secs(3600))).await else { panic!() };
            writer.write(b" bye").unwrap();
            writer.close();
            sleep(Duration::from_secs(1)).await;
            peer.takes(100);
            writer.wait_closed().await.unwrap();
            cancelled.resume().await;
        });
        turns(2).await;
    });
    assert_eq!(*peer.got.borrow(), b"hello bye");
    assert_eq!(*peer.ends.borrow(), ["closed", "dropped"]);
}

#[test]
fn a_peer_that_takes_nothing_does_not_keep_a_run_from_its_end() {
    let (peer, writer) = writer(2);
    run(async {
        writer.write(b"hello").unwrap();
        writer.close();
    });
    assert_eq!((peer.got(), &**peer.ends.borrow()), (2, &["dropped"][..]));
    assert!(writer.is_closing());
    assert_eq!(writer.pending(), 0);
}

#[test]
fn it_goes_on_in_the_next_run_of_its_loop() {
    let (peer, writer) = writer(2);
    let mut open: OpenLoop<_, _> = OwnedLoop::new(UNPARKER).open(VirtualTime::new(), &[]).unwrap();
    open.run(async { writer.write(b"hello").unwrap() }).unwrap();
    // Also what is written in between.
    writer.write(b" world").unwrap();
    open.run(async {
        peer.takes(100);
        turns(3).await;
    })
    .unwrap();
    assert_eq!(*peer.got.borrow(), b"hello world");
}

#[test]
fn written_without_a_loop_it_goes_out_in_one() {
    let (peer, writer) = writer(2);
    writer.write(b"hello").unwrap();
    writer.close();
    assert_eq!((peer.got(), writer.pending()), (2, 3));
    peer.takes(3);
    run(async { writer.wait_closed().await.unwrap() });
    assert_eq!((peer.got(), &**peer.ends.borrow()), (5, &["closed", "dropped"][..]));
}

#[test]
fn the_sink_is_given_when_all_was_sent() {
    run(async {
        let (peer, writer) = writer(2);
        writer.write(b"hello").unwrap();
        let given = create_task(writer.into_inner());
        turns(3).await;
        assert!(!given.done());
        peer.takes(3);
        let mut sink = given.await.unwrap().unwrap();
        peer.takes(1);
        sink.write_all(b"!").await.unwrap();
        assert_eq!(*peer.got.borrow(), b"hello!");
    });
}

#[test]
fn a_writer_shows_what_it_holds() {
    run(async {
        let (_peer, writer) = writer(2);
        writer.write(b"hello").unwrap();
        writer.close();
        let shown = format!("{writer:?}");
        assert!(shown.contains("pending: 3") && shown.contains("CloseAsked"), "{shown}");
    });
}
