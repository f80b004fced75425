//! What errors say, and what things show of themselves: a log is often all that is left of a program that went wrong.

use std::error::Error;
use std::fmt::{Debug, Display};

use everloop_core::net::ServeError;
use everloop_core::stream::{ReadError, WriteError};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;

/// It says so, and whoever only has it as an error reads the same.
#[track_caller]
fn says(error: impl Error, words: &str) {
    let (text, there) = (error.to_string(), (&error as &dyn Error).to_string());
    assert!(text.contains(words), "{text}");
    assert_eq!(text, there);
}

#[track_caller]
fn shows(thing: impl Debug, text: &str) {
    assert_eq!(format!("{thing:?}"), text);
}

#[track_caller]
fn reads(thing: impl Display, text: &str) {
    assert_eq!(thing.to_string(), text);
}

#[cfg(feature = "alloc")]
fn run<F: std::future::Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

/// No item that an error gives back needs to be one that shows itself.
struct Item;

#[test]
fn errors_of_queues() {
    says(TryPutError::QueueFull(Item), "full");
    says(TryPutError::QueueShutDown(Item), "shut down");
    says(TryPutError::OutOfMemory(Item), "no memory");
    shows(TryPutError::QueueFull(Item), "QueueFull");
    shows(TryPutError::QueueShutDown(Item), "QueueShutDown");
    shows(TryPutError::OutOfMemory(Item), "OutOfMemory");
    says(TryGetError::QueueEmpty, "empty");
    says(TryGetError::QueueShutDown, "shut down");
    says(QueueShutDown(Item), "shut down");
    shows(QueueShutDown(Item), "QueueShutDown");
    says(TaskDoneError, "more often");
}

#[cfg(feature = "alloc")]
#[test]
fn errors_of_queues_on_the_heap() {
    says(PutError::QueueShutDown(Item), "shut down");
    says(PutError::OutOfMemory(Item), "no memory");
    shows(PutError::QueueShutDown(Item), "QueueShutDown");
    shows(PutError::OutOfMemory(Item), "OutOfMemory");
    says(OutOfMemory, "so many items");
}

#[test]
fn errors_of_streams() {
    let ended = IncompleteReadError { partial: 3, expected: Some(9) };
    says(ended, "after 3 of 9 bytes");
    says(IncompleteReadError { partial: 3, expected: None }, "after 3 bytes without the separator");
    let overrun = LimitOverrunError { consumed: 7 };
    says(overrun, "first 7 bytes");
    says(ReadError::<DurationOverflow>::Incomplete(ended), "after 3 of 9 bytes");
    says(ReadError::<DurationOverflow>::LimitOverrun(overrun), "first 7 bytes");
    says(ReadError::Io(TryGetError::QueueEmpty), "empty");
    says(WriteError::Full { written: 5 }, "took 5 bytes and is full");
    says(WriteError::AfterEof, "end of the stream");
    says(WriteError::Closed, "closed already");
    says(ServeError::Closed, "closed");
    says(ServeError::AlreadyAwaited, "already");
}

#[cfg(feature = "alloc")]
#[test]
fn errors_of_streams_on_the_heap() {
    use everloop_core::stream::{FlushError, LimitsError};
    says(FlushError::<DurationOverflow>::Closed, "closed on this side");
    says(FlushError::Io(std::rc::Rc::new(TryGetError::QueueEmpty)), "empty");
    says(LimitsError { low: 9, high: 4 }, "low-water mark of 9 is above the high one of 4");
}

#[cfg(feature = "alloc")]
#[test]
fn errors_of_scopes_and_time() {
    let late = run(wait_for(std::future::pending::<()>(), Duration::from_secs(1)));
    says(late.unwrap_err(), "deadline passed");
    says(RescheduleError::NotRunning, "not running");
    says(RescheduleError::Expired, "expired");
    says(RescheduleError::Finished, "finished");
    says(DurationOverflow, "does not fit");
    shows(Duration::from_millis(1500), "1.5s");
    shows(Duration::MAX, "forever");
    shows(sleep(Duration::ZERO), "Sleep");
}

#[test]
fn errors_of_tasks() {
    says(CreateErrorKind::NoRunningLoop, "no running event loop");
    says(CreateErrorKind::TooLarge { bytes: 90, slot: 64 }, "90 bytes");
    let refused = try_create_task(async {}).unwrap_err();
    shows(&refused, "CreateError { kind: NoRunningLoop, .. }");
    says(refused, "no running event loop");
    says(InvalidStateError, "not ready");
    says(EmptySetError, "is empty");
    assert!(SetLocalErrorKind::NoTask.to_string().contains("no task"));
    assert!(SetLocalErrorKind::Full.to_string().contains("in use"));
    static LOCAL: TaskLocal<u32, 1> = TaskLocal::new();
    let refused = LOCAL.set(1).unwrap_err();
    shows(refused, "SetLocalError { kind: NoTask, .. }");
    says(refused, "no task");
    shows(&LOCAL, "TaskLocal");
    says(CallbackInUse, "callback");
    says(SetError(Item), "done already");
    shows(SetError(Item), "SetError");
    says(FutureError::<DurationOverflow>::Cancelled, "cancelled");
    assert!(SubmitErrorKind::LoopClosed.to_string().contains("not running"));
    assert!(SubmitErrorKind::PoolFull.to_string().contains("all slots"));
    static POOL: RemotePool<2, 64> = RemotePool::new();
    shows(&POOL, "RemotePool { slots: 2 }");
}

