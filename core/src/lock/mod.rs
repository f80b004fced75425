//! asyncio's `Lock`.

mod acquire;
mod guard;
mod turn;

use core::cell::UnsafeCell;
use core::fmt;

use crate::flavour::{Flavour, Local, Shared};

use acquire::Acquiring;
pub use guard::LockGuard;
pub(crate) use turn::Turn;

/// Lets one at a time use a value, across awaits too. asyncio's `Lock`.
///
/// Those who wait are served first come first: the lock is handed over by the guard's drop, so that the next one owns it
/// before it runs, and who comes later does not pass it. One that is cancelled or dropped with the lock in its hands
/// passes it on. Any number may wait.
///
/// It may own what it guards, or nothing, as asyncio's: `Lock::new(())`. With the flavour [`Shared`] it may
/// stand in a `static` and be used from several threads, loops and interrupts ([`try_acquire`](Self::try_acquire)).
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<2, 256> = TaskPool::new();
/// use everloop_core::{Duration, Lock, Shared, create_task, sleep};
///
/// static BUS: Lock<Vec<u8>, Shared> = Lock::new(Vec::new());
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// async fn talk(byte: u8) {
///     let mut bus = BUS.acquire().await;
///     bus.push(byte);
///     sleep(Duration::from_millis(1)).await; // nobody else talks meanwhile
///     bus.push(byte);
/// }
/// let other = create_task(talk(1));
/// talk(2).await;
/// other.await.unwrap();
/// assert_eq!(*BUS.acquire().await, [2, 2, 1, 1]);
/// # }).unwrap();
/// ```
///
/// A future of [`acquire`](Self::acquire) that is forgotten while it waits keeps its place, and the lock when its turn
/// comes, for ever.
///
/// # Differs from asyncio
/// The lock is released by dropping its guard, so it can't be released by somebody who does not hold it. There, who comes
/// later may take a lock that was released and not yet taken by the one that was woken for it.
pub struct Lock<T: ?Sized = (), R: Flavour = Local> {
    turn: Turn<R>,
    /// Whose turn it is may use it (TURN).
    value: UnsafeCell<T>,
}

// SAFETY: TURN: one guard at a time reaches the value, and a turn that ends is ordered before the next by the lock of the
// `Shared` turn. So the value goes from one context to another, and must be `Send`; it is never used by two at once.
unsafe impl<T: ?Sized + Send> Sync for Lock<T, Shared> {}

impl<T, R: Flavour> Lock<T, R> {
    /// A lock that is free, and owns `value`.
    pub const fn new(value: T) -> Self {
        Self { turn: Turn::new(), value: UnsafeCell::new(value) }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized, R: Flavour> Lock<T, R> {
    /// Waits until the lock is free, and takes it. It is released when the guard is dropped.
    ///
    /// One who holds it already and waits for it here waits for ever.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has taken nothing, but lost its place among those who wait.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: a guard may be dropped in one.
    #[cfg_attr(feature = "std", inline)]
    pub fn acquire(&self) -> impl Future<Output = LockGuard<'_, T, R>> {
        Acquiring::new(self)
    }

    /// Takes the lock if it is free now; `None` if it is not.
    pub fn try_acquire(&self) -> Option<LockGuard<'_, T, R>> {
        self.turn.try_acquire().then(|| LockGuard::new(self))
    }

    /// Whether somebody holds the lock, or it was handed to one who has not run since.
    pub fn locked(&self) -> bool {
        self.turn.is_taken()
    }

    /// The value. No lock is needed, since nobody else has the lock's address.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T: Default, R: Flavour> Default for Lock<T, R> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T, R: Flavour> From<T> for Lock<T, R> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// Without the value, which is somebody else's at any time.
impl<T: ?Sized, R: Flavour> fmt::Debug for Lock<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock")
            .field("locked", &self.locked())
            .field("waiters", &self.turn.waiters())
            .finish_non_exhaustive()
    }
}
