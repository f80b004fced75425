//! One server on several threads: a loop on each, and all accept from one port.

mod error;
mod listeners;
mod server;
mod shared;
mod worker;

use std::num::NonZeroUsize;
use std::thread;

use super::{DEFAULT_LIMIT, Endpoint, SocketReader, SocketWriter, StartError};
use crate::reactor;

pub use error::{ServeOnEveryCoreError, StoppedError, StoppedReason};
pub use server::ThreadedServer;

/// Serves by TCP on every core of the machine, until SIGINT (ctrl-c). Each core has a thread with a loop of its own, and
/// each loop a handler of its own, which `make` makes there.
///
/// It blocks. The first SIGINT stops it in good order: no further clients are accepted, the connections that are open are
/// [closed](ThreadedServer::close_clients), and when they are this returns; the second kills, as [`Runner`](crate::Runner)
/// says. To stop it otherwise, to choose the number of threads, or for a Unix socket, see [`ServerThreads`].
///
/// ```no_run
/// everloop::net::serve_on_every_core(
///     || {
///         // On each thread once, inside its loop: what the handlers of one thread share need not be `Send`.
///         let greeted = std::rc::Rc::new(std::cell::Cell::new(0));
///         async move |_reader, writer: everloop::net::SocketWriter| {
///             greeted.set(greeted.get() + 1);
///             let _ = writer.write(format!("client {} of this thread\n", greeted.get()).as_bytes());
///             writer.close();
///         }
///     },
///     ("localhost", 7000),
/// )?;
/// # Ok::<(), everloop::net::ServeOnEveryCoreError>(())
/// ```
///
/// # Errors
/// It could not be started, as [`ServerThreads::start`] says, was stopped by SIGINT
/// ([`RunError::Interrupted`](crate::RunError::Interrupted)), or one of its loops stopped by itself.
///
/// # Panics
/// If `make` does, after all threads have ended.
pub fn serve_on_every_core<M, H>(make: M, endpoint: impl Into<Endpoint>) -> Result<(), ServeOnEveryCoreError>
where
    M: Fn() -> H + Send + Sync + 'static,
    H: AsyncFn(SocketReader, SocketWriter) + 'static,
{
    let endpoint = endpoint.into();
    let served = crate::run(async {
        let server =
            ServerThreads::new().start(make, endpoint).await.map_err(ServeOnEveryCoreError::Start)?;
        server.serve_forever().await.map_err(ServeOnEveryCoreError::Stopped)
    });
    served.map_err(ServeOnEveryCoreError::Run)?
}

/// How a server on several threads is to be: one a core, if nothing else is said.
///
/// Each thread runs a loop of its own, with a [`Server`](super::Server) in it. Connections stay on the thread that has
/// accepted them, so handlers need neither be `Send` nor locks for what they share on one thread.
///
/// ```
/// use everloop::net::{ServerThreads, SocketReader, SocketWriter};
/// use everloop::open_connection;
///
/// everloop::run(async {
///     let server = ServerThreads::new()
///         .threads(4.try_into().unwrap())
///         .start(
///             || async |mut reader: SocketReader, writer: SocketWriter| {
///                 if let Ok(line) = reader.readline().await {
///                     let _ = writer.write(line);
///                     writer.close();
///                 }
///             },
///             ("localhost", 0),
///         )
///         .await
///         .unwrap();
///
///     let (mut reader, writer) = open_connection(server.local_addrs()[0]).await.unwrap();
///     writer.write(b"hello\n").unwrap();
///     writer.drain().await.unwrap();
///     assert_eq!(reader.readline().await.unwrap(), b"hello\n");
///
///     server.close();
///     server.wait_closed().await.unwrap();
/// }).unwrap();
/// ```
///
/// # How clients are spread
/// On Linux each loop listens by itself at the same port (`SO_REUSEPORT`), and the system chooses one for each client by a
/// hash of the addresses: many clients are spread evenly, a few may not be. No other server can take part of the port
/// unnoticed: to start a second one is an error, as without threads. Elsewhere, for Unix sockets, and if
/// [`one_line`](Self::one_line) is set, all loops share one listener, and whichever is awake first takes the client.
#[derive(Clone, Debug)]
pub struct ServerThreads {
    threads: NonZeroUsize,
    limit: usize,
    one_line: bool,
}

