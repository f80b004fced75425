//! The operating system's signals, handled on the loop. Unix only.
//!
//! ```
//! use everloop::signal::{SIGTERM, add_signal_handler};
//! use everloop::{Event, create_task};
//! use std::rc::Rc;
//!
//! everloop::run(async {
//!     let stop = Rc::new(<Event>::new());
//!     let asked = stop.clone();
//!     add_signal_handler(SIGTERM, move || asked.set()).unwrap();
//!     # create_task(async { rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM) });
//!     stop.wait().await;
//!     println!("terminated, in good order");
//! }).unwrap();
//! ```

mod action;
mod arrival;
mod error;
mod ring;
mod table;

use std::rc::Rc;

use crate::reactor::{self, Driver};

pub(crate) use action::{Action, Handler};
pub(crate) use arrival::withdraw;
pub(crate) use ring::{Ring, sound};
pub(crate) use table::Table;

pub use error::SignalError;
pub use libc::{
    SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU,
    SIGURG, SIGUSR1, SIGUSR2, SIGWINCH,
};

/// Has `callback` called on this loop whenever signal `signum` comes, and the signal do nothing else. asyncio's
/// `loop.add_signal_handler`.
///
/// The callback runs as a task would, in its turn, never on top of other code. A signal that comes several times before
/// the loop looks is one call, as it is for the system. A callback that was added before is replaced. Its panic goes to
/// the loop's [exception handler](crate::set_exception_handler).
///
/// Any loop of the process may handle a signal, also several the same one. When the last lets it go, by
/// [`remove_signal_handler`] or by closing, the signal does again what it did before the first caught it. While a callback
/// for `SIGINT` is set, that does not cancel the main task of a [`Runner`](crate::Runner).
///
/// # Errors
/// There is no such signal, it is one that no loop can handle (`SIGKILL` and `SIGSTOP`, and those that tell of a crash),
/// no loop is running, or the system refuses what it takes.
///
/// # Differs from asyncio
/// It works in every thread, and not for `SIGSEGV`, `SIGBUS`, `SIGFPE` and `SIGILL`.
pub fn add_signal_handler(signum: i32, callback: impl FnMut() + 'static) -> Result<(), SignalError> {
    let driver = driver_for(signum)?;
    driver.signals().add(&driver, signum, Box::new(callback))
}

/// Takes away what [`add_signal_handler`] has set in this loop, which is not called any more from here on, also for a
/// signal that has come. Whether there was one. asyncio's `loop.remove_signal_handler`.
///
/// # Errors
/// As [`add_signal_handler`].
///
/// # Differs from asyncio
/// The signal does again what it did before, where asyncio's has its default effect.
pub fn remove_signal_handler(signum: i32) -> Result<bool, SignalError> {
    let driver = driver_for(signum)?;
    Ok(driver.signals().remove(&driver, signum))
}

/// Waits for ctrl-c, which is `SIGINT`. From the first poll until this ends, the signal does nothing else: it does not
/// cancel the main task, as it otherwise would (see [`Runner`](crate::Runner)), and does not kill. Then it does again what
/// it did before. Any number of tasks may wait, and all are told.
///
/// ```no_run
/// use everloop::{ctrl_c, select};
/// # async fn serve() {}
///
/// everloop::run(async {
///     select((serve(), async { ctrl_c().await.unwrap() })).await;
///     println!("goodbye");
/// }).unwrap();
/// ```
///
/// # Errors
/// The system refuses what it takes, or no loop is running.
///
/// # Cancel safety
/// Dropping the future loses a signal that came and was not told yet; what comes later does what it did before.
///
/// # Allocation
/// The first to wait for it, a few words.
///
/// # Wakes from interrupts
/// None; the loop wakes it on its own thread.
pub async fn ctrl_c() -> Result<(), SignalError> {
    let driver = driver_for(SIGINT)?;
    let came = driver.signals().start_waiting(&driver, SIGINT)?;
    let _waiting = Waiting(driver);
    came.wait().await;
    Ok(())
}

/// While it lives, `ctrl_c` waits.
struct Waiting(Rc<Driver>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.signals().stop_waiting(&self.0, SIGINT);
    }
}

fn driver_for(signum: i32) -> Result<Rc<Driver>, SignalError> {
    match signum {
        libc::SIGKILL | libc::SIGSTOP | libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL => {
            Err(SignalError::Unsupported(signum))
        }
        _ if !arrival::is_valid(signum) => Err(SignalError::Invalid(signum)),
        _ => reactor::current().map_err(SignalError::Loop),
    }
}
