//! With the feature `defmt` every public type can be logged. This need only build: nothing is logged on a host.
#![cfg(all(feature = "defmt", not(loom)))]

use std::future::Ready;

use everloop_core::platform::Wait as ParkWait;
use everloop_core::stream::{LimitsError, ReadError, WriteError};
use everloop_core::virtual_time::VirtualTime;
use everloop_core::*;

fn formats<T: defmt::Format + ?Sized>() {}

type F = Ready<u32>;
type Numbers = Queue<u32, Fixed<2>>;

#[test]
fn every_public_type_can_be_formatted() {
    formats::<Barrier>();
    formats::<BrokenBarrierError>();
    formats::<Condition>();
    formats::<ConditionWait<'_, Local, Local>>();
    formats::<Event>();
    formats::<EventWait<'_, Local>>();
    formats::<EventLoop>();
    formats::<OpenLoop<&'static EventLoop, VirtualTime>>();
    formats::<RunError>();
    formats::<Unhandled<'_>>();
    formats::<Local>();
    formats::<Shared>();
    formats::<Future<u32>>();
    formats::<FutureWait<'_, u32, u32, Local>>();
    formats::<FutureCallbackId>();
    formats::<FutureError<u32>>();
    formats::<SetError<u32>>();
    formats::<Lock>();
    formats::<LockGuard<'_>>();
    formats::<Semaphore>();
    formats::<BoundedSemaphore>();
    formats::<Permit<'_>>();
    formats::<ReleaseError>();
    formats::<Numbers>();
    formats::<QueueStream<'_, u32, Fixed<2>>>();
    formats::<FirstInFirstOut>();
    formats::<LastInFirstOut>();
    formats::<LowestFirst>();
    formats::<Fixed<2>>();
    formats::<QueueShutDown<u32>>();
    formats::<TaskDoneError>();
    formats::<TryGetError>();
    formats::<TryPutError<u32>>();
    formats::<RemotePool<1, 8>>();
    formats::<RemoteTask<u32>>();
    formats::<SubmitError<F>>();
    formats::<SubmitErrorKind>();
    formats::<CancelledError>();
    formats::<CatchCancel<F>>();
    formats::<RescheduleError>();
    formats::<Resume>();
    formats::<Shield<F>>();
    formats::<Timeout>();
    formats::<TimeoutError>();
    formats::<WaitFor<F>>();
    formats::<AllTasks>();
    formats::<CallbackInUse>();
    formats::<CreateError<F>>();
    formats::<CreateErrorKind>();
    formats::<DoneCallback<u32>>();
    formats::<DoneCallbackId>();
    formats::<InvalidStateError>();
    formats::<Join<u32, Task<u32>>>();
    formats::<ShieldTask<u32, Task<u32>>>();
    formats::<SetLocalError<u32>>();
    formats::<SetLocalErrorKind>();
    formats::<Task<u32>>();
    formats::<TaskId>();
    formats::<TaskInfo>();
    formats::<TaskLocal<u32>>();
    formats::<TaskPool<1, 8>>();
    formats::<TaskState>();
    formats::<WaitReason>();
    formats::<EmptySetError>();
    formats::<ReturnWhen>();
    formats::<Duration>();
    formats::<DurationOverflow>();
    formats::<Instant>();
    formats::<Interval>();
    formats::<MissedTicks>();
    formats::<Sleep>();
    formats::<Tick<'_>>();
    formats::<Ticks<'_>>();
    formats::<YieldNow>();
    formats::<VirtualTime>();
    formats::<ParkWait>();
    formats::<IncompleteReadError>();
    formats::<LimitOverrunError>();
    formats::<ReadError<u32>>();
    formats::<WriteError>();
    formats::<LimitsError>();
}

#[cfg(feature = "alloc")]
#[test]
fn every_public_type_on_the_heap_can_be_formatted() {
    formats::<everloop_core::stream::FlushError<u32>>();
    formats::<OwnedLoop>();
    formats::<LoopHandle>();
    formats::<Bounded>();
    formats::<Unbounded>();
    formats::<OutOfMemory>();
    formats::<PutError<u32>>();
    formats::<ZeroCapacityError>();
}