#[cfg(feature = "alloc")]
#[test]
fn errors_of_submissions() {
    let event_loop = OwnedLoop::new(UNPARKER);
    shows(&event_loop, "OwnedLoop");
    let handle = event_loop.handle();
    shows(&handle, "LoopHandle");
    let refused = run_coroutine_threadsafe(|| async {}, &handle).unwrap_err();
    shows(&refused, "SubmitError { kind: LoopClosed, .. }");
    says(refused, "not running");
    let mut open = event_loop.open(VirtualTime::new(), &[]).unwrap();
    shows(&open, "OpenLoop { closed: false, .. }");
    let task = run_coroutine_threadsafe(|| async {}, &handle).unwrap();
    shows(&task, "RemoteTask { done: false }");
    open.run(yield_now()).unwrap();
    shows(&task, "RemoteTask { done: true }");
    open.close().unwrap();
    shows(&open, "OpenLoop { closed: true, .. }");
}

#[test]
fn a_cancellation_and_a_static_loop() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    static POOL: TaskPool<2, 256> = TaskPool::new();
    static DONE: DoneCallback<()> = DoneCallback::new(|_| ());
    LOOP.run(&VirtualTime::new(), &[&POOL], async {
        shows(&LOOP, "EventLoop { running: true, .. }");
        let mut task = create_task(std::future::pending::<()>());
        shows(&DONE, "DoneCallback { taken: false }");
        let id = task.add_static_done_callback(&DONE).unwrap();
        assert!(format!("{id:?}").starts_with("DoneCallbackId("), "{id:?}");
        shows(&DONE, "DoneCallback { taken: true }");
        reads(all_tasks(), "Task-1 running\nTask-2 ready\n");
        yield_now().await;
        reads(all_tasks(), "Task-1 running\nTask-2 waiting for something else\n");
        task.cancel_with("no time");
        let cancelled = (&mut task).await.unwrap_err();
        says(cancelled, "cancelled: no time");
        shows(cancelled, "CancelledError(\"no time\")");
        let task = create_task(std::future::pending::<()>());
        task.cancel();
        let cancelled = task.await.unwrap_err();
        shows(cancelled, "CancelledError");
        reads(cancelled, "cancelled");
    })
    .unwrap();
    shows(&LOOP, "EventLoop { running: false, .. }");
}

#[test]
fn states_and_reasons() {
    let states = [TaskState::Running, TaskState::Ready, TaskState::Waiting, TaskState::Done];
    let texts = states.map(|state| state.to_string());
    assert_eq!(texts, ["running", "ready", "waiting", "done"]);
    assert_eq!(format!("[{:>8}]", TaskState::Done), "[    done]");
    reads(WaitReason::QueueGet, "an item of a queue");
    assert_eq!(format!("[{:<8}]", WaitReason::Lock), "[a lock  ]");
}

#[cfg(feature = "alloc")]
#[test]
fn what_waits_and_holds() {
    run(async {
        let semaphore = Semaphore::<Local>::new(1);
        shows(semaphore.acquire().await, "Permit");
        let queue: Queue<u32, Fixed<1>> = Queue::new();
        let shown = format!("{:?}", queue.stream());
        assert!(shown.starts_with("QueueStream") && shown.contains("ended: false"), "{shown}");
    });
}

#[cfg(feature = "alloc")]
#[test]
fn groups_and_what_failed_in_them() {
    run(async {
        let failed = task_group(Fixed::<2>, async |group| {
            shows(group, "TaskGroup { children: 0, shut: false }");
            group.create_task(async { Err::<(), _>("paper") });
            group.create_task(async { Err::<(), _>("ink") });
            shows(group, "TaskGroup { children: 2, shut: false }");
            std::future::pending::<()>().await;
            Ok(())
        })
        .await
        .unwrap_err();
        reads(&failed, "2 errors in a task group: paper; ink");
        shows(&failed, "ErrorGroup [\"paper\", \"ink\"]");
        let mut errors = failed.into_iter();
        assert_eq!((errors.len(), errors.size_hint()), (2, (2, Some(2))));
        shows(&errors, "[\"paper\", \"ink\"]");
        assert_eq!(errors.next(), Some("paper"));
        assert_eq!((errors.len(), errors.size_hint()), (1, (1, Some(1))));
        shows(&errors, "[\"ink\"]");
        assert_eq!((errors.next(), errors.next()), (Some("ink"), None));

        let failed = task_group(Fixed::<1>, async |_| Err::<(), _>("paper")).await.unwrap_err();
        reads(&failed, "1 error in a task group: paper");
    });
}

#[cfg(feature = "inspect")]
#[test]
fn what_stands_between_two_tasks() {
    use everloop_core::inspect::ScopeKind;

    reads(ScopeKind::CatchCancel, "catch_cancel");
    reads(ScopeKind::Timeout, "timeout");
    reads(ScopeKind::Gather, "gather");
    reads(ScopeKind::Select, "select");
    reads(ScopeKind::TaskGroup, "task_group");
    reads(ScopeKind::Shield, "shield");
    reads(ScopeKind::Await, "await");
    reads(ScopeKind::Condition, "condition");
}
