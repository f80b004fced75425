use super::order::{LastInFirstOut, LowestFirst};
use super::ordered::Queue;
use crate::flavour::Local;

/// A queue that gives first what was put last. asyncio's `LifoQueue`; all else is as with [`Queue`].
///
/// ```
/// use everloop_core::{Fixed, LifoQueue};
///
/// let free_buffers: LifoQueue<u8, Fixed<4>> = LifoQueue::new();
/// for buffer in [1, 2, 3] {
///     free_buffers.put_nowait(buffer).unwrap();
/// }
/// assert_eq!(free_buffers.get_nowait(), Ok(3)); // the one used last is still in the cache
/// assert_eq!(free_buffers.get_nowait(), Ok(2));
/// ```
pub type LifoQueue<T, S, R = Local> = Queue<T, S, R, LastInFirstOut>;

/// A queue that gives the lowest item first. asyncio's `PriorityQueue`; all else is as with [`Queue`].
///
/// A getter gets the lowest item of the moment at which it runs, also if it was woken for another. Of items that are
/// equal, the one that was put first comes first, unless two thousand million others are put between them.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::{Fixed, PriorityQueue, Shared};
///
/// static ALARMS: PriorityQueue<(u8, &str), Fixed<8>, Shared> = PriorityQueue::new();
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// ALARMS.put((3, "battery low")).await.unwrap();
/// ALARMS.put((1, "fire")).await.unwrap();
/// ALARMS.put((2, "door open")).await.unwrap();
/// assert_eq!(ALARMS.get().await, Ok((1, "fire")));
/// assert_eq!(ALARMS.get().await, Ok((2, "door open")));
/// # }).unwrap();
/// ```
///
/// A put compares nothing, so that one in an interrupt is short: whoever gets an item compares what was put since, one at
/// a time. Items are compared with the queue's lock held, so `cmp` must be quick and must not use the queue that the
/// items are in: with the flavour `Local` that panics, with `Shared` it panics or waits for ever. If `cmp` itself panics,
/// that goes on in who gets; no item is lost, but the order of those that are in is then any.
///
/// # Differs from asyncio
/// Equal items keep their order; there it is any.
pub type PriorityQueue<T, S, R = Local> = Queue<T, S, R, LowestFirst>;
