use std::io;

use everloop_core::call_exception_handler;

use super::{TlsAcceptor, TlsReader, TlsWriter};
use crate::net::{self, DEFAULT_LIMIT, Endpoint, Kind, Server, StartError, StreamSocket};
use crate::reactor::ReactorError;

/// As [`start_server`](crate::start_server), with TLS: asyncio's with `ssl`.
///
/// A connection's task does the handshake before it calls the handler, so a client that is slow or does not speak TLS holds
/// nobody up. What is wrong with it goes to the loop's [exception handler](crate::set_exception_handler).
///
/// # Errors
/// As there.
///
/// # Cancel safety
/// Dropping the future starts nothing.
///
/// # Allocation
/// As there, and the state of TLS for each connection.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
///
/// # Differs from asyncio
/// There, most of what is wrong with a handshake is only logged.
pub async fn start_tls_server<H>(
    handler: H,
    endpoint: impl Into<Endpoint>,
    acceptor: &TlsAcceptor,
) -> Result<Server, StartError>
where
    H: AsyncFn(TlsReader, TlsWriter) + 'static,
{
    let listeners = net::listeners(endpoint.into()).await?;
    match Server::with_tls(listeners, DEFAULT_LIMIT, acceptor, handler) {
        Ok(server) => Ok(server),
        Err(_) => Err(StartError::Loop(ReactorError::NoRunningLoop)),
    }
}

/// As [`start_unix_server`](crate::start_unix_server), with TLS: asyncio's with `ssl`.
///
/// # Errors
/// As there.
///
/// # Cancel safety
/// Dropping the future starts nothing.
///
/// # Allocation
/// As there, and the state of TLS for each connection.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
#[cfg(unix)]
pub async fn start_unix_tls_server<H>(
    handler: H,
    path: impl AsRef<std::path::Path>,
    acceptor: &TlsAcceptor,
) -> io::Result<Server<net::Unix>>
where
    H: AsyncFn(TlsReader<net::Unix>, TlsWriter<net::Unix>) + 'static,
{
    Server::with_tls(vec![net::UnixListener::bind(path)?], DEFAULT_LIMIT, acceptor, handler)
}

impl<K: Kind> Server<K> {
    /// As [`new`](Self::new), with TLS: see [`start_tls_server`].
    ///
    /// # Errors
    /// A [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn with_tls<H>(
        listeners: Vec<K::Listener>,
        limit: usize,
        acceptor: &TlsAcceptor,
        handler: H,
    ) -> io::Result<Self>
    where
        H: AsyncFn(TlsReader<K>, TlsWriter<K>) + 'static,
    {
        assert!(limit > 0, "a connection needs buffers of at least one byte");
        let acceptor = acceptor.clone();
        Self::serving(listeners, async move |stream: StreamSocket<K>| match acceptor.accept(stream).await {
            Ok(stream) => {
                let (reader, writer) = stream.buffered(limit);
                handler(reader, writer).await;
            }
            Err(error) => call_exception_handler("a client's TLS handshake failed", &error),
        })
    }
}
