//! The objects that the tasks of a program share.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::pin::Pin;

use everloop_core::{
    Barrier, Bounded, BoundedSemaphore, Condition, Event, FirstInFirstOut, Future as Cell, FutureError,
    LastInFirstOut, Local, Lock, LowestFirst, Order, Permit, Queue, QueueStorage, Semaphore, TryGetError,
    TryPutError, Unbounded,
};

use crate::program::{Action, Class, Object};
use crate::trace::{Error, Outcome};

/// The future of one operation.
pub type Op<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// A queue of whatever kind.
pub trait AnyQueue {
    /// Does something to it.
    fn act(&self, action: Action, number: u32) -> Op<'_>;
    /// What can be seen of it.
    fn look(&self) -> usize;
}

impl<S: QueueStorage, O: Order<i32>> AnyQueue for Queue<i32, S, Local, O> {
    fn act(&self, action: Action, number: u32) -> Op<'_> {
        Box::pin(async move {
            match action {
                Action::Put => self.put(number as i32).await.map_err(|_| Error::QueueShutDown)?,
                Action::Get => return self.get().await.map_err(|_| Error::QueueShutDown),
                Action::PutNowait => self.put_nowait(number as i32).map_err(|error| match error {
                    TryPutError::QueueShutDown(_) => Error::QueueShutDown,
                    _ => Error::QueueFull,
                })?,
                Action::GetNowait => {
                    return self.get_nowait().map_err(|error| match error {
                        TryGetError::QueueShutDown => Error::QueueShutDown,
                        TryGetError::QueueEmpty => Error::QueueEmpty,
                    });
                }
                Action::Join => self.join().await,
                Action::TaskDone => self.task_done().map_err(|_| Error::TaskDone)?,
                Action::Shutdown => self.shutdown(number != 0),
                _ => return Ok(self.look() as i32),
            }
            Ok(0)
        })
    }

    fn look(&self) -> usize {
        self.qsize()
    }
}

/// An object.
pub enum Thing {
    /// A queue.
    Queue(Box<dyn AnyQueue>),
    /// A lock.
    Lock(Lock),
    /// An event.
    Event(Event),
    /// A condition and its lock, which has how often it was notified.
    Condition(Lock<u32>, Condition),
    /// A semaphore.
    Semaphore(Semaphore),
    /// A bounded semaphore.
    Bounded(BoundedSemaphore),
    /// A barrier.
    Barrier(Barrier),
    /// A cell.
    Future(Cell<i32, u32>),
}

fn queue<O: Order<i32>>(size: usize) -> Thing
where
    Queue<i32, Bounded, Local, O>: 'static,
{
    Thing::Queue(if size == 0 {
        Box::new(Queue::<i32, Unbounded, Local, O>::new())
    } else {
        Box::new(Queue::<i32, Bounded, Local, O>::bounded(size))
    })
}

impl Thing {
    /// Makes an object.
    pub fn new(object: Object) -> Self {
        let size = object.size as usize;
        match object.class {
            Class::Queue => queue::<FirstInFirstOut>(size),
            Class::LifoQueue => queue::<LastInFirstOut>(size),
            Class::PriorityQueue => queue::<LowestFirst>(size),
            Class::Lock => Self::Lock(Lock::new(())),
            Class::Event => Self::Event(Event::new()),
            Class::Condition => Self::Condition(Lock::new(0), Condition::new()),
            Class::Semaphore => Self::Semaphore(Semaphore::new(size)),
            Class::BoundedSemaphore => Self::Bounded(BoundedSemaphore::new(size)),
            Class::Barrier => Self::Barrier(Barrier::new(size)),
            Class::Future => Self::Future(Cell::new()),
        }
    }

    /// A permit, of a semaphore.
    pub async fn permit(&self) -> Option<Permit<'_>> {
        match self {
            Self::Semaphore(semaphore) => Some(semaphore.acquire().await),
            Self::Bounded(semaphore) => Some(semaphore.acquire().await),
            _ => None,
        }
    }

    /// What can be seen of it.
    pub fn look(&self) -> i32 {
        match self {
            Self::Queue(queue) => queue.look() as i32,
            Self::Lock(lock) => i32::from(lock.locked()),
            Self::Condition(lock, _) => i32::from(lock.locked()),
            Self::Event(event) => i32::from(event.is_set()),
            Self::Semaphore(semaphore) => semaphore.available() as i32,
            Self::Bounded(semaphore) => semaphore.available() as i32,
            Self::Barrier(barrier) => barrier.n_waiting() as i32 + if barrier.broken() { 100 } else { 0 },
            Self::Future(cell) => i32::from(cell.done()) + i32::from(cell.cancelled()),
        }
    }

    /// As [`look`](Self::look), for the end.
    pub fn left(&self) -> String {
        format!("{}", self.look())
    }

    /// Does something to it.
    pub fn act(&self, action: Action, number: u32) -> Op<'_> {
        if let Self::Queue(queue) = self {
            return queue.act(action, number);
        }
        Box::pin(async move {
            match (self, action) {
                (_, Action::Look) => return Ok(self.look()),
                (Self::Event(event), Action::Set) => event.set(),
                (Self::Event(event), Action::Clear) => event.clear(),
                (Self::Event(event), Action::Wait) => event.wait().await,
                (Self::Condition(lock, condition), Action::Notify) => {
                    let Some(mut guard) = lock.try_acquire() else { return Ok(-1) };
                    *guard += 1;
                    condition.notify(number as usize);
                }
                (_, Action::Keep) => {
                    if let Some(permit) = self.permit().await {
                        permit.forget();
                    }
                }
                (Self::Semaphore(semaphore), Action::Release) => {
                    semaphore.release().map_err(|_| Error::Release)?
                }
                (Self::Bounded(semaphore), Action::Release) => {
                    semaphore.release().map_err(|_| Error::Release)?
                }
                (Self::Barrier(barrier), Action::Meet) => {
                    return barrier.wait().await.map(|index| index as i32).map_err(|_| Error::BrokenBarrier);
                }
                (Self::Barrier(barrier), Action::Reset) => barrier.reset(),
                (Self::Barrier(barrier), Action::Abort) => barrier.abort(),
                (Self::Future(cell), Action::SetResult) => {
                    cell.set_result(number as i32).map_err(|_| Error::InvalidState)?;
                }
                (Self::Future(cell), Action::SetError) => {
                    cell.set_error(number).map_err(|_| Error::InvalidState)?;
                }
                (Self::Future(cell), Action::CancelCell) => return Ok(i32::from(cell.cancel())),
                (Self::Future(cell), Action::WaitCell) => {
                    return cell.wait().await.copied().map_err(|error| match error {
                        FutureError::Cancelled => Error::FutureCancelled,
                        FutureError::Error(code) => Error::User(*code),
                    });
                }
                // The other interpreter does nothing either.
                _ => {}
            }
            Ok(0)
        })
    }
}
