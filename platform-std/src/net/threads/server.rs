use std::fmt;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use everloop_core::catch_cancel;

use super::error::StoppedError;
use super::listeners::{Handed, Listeners};
use super::shared::{Command, Failure, Life, Payload, Shared};
use super::worker::Worker;
use crate::net::kind::Kind;
use crate::net::{SocketReader, SocketWriter, StartError, Tcp};

/// A server on several threads, made by [`ServerThreads`](super::ServerThreads). It serves until it is
/// [closed](Self::close) or dropped.
///
/// It is as a [`Server`](super::super::Server) is, but that it may be sent to other threads. Each thread ends when the
/// server is closed and all connections of that thread are; what handlers do after they have given their connection up is
/// then cancelled, and their cleanup waited for.
///
/// # When a loop stops by itself
/// A handler's panic does not stop a loop. But a loop stops when a task in it cancels its main task or the one that
/// accepts clients. Then the whole server is closed, since nobody would notice that a part of it is missing, and those who
/// wait are told by a [`StoppedError`]; the connections on the other threads live on until they end.
pub struct ThreadedServer<K: Kind = Tcp> {
    shared: Arc<Shared>,
    addresses: Vec<K::Addr>,
}

/// Starts a thread for each set of listeners, and waits until all serve.
pub(super) async fn start<K, M, H>(
    listeners: Listeners<K>,
    limit: usize,
    make: M,
) -> Result<ThreadedServer<K>, StartError>
where
    K: Kind,
    M: Fn() -> H + Send + Sync + 'static,
    H: AsyncFn(SocketReader<K>, SocketWriter<K>) + 'static,
{
    let shared = Arc::new(Shared::new(listeners.handed.len()));
    #[cfg(unix)]
    shared.keep(listeners.bound);
    // From here on its drop closes what was started.
    let server = ThreadedServer { shared, addresses: listeners.addresses };
    let make = Arc::new(make);
    let begun = begin::<K, M, H>(&server.shared, listeners.handed, limit, &make);
    let failure = match catch_cancel(failed(&server.shared, begun)).await {
        Ok(None) => return Ok(server),
        Ok(Some(failure)) => failure,
        Err(cancelled) => {
            // Some threads may have clients already, whom nobody else would see off.
            server.close();
            server.close_clients();
            server.shared.ended.wait().await;
            server.shared.join();
            cancelled.resume().await;
            return Ok(server);
        }
    };
    server.close();
    server.abort_clients();
    server.shared.ended.wait().await;
    server.shared.join();
    match failure {
        Failure::Error(error) => Err(error),
        Failure::Panic(payload) => resume_unwind(payload),
    }
}

/// Starts the threads, up to the first that can't be.
fn begin<K, M, H>(
    shared: &Arc<Shared>,
    handed: Vec<Vec<Handed<K>>>,
    limit: usize,
    make: &Arc<M>,
) -> io::Result<()>
where
    K: Kind,
    M: Fn() -> H + Send + Sync + 'static,
    H: AsyncFn(SocketReader<K>, SocketWriter<K>) + 'static,
{
    // All at once, so that those that are not started have ended, too.
    let workers: Vec<_> = (handed.into_iter().enumerate())
        .map(|(number, listeners)| Worker { life: Life(Arc::clone(shared)), number, listeners, limit })
        .collect();
    for worker in workers {
        let make = Arc::clone(make);
        let thread = thread::Builder::new().name(format!("server-{}", worker.number));
        shared.add(thread.spawn(move || worker.run(&*make))?);
    }
    Ok(())
}

/// Waits until all threads serve. Why one does not.
async fn failed(shared: &Shared, begun: io::Result<()>) -> Option<Failure> {
    if let Err(error) = begun {
        return Some(Failure::Error(StartError::Thread(error)));
    }
    // Each says once how it has started.
    for _ in 0..shared.threads() {
        if let Ok(Err(failure)) = shared.started.get().await {
            return Some(failure);
        }
    }
    None
}

impl<K: Kind> ThreadedServer<K> {
    /// The addresses it listens at.
    pub fn local_addrs(&self) -> &[K::Addr] {
        &self.addresses
    }

    /// How many threads it was started with.
    pub fn threads(&self) -> usize {
        self.shared.threads()
    }

    /// Whether it accepts connections: until it is closed.
    pub fn is_serving(&self) -> bool {
        !self.shared.is_closed()
    }

    /// Has all loops stop listening, as soon as they come to it: a loop that is in the middle of a step ends that first.
    /// Connections live on. Once it is closed this does nothing.
    pub fn close(&self) {
        self.shared.close();
    }

    /// Closes the connections of all threads in good order: see
    /// [`Server::close_clients`](super::super::Server::close_clients).
    pub fn close_clients(&self) {
        self.shared.ask(Command::CloseClients);
    }

    /// Resets the connections of all threads: see [`Server::abort_clients`](super::super::Server::abort_clients).
    pub fn abort_clients(&self) {
        self.shared.ask(Command::AbortClients);
    }

    /// Waits until the server is closed, all connections are, and all threads have ended. Any number may wait.
    ///
    /// # Errors
    /// A loop stopped by itself.
    ///
    /// # Panics
    /// If a loop stopped by a panic, for the first who waits for this: it goes on here.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None; the threads wake it.
    pub async fn wait_closed(&self) -> Result<(), StoppedError> {
        self.shared.ended.wait().await;
        self.shared.join();
        match self.shared.take_panic() {
            Some(payload) => resume_unwind(payload),
            None => self.shared.outcome(),
        }
    }

    /// Waits as [`wait_closed`](Self::wait_closed) does; if it is cancelled, closes the server and its clients, waits for
    /// that, and only then surfaces. So the first SIGINT of a run in whose main task this is stops the server in good order.
    ///
    /// # Errors
    /// A loop stopped by itself.
    ///
    /// # Panics
    /// As [`wait_closed`](Self::wait_closed).
    ///
    /// # Cancel safety
    /// A cancellation closes the server. Dropping the future does not.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None; the threads wake it.
    pub async fn serve_forever(&self) -> Result<(), StoppedError> {
        match catch_cancel(self.wait_closed()).await {
            Ok(outcome) => outcome,
            Err(cancelled) => {
                self.close();
                self.close_clients();
                let outcome = self.wait_closed().await;
                cancelled.resume().await;
                outcome
            }
        }
    }
}

/// As [`close`](ThreadedServer::close). The threads end by themselves when their connections have.
impl<K: Kind> Drop for ThreadedServer<K> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<K: Kind> fmt::Debug for ThreadedServer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadedServer")
            .field("local", &self.addresses)
            .field("threads", &self.threads())
            .field("is_serving", &self.is_serving())
            .finish()
    }
}

/// For the compiler: it may be sent to other threads and shared by them.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<ThreadedServer>();
    fn is_sent<T: Send>() {}
    is_sent::<Payload>();
};
