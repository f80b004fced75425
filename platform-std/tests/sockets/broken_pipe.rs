//! A write to a peer that is gone is an error, and no signal: also where the process does not ignore SIGPIPE.

use std::mem::MaybeUninit;

use crate::support::pair;
use everloop::embedded_io_async::Write;
use everloop::net::{ConnectionWriter, TcpStream};

/// Whether SIGPIPE was raised for this thread by `f`. While a thread blocks a signal the system keeps it, also one that the
/// process ignores, as tests do.
fn raised(f: impl FnOnce()) -> bool {
    // SAFETY: the sets are initialized first, and no handler is set.
    unsafe {
        let mut pipe = MaybeUninit::uninit();
        libc::sigemptyset(pipe.as_mut_ptr());
        libc::sigaddset(pipe.as_mut_ptr(), libc::SIGPIPE);
        let (pipe, mut before, mut pending) =
            (pipe.assume_init(), MaybeUninit::uninit(), MaybeUninit::uninit());
        assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, &raw const pipe, before.as_mut_ptr()), 0);
        f();
        assert_eq!(libc::sigpending(pending.as_mut_ptr()), 0);
        let raised = libc::sigismember(pending.as_ptr(), libc::SIGPIPE) == 1;
        let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        if raised {
            libc::sigtimedwait(&raw const pipe, std::ptr::null_mut(), &raw const now);
        }
        assert_eq!(libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()), 0);
        raised
    }
}

/// A stream whose peer is gone, and has said so.
async fn broken() -> TcpStream {
    let (near, far) = pair().await;
    far.set_linger(Some(everloop::Duration::ZERO)).unwrap();
    drop(far);
    near
}

#[test]
fn the_test_sees_the_signal() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert!(raised(|| assert!(std::io::Write::write(&mut &writer, b"x").is_err())));
}

#[test]
fn a_write_to_a_peer_that_is_gone_raises_no_signal() {
    assert!(!raised(|| {
        everloop::run(async {
            let mut stream = broken().await;
            // The first may still be taken, or be told of the reset.
            for _ in 0..3 {
                let _ = stream.write_all(b"x").await;
            }
            assert!(stream.write_all(b"x").await.is_err());
        })
        .unwrap();
    }));
}

#[test]
fn writes_of_several_pieces_raise_none() {
    assert!(!raised(|| {
        everloop::run(async {
            let (_reader, mut writer) = broken().await.split();
            let pieces = [&b"one"[..], b"two"];
            for _ in 0..3 {
                let _ = writer.write_vectored(&pieces).await;
            }
            assert!(writer.write_vectored(&pieces).await.is_err());
        })
        .unwrap();
    }));
}
