//! `defmt::Format` for every public type that doesn't derive it: as its `Debug` tells it, or by its name.

use core::fmt::Debug;

use crate::*;

/// Each by its `Debug`, which `defmt` sends as text.
macro_rules! by_debug {
    ($([$($generics:tt)*] $type:ty;)+) => {
        $(impl<$($generics)*> defmt::Format for $type
        where
            $type: Debug,
        {
            fn format(&self, f: defmt::Formatter<'_>) {
                defmt::write!(f, "{}", defmt::Debug2Format(self));
            }
        })+
    };
}

by_debug! {
    [R: Flavour] Barrier<R>;
    [R: Flavour] Condition<R>;
    [R: Flavour] Event<R>;
    [] EventLoop;
    [L: event_loop::Hold, P: platform::Platform] OpenLoop<L, P>;
    ['a] Unhandled<'a>;
    [] Local;
    [] Shared;
    [T, E, R: Flavour] Future<T, E, R>;
    [T: ?Sized, R: Flavour] Lock<T, R>;
    ['a, T: ?Sized, R: Flavour] LockGuard<'a, T, R>;
    ['a, R: Flavour] Permit<'a, R>;
    [R: Flavour] Semaphore<R>;
    [R: Flavour] BoundedSemaphore<R>;
    [T, S: QueueStorage, R: Flavour, O: Order<T>] Queue<T, S, R, O>;
    ['a, T, S: QueueStorage, R: Flavour, O: Order<T>] QueueStream<'a, T, S, R, O>;
    [] FirstInFirstOut;
    [] LastInFirstOut;
    [] LowestFirst;
    [const N: usize] Fixed<N>;
    [const N: usize, const BYTES: usize] RemotePool<N, BYTES>;
    [T] RemoteTask<T>;
    [F] SubmitError<F>;
    [] Timeout;
    [] DoneCallbackId;
    [T] DoneCallback<T>;
    [F] CreateError<F>;
    [T] SetLocalError<T>;
    [T] Task<T>;
    [T, const N: usize] TaskLocal<T, N>;
    ['scope, 'env, E, S: Storage] TaskGroup<'scope, 'env, E, S>;
    [E, S: Storage] ErrorGroup<E, S>;
    [E, S: Storage] Errors<E, S>;
    [] Sleep;
    [] YieldNow;
    [] virtual_time::VirtualTime;
    [] platform::Wait;
    [R: embedded_io_async::ErrorType, B] StreamReader<R, B>;
    [W, B: stream::WriteBuffer<W>] StreamWriter<W, B>;
}

/// Futures and such, of which there is no more to tell.
macro_rules! by_name {
    ($([$($generics:tt)*] $type:ty, $name:literal;)+) => {
        $(impl<$($generics)*> defmt::Format for $type {
            fn format(&self, f: defmt::Formatter<'_>) {
                defmt::write!(f, $name);
            }
        })+
    };
}

by_name! {
    ['a, R: Flavour, Q: Flavour] ConditionWait<'a, R, Q>, "ConditionWait";
    ['a, R: Flavour] EventWait<'a, R>, "EventWait";
    ['a, T, E, R: Flavour] FutureWait<'a, T, E, R>, "FutureWait";
    ['a, T, E, F] FutureCallback<'a, T, E, F>, "FutureCallback";
    [F] CatchCancel<F>, "CatchCancel";
    [R] Select<R>, "Select";
    [F] Shield<F>, "Shield";
    ['a, F] TimeoutRun<'a, F>, "TimeoutRun";
    [F] WaitFor<F>, "WaitFor";
    [T, H: core::borrow::BorrowMut<Task<T>>] Join<T, H>, "Join";
    [T, H: core::borrow::BorrowMut<Task<T>>] ShieldTask<T, H>, "ShieldTask";
    [const N: usize, const BYTES: usize] TaskPool<N, BYTES>, "TaskPool";
    ['a] Tick<'a>, "Tick";
    ['a] Ticks<'a>, "Ticks";
    [S: WaitSet] Wait<S>, "Wait";
    [S: TaskSet] AsCompleted<S>, "AsCompleted";
    ['a, S: TaskSet] NextCompleted<'a, S>, "NextCompleted";
    ['a, S: TaskSet] RemainingTasks<'a, S>, "RemainingTasks";
    [] Resume, "Resume";
}

#[cfg(feature = "alloc")]
by_debug! {
    [E] stream::FlushError<E>;
    [] OwnedLoop;
    [] LoopHandle;
    [] Unbounded;
    [] Bounded;
}

/// A task as its name, its state and what it waits on.
impl defmt::Format for TaskInfo {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self.name() {
            Some(name) => defmt::write!(f, "{=str}", name),
            None => defmt::write!(f, "Task-{=u32}", self.id().get()),
        }
        defmt::write!(f, " {}", self.state());
        if let Some(reason) = self.waits_on() {
            defmt::write!(f, " ({})", reason);
        }
    }
}

/// A line for each task that is left.
impl defmt::Format for AllTasks {
    fn format(&self, f: defmt::Formatter<'_>) {
        for task in self.clone() {
            defmt::write!(f, "{}\n", task);
        }
    }
}
