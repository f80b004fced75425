//! A thread for each child, which waits for it without reaping it.

use std::io;
use std::sync::Arc;
use std::thread;

use super::{System, Unreaped};
use crate::process::child::Child;
use crate::process::spawn::Started;

/// Gives the child a thread.
///
/// # Errors
/// None starts. The child was killed and is reaped.
pub(super) fn adopt(started: Started) -> io::Result<Arc<Child>> {
    #[cfg(target_os = "linux")]
    let number = started;
    #[cfg(not(target_os = "linux"))]
    let number = started.id();
    let unreaped = Arc::new(Unreaped::new(started)?);
    let child = Arc::new(Child::new(number, System::Thread(Arc::clone(&unreaped))));
    let (ours, theirs) = (Arc::clone(&unreaped), Arc::clone(&child));
    let started = thread::Builder::new().name("everloop-reaper".into()).spawn(move || {
        ours.wait();
        theirs.end();
        theirs.release(|_| {});
    });
    if let Err(error) = started {
        // It may have ended by itself.
        let _ = child.send_signal(super::super::handle::SIGKILL);
        unreaped.wait();
        child.end();
        return Err(error);
    }
    Ok(child)
}
