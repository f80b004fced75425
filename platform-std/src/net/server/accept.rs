//! What a server does for each of its listeners.

use std::io;
use std::rc::Rc;

use everloop_core::{Duration, call_exception_handler, create_task, sleep};

use super::Inner;
use crate::net::StreamSocket;
use crate::net::kind::Kind;

/// When the system has no descriptor or no memory for a connection, the next try is made after this time. asyncio's.
const BACK_OFF: Duration = Duration::from_secs(1);

/// Accepts connections and starts a task for each, for ever.
pub(super) async fn accept<K, S>(server: CloseAtEnd<K>, listener: Rc<K::Listener>, serve: Rc<S>)
where
    K: Kind,
    S: AsyncFn(StreamSocket<K>) + 'static,
{
    loop {
        match K::accept(&listener).await {
            Ok(stream) => {
                stream.join(&server.0.clients);
                let serve = Rc::clone(&serve);
                // Nobody awaits it, so a panic goes to the loop's exception handler.
                drop(create_task(async move { serve(stream).await }).named("connection"));
            }
            Err(error) => bear(&error).await,
        }
    }
}

/// Waits until it makes sense to accept again after an error.
pub(crate) async fn bear(error: &io::Error) {
    if !is_of_one_connection(error) {
        call_exception_handler("a server can't accept connections and tries again in a second", error);
        sleep(BACK_OFF).await;
    }
}

/// Whether only the one client is lost, and the next may be accepted at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    #[cfg(unix)]
    if matches!(error.raw_os_error(), Some(libc::EPROTO | libc::EPERM)) {
        return true;
    }
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
    )
}

/// Closes the server when the task that serves one of its listeners ends, however it does, also before its first step:
/// from then on there is a listener less than the server says.
pub(super) struct CloseAtEnd<K: Kind>(pub(super) Rc<Inner<K>>);

impl<K: Kind> Drop for CloseAtEnd<K> {
    fn drop(&mut self) {
        self.0.close();
    }
}
