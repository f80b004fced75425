use std::io;
use std::net::SocketAddr;

use super::{Server, StartError};
use crate::net::{BACKLOG, DEFAULT_LIMIT, Endpoint, SocketReader, SocketWriter, TcpListener, TcpSocket};
use crate::reactor;

/// Serves by TCP: `handler` is called with a reader, which has a limit of [`DEFAULT_LIMIT`], and a writer for each
/// connection, and its future is a task. asyncio's `start_server`.
///
/// When this returns, clients can connect. A host with several addresses is served at each of them; so is an empty name,
/// which stands for all addresses of this machine, by IPv6 and by IPv4. Port 0 has the system choose one, for each
/// address another. For other limits and options, see [`Server::new`].
///
/// A handler's panic goes to the loop's [exception handler](crate::set_exception_handler), and the server goes on. What
/// was written is still sent when the writer is dropped.
///
/// ```
/// use everloop::{open_connection, start_server};
///
/// everloop::run(async {
///     let server = start_server(
///         async |mut reader, writer| {
///             while let Ok(line @ [_, ..]) = reader.readline().await {
///                 writer.write(line).unwrap();
///                 if writer.drain().await.is_err() {
///                     break;
///                 }
///             }
///         },
///         ("localhost", 0),
///     );
///     let server = server.await.unwrap();
///
///     let (mut reader, writer) = open_connection(server.local_addrs()[0]).await.unwrap();
///     writer.write(b"hello\n").unwrap();
///     writer.drain().await.unwrap();
///     assert_eq!(reader.readline().await.unwrap(), b"hello\n");
///     drop((reader, writer));
///
///     server.close();
///     server.wait_closed().await;
/// }).unwrap();
/// ```
///
/// # Errors
/// See [`StartError`]. Of several addresses those that this machine does not have, or whose kind it does not speak, are
/// left out, unless none is left.
///
/// # Cancel safety
/// Dropping the future starts nothing.
///
/// # Allocation
/// The server's state; for each connection its task, its buffers and its socket's state. For a name also what
/// [`lookup_host`](crate::net::lookup_host) takes.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
pub async fn start_server<H>(handler: H, endpoint: impl Into<Endpoint>) -> Result<Server, StartError>
where
    H: AsyncFn(SocketReader, SocketWriter) + 'static,
{
    let listeners = listeners(endpoint.into()).await?;
    match Server::new(listeners, DEFAULT_LIMIT, handler) {
        Ok(server) => Ok(server),
        Err(_) => Err(StartError::Loop(reactor::ReactorError::NoRunningLoop)),
    }
}

/// One for each address of the endpoint.
pub(crate) async fn listeners(endpoint: Endpoint) -> Result<Vec<TcpListener>, StartError> {
    reactor::current().map_err(StartError::Loop)?;
    at_each(endpoint.local().await.map_err(StartError::Lookup)?, listen)
}

/// What `listen` gives for each of the addresses. Those that this machine does not have are left out, unless none is
/// left.
pub(in crate::net) fn at_each<T>(
    addresses: Vec<SocketAddr>,
    listen: impl Fn(SocketAddr) -> io::Result<T>,
) -> Result<Vec<T>, StartError> {
    let mut listening = Vec::new();
    let mut left_out = None;
    for address in addresses {
        match listen(address) {
            Ok(one) => listening.push(one),
            Err(error) if is_not_here(&error) => left_out = Some((address, error)),
            Err(error) => return Err(StartError::Listen(address, error)),
        }
    }
    if listening.is_empty() {
        return Err(match left_out {
            Some((address, error)) => StartError::Listen(address, error),
            None => StartError::NoAddress,
        });
    }
    Ok(listening)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::for_address(address)?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // The other kind has a listener of its own, or was not asked for.
        socket.set_only_v6(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Whether the machine has no such address.
fn is_not_here(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::EAFNOSUPPORT) {
        return true;
    }
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
}

/// As [`start_server`], at the Unix socket `path`; see [`UnixListener::bind`](crate::net::UnixListener::bind) for what may
/// be there before, and what becomes of it when the server is closed. asyncio's `start_unix_server`.
///
/// # Errors
/// As there.
///
/// # Cancel safety
/// Dropping the future starts nothing.
///
/// # Allocation
/// The server's state; for each connection its task, its buffers and its socket's state.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
#[cfg(unix)]
pub async fn start_unix_server<H>(
    handler: H,
    path: impl AsRef<std::path::Path>,
) -> io::Result<Server<crate::net::Unix>>
where
    H: AsyncFn(SocketReader<crate::net::Unix>, SocketWriter<crate::net::Unix>) + 'static,
{
    Server::new(vec![crate::net::UnixListener::bind(path)?], DEFAULT_LIMIT, handler)
}