impl Default for ServerThreads {
    fn default() -> Self {
        Self::new()
    }
}

impl ServerThreads {
    /// As many threads as the process may use cores, and readers with a limit of [`DEFAULT_LIMIT`].
    pub fn new() -> Self {
        let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { threads, limit: DEFAULT_LIMIT, one_line: false }
    }

    /// So many threads.
    pub fn threads(self, threads: NonZeroUsize) -> Self {
        Self { threads, ..self }
    }

    /// So long a line may be for the reader of each connection: see [`Server::new`](super::Server::new).
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn limit(self, limit: usize) -> Self {
        assert!(limit > 0, "a connection needs buffers of at least one byte");
        Self { limit, ..self }
    }

    /// Has clients wait in one line for all loops, also on Linux. A loop that is busy then leaves them to the others, but
    /// each client wakes every loop that is idle: for few and long connections.
    pub fn one_line(self, one_line: bool) -> Self {
        Self { one_line, ..self }
    }

    /// Starts the server at `endpoint`, which means what [`start_server`](super::start_server) says. When this returns,
    /// every loop accepts clients.
    ///
    /// `make` is called once on each thread, inside its loop, and makes the handler of that thread. It may create tasks,
    /// and it may set the loop's [exception handler](crate::set_exception_handler), which a panic of the handler goes to; the
    /// server goes on then.
    ///
    /// # Errors
    /// See [`StartError`]. What was started by then has ended when this returns.
    ///
    /// # Panics
    /// If `make` does, after all threads have ended.
    ///
    /// # Cancel safety
    /// A cancellation closes what was started and its clients, and waits for that. Dropping the future closes what was
    /// started, and does not wait.
    ///
    /// # Allocation
    /// The threads and their loops; for each what [`start_server`](super::start_server) takes.
    ///
    /// # Wakes from interrupts
    /// None; the threads wake it.
    pub async fn start<M, H>(
        &self,
        make: M,
        endpoint: impl Into<Endpoint>,
    ) -> Result<ThreadedServer, StartError>
    where
        M: Fn() -> H + Send + Sync + 'static,
        H: AsyncFn(SocketReader, SocketWriter) + 'static,
    {
        reactor::current().map_err(StartError::Loop)?;
        let addresses = endpoint.into().local().await.map_err(StartError::Lookup)?;
        let listeners = listeners::tcp(addresses, self.threads.get(), self.one_line)?;
        server::start(listeners, self.limit, make).await
    }

    /// Starts the server at the Unix socket `path`: see [`start`](Self::start), and
    /// [`UnixListener::bind`](super::UnixListener::bind) for what may be there before. The path is removed when the server is
    /// closed.
    ///
    /// # Errors
    /// See [`StartError`]. What was started by then has ended when this returns.
    ///
    /// # Panics
    /// If `make` does, after all threads have ended.
    ///
    /// # Cancel safety
    /// A cancellation closes what was started and its clients, and waits for that. Dropping the future closes what was
    /// started, and does not wait.
    ///
    /// # Allocation
    /// The threads and their loops; for each what [`start_server`](super::start_server) takes.
    ///
    /// # Wakes from interrupts
    /// None; the threads wake it.
    #[cfg(unix)]
    pub async fn start_unix<M, H>(
        &self,
        make: M,
        path: impl AsRef<std::path::Path>,
    ) -> Result<ThreadedServer<super::Unix>, StartError>
    where
        M: Fn() -> H + Send + Sync + 'static,
        H: AsyncFn(SocketReader<super::Unix>, SocketWriter<super::Unix>) + 'static,
    {
        reactor::current().map_err(StartError::Loop)?;
        let listeners = listeners::unix(path.as_ref(), self.threads.get())?;
        server::start(listeners, self.limit, make).await
    }
}
