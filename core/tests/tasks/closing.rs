//! What safe code can do to loops, pools, handles and wakers that outlive each other. Each of these once was a hole;
//! worth running under Miri.
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::thread;

/// Leaves a value behind in a task that is still on its way to the loop if main ends now: the loop drops it late, after it
/// has emptied its timers.
fn leave_submitted<T: Send + 'static>(value: T) {
    let make = async move || drop(value);
    drop(run_coroutine_threadsafe(make, &LoopHandle::current().unwrap()).unwrap());
}

/// A handle that outlived its run is dropped while another thread runs the same static loop.
#[test]
fn a_loop_is_taken_while_a_handle_of_its_last_run_lives() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let handle = LOOP
        .run(&VirtualTime::new(), &[], async {
            let t = create_task(async {});
            yield_now().await;
            t
        })
        .unwrap();
    let other = thread::spawn(|| {
        LOOP.run(&VirtualTime::new(), &[], async {
            for _ in 0..50 {
                create_task(async {}).await.unwrap();
            }
        })
    });
    // Either it was refused, or it began after this.
    drop(handle);
    assert!(matches!(other.join().unwrap(), Ok(()) | Err(RunError::AlreadyRunning)));
    LOOP.run(&VirtualTime::new(), &[], async {}).unwrap();
}

/// The same with a slot of a pool.
#[test]
fn a_loop_is_taken_while_a_pool_handle_of_its_last_run_lives() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    static POOL: TaskPool<4, 64> = TaskPool::new();
    let handle = LOOP
        .run(&VirtualTime::new(), &[&POOL], async {
            let t = create_task(async {});
            yield_now().await;
            t
        })
        .unwrap();
    let other = thread::spawn(|| {
        LOOP.run(&VirtualTime::new(), &[&POOL], async {
            for _ in 0..50 {
                create_task(async {}).await.unwrap();
            }
        })
    });
    drop(handle);
    assert!(matches!(other.join().unwrap(), Ok(()) | Err(RunError::AlreadyRunning)));
    LOOP.run(&VirtualTime::new(), &[&POOL], async {}).unwrap();
}

/// A stale waker of a slot is woken into its old loop, which runs again, while the pool serves another loop.
#[test]
fn a_stale_wake_in_the_inbox_touches_no_slot_of_another_loop() {
    static A: EventLoop = EventLoop::new(UNPARKER);
    static B: EventLoop = EventLoop::new(UNPARKER);
    static POOL: TaskPool<1, 64> = TaskPool::new();
    static STEP: AtomicU32 = AtomicU32::new(0);
    let waker = A
        .run(&VirtualTime::new(), &[&POOL], async {
            create_task(poll_fn(|cx| Poll::Ready(cx.waker().clone()))).await.unwrap()
        })
        .unwrap();
    let a = thread::spawn(|| {
        A.run(&VirtualTime::new(), &[], async {
            STEP.store(1, Relaxed);
            while STEP.load(Relaxed) < 3 {
                yield_now().await;
                thread::yield_now();
            }
        })
    });
    while STEP.load(Relaxed) < 1 {
        thread::yield_now();
    }
    waker.wake_by_ref(); // into A's inbox, since the slot's owner is still A
    for _ in 0..1000 {
        thread::yield_now(); // A takes it in meanwhile: nothing says when
    }
    B.run(&VirtualTime::new(), &[&POOL], async {
        POOL.create_task(async {}).await.unwrap();
    })
    .unwrap();
    STEP.store(3, Relaxed);
    a.join().unwrap().unwrap();
}

/// The same without an inbox: the stale waker is woken on A's own thread.
#[test]
fn a_stale_wake_on_the_old_loop_touches_no_slot_of_another() {
    static A: EventLoop = EventLoop::new(UNPARKER);
    static B: EventLoop = EventLoop::new(UNPARKER);
    static POOL: TaskPool<1, 64> = TaskPool::new();
    static STEP: AtomicU32 = AtomicU32::new(0);
    let a = thread::spawn(|| {
        let waker = A
            .run(&VirtualTime::new(), &[&POOL], async {
                create_task(poll_fn(|cx| Poll::Ready(cx.waker().clone()))).await.unwrap()
            })
            .unwrap();
        A.run(&VirtualTime::new(), &[], async {
            waker.wake_by_ref(); // reads the slot's state
            STEP.store(1, Relaxed);
            while STEP.load(Relaxed) < 3 {
                yield_now().await;
                thread::yield_now();
            }
        })
    });
    while STEP.load(Relaxed) < 1 {
        thread::yield_now();
    }
    B.run(&VirtualTime::new(), &[&POOL], async {
        create_task(async {}).await.unwrap(); // writes it
    })
    .unwrap();
    STEP.store(3, Relaxed);
    a.join().unwrap().unwrap();
}

/// Foreign code that runs late in the closing sets a timer, and the loop is freed before it.
#[test]
fn no_timer_is_set_while_a_loop_closes() {
    thread_local! { static STASH: RefCell<Option<std::pin::Pin<Box<Sleep>>>> = const { RefCell::new(None) }; }
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            let mut s = Box::pin(sleep(Duration::from_secs(1)));
            assert!(s.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            STASH.with(|x| *x.borrow_mut() = Some(s));
        }
    }
    let l = OwnedLoop::new(UNPARKER);
    l.run(&VirtualTime::new(), &[], async {
        leave_submitted(OnDrop);
    })
    .unwrap();
    drop(l); // freed
    drop(STASH.with(|x| x.borrow_mut().take())); // unlinks from the freed loop's heap
}

/// The future of a task created while its loop closes would be dropped by whoever runs the loop next.
#[test]
fn no_task_is_created_while_a_loop_closes() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    struct Check(thread::ThreadId, std::marker::PhantomData<*const ()>);
    impl Drop for Check {
        fn drop(&mut self) {
            assert_eq!(self.0, thread::current().id(), "a !Send value was dropped on another thread");
        }
    }
    static BAD: AtomicU32 = AtomicU32::new(0);
    struct Note(Check);
    impl Drop for Note {
        fn drop(&mut self) {
            if self.0.0 != thread::current().id() {
                BAD.fetch_add(1, Relaxed);
                self.0.0 = thread::current().id();
            }
        }
    }
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            let c = Note(Check(thread::current().id(), std::marker::PhantomData));
            let refused = try_create_task(async move {
                let _c = c;
                std::future::pending::<()>().await
            });
            assert_eq!(refused.unwrap_err().kind, CreateErrorKind::LoopClosed);
            BAD.fetch_add(2, Relaxed);
        }
    }
    LOOP.run(&VirtualTime::new(), &[], async {
        leave_submitted(OnDrop);
    })
    .unwrap();
    thread::spawn(|| LOOP.run(&VirtualTime::new(), &[], async {}).unwrap()).join().unwrap();
    assert_eq!(BAD.load(Relaxed), 2, "2: refused and dropped here; odd: dropped on another thread");
}

/// The memory of an owned loop goes with its last task.
#[test]
fn the_last_handle_frees_its_loop() {
    let l = OwnedLoop::new(UNPARKER);
    let t = l
        .run(&VirtualTime::new(), &[], async {
            let t = create_task(async { 1 });
            yield_now().await;
            t
        })
        .unwrap();
    drop(l);
    drop(t);
}
