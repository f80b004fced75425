use core::fmt;
use core::net::SocketAddr;

use super::{Connection, Network};
use crate::stream::{StreamReader, StreamWriter};

/// A [`StreamReader`] of a network's connection, with a buffer of so many bytes.
pub type NetworkReader<N, const RX: usize> =
    StreamReader<<<N as Network>::Connection as Connection>::Reader, [u8; RX]>;
/// A [`StreamWriter`] to a network's connection, with a buffer of so many bytes.
pub type NetworkWriter<N, const TX: usize> =
    StreamWriter<<<N as Network>::Connection as Connection>::Writer, [u8; TX]>;

type Pair<R, W, const RX: usize, const TX: usize> = (StreamReader<R, [u8; RX]>, StreamWriter<W, [u8; TX]>);

/// The sizes of the buffers of a connection's streams, of the reader's and of the writer's, in bytes: `Buffers::<256, 128>`.
/// They are what can be read and written at once at most, as a line with its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffers<const RX: usize, const TX: usize>;

impl<const RX: usize, const TX: usize> Buffers<RX, TX> {
    /// A reader and a writer of a connection.
    pub fn of<C: Connection>(self, connection: C) -> Pair<C::Reader, C::Writer, RX, TX> {
        const { assert!(RX > 0 && TX > 0, "the streams of a connection need buffers") };
        let (reader, writer) = connection.split();
        (StreamReader::new(reader, [0; RX]), StreamWriter::new(writer, [0; TX]))
    }
}

/// asyncio's `open_connection` and `start_server`, the same calls on every platform, for portable code: it takes a network
/// and calls them on that. A host's network is `Tcp`, a microcontroller's a `Stack`.
///
/// The streams have buffers of a fixed size, on every platform: so what works on a host has room on a microcontroller.
///
/// ```
/// use everloop_core::net::{Buffers, Streams};
///
/// /// Serves lines, each of which is sent back.
/// async fn serve<N: Streams>(network: &N, port: u16) -> Result<N::Server, N::StartError> {
///     network
///         .start_server(
///             async |mut reader, mut writer| {
///                 while let Ok(line @ [_, ..]) = reader.readline().await {
///                     if writer.write(line).is_err() || writer.drain().await.is_err() {
///                         break;
///                     }
///                 }
///             },
///             "",
///             port,
///             Buffers::<128, 128>,
///         )
///         .await
/// }
///
/// /// Whether a server at this host, a name or an address, sends a line back.
/// async fn ask<N: Streams>(network: &N, host: &str, port: u16) -> Result<bool, N::ConnectError> {
///     let (mut reader, mut writer) = network.open_connection(host, port, Buffers::<128, 128>).await?;
///     let sent = writer.write(b"hello\n").is_ok() && writer.drain().await.is_ok();
///     Ok(sent && reader.readline().await.is_ok_and(|line| line == b"hello\n"))
/// }
/// ```
#[allow(async_fn_in_trait)]
pub trait Streams: Network {
    /// What serves.
    type Server: StreamServer + 'static;
    /// Why there is no connection.
    type ConnectError: embedded_io_async::Error + 'static;
    /// Why there is no server.
    type StartError: embedded_io_async::Error + 'static;

    /// Connects to a host, by name or by an address that is written out. Of several addresses each is tried until one takes
    /// the connection.
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up.
    ///
    /// # Allocation
    /// None on bare metal.
    ///
    /// # Wakes from interrupts
    /// As the platform's driver does.
    async fn open_connection<const RX: usize, const TX: usize>(
        &self,
        host: &str,
        port: u16,
        buffers: Buffers<RX, TX>,
    ) -> Result<(NetworkReader<Self, RX>, NetworkWriter<Self, TX>), Self::ConnectError>;

    /// Serves at a host's address: `handler` is called for each connection with a reader and a writer, and its future is a
    /// task. An empty host stands for all addresses of this machine.
    ///
    /// What is still in the writer's buffer when the handler ends is lost: drain it before.
    ///
    /// # Cancel safety
    /// Dropping the future starts nothing.
    ///
    /// # Allocation
    /// None on bare metal.
    ///
    /// # Wakes from interrupts
    /// As the platform's driver does.
    async fn start_server<H, const RX: usize, const TX: usize>(
        &self,
        handler: H,
        host: &str,
        port: u16,
        buffers: Buffers<RX, TX>,
    ) -> Result<Self::Server, Self::StartError>
    where
        H: AsyncFn(NetworkReader<Self, RX>, NetworkWriter<Self, TX>) + Clone + 'static;
}

/// A server that [`Streams::start_server`] has started. asyncio's `Server`. Dropping it closes it.
#[allow(async_fn_in_trait)]
pub trait StreamServer {
    /// An address that it listens at, with the port that was chosen if port 0 was asked for; none once it is closed.
    fn local_addr(&self) -> Option<SocketAddr>;

    /// Whether it accepts connections: until it is closed.
    fn is_serving(&self) -> bool;

    /// Stops listening, at once. Connections live on. Once it is closed this does nothing.
    fn close(&self);

    /// Closes all connections in good order, under their handlers: those go on, read the end of the stream, and get an error
    /// of kind [`BrokenPipe`](embedded_io::ErrorKind::BrokenPipe) for what they write.
    fn close_clients(&self);

    /// Resets all connections, under their handlers: those go on, and get an error of kind
    /// [`ConnectionAborted`](embedded_io::ErrorKind::ConnectionAborted) for what they read and write.
    fn abort_clients(&self);

    /// Waits until the server is closed and all of its connections are, too. Any number may wait.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None.
    async fn wait_closed(&self);

    /// Waits as [`wait_closed`](Self::wait_closed) does; if it is cancelled, closes the server and its clients, waits for
    /// that, and only then surfaces.
    ///
    /// # Errors
    /// The server is closed already, or another task awaits this.
    ///
    /// # Cancel safety
    /// A cancellation closes the server. Dropping the future does not.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None.
    async fn serve_forever(&self) -> Result<(), ServeError>;
}

/// Why a server does not serve for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServeError {
    /// It was closed before.
    Closed,
    /// Another task awaits that already.
    AlreadyAwaited,
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the server is closed: start a new one",
            Self::AlreadyAwaited => {
                "another task awaits `serve_forever` already: await `wait_closed` instead"
            }
        })
    }
}

impl core::error::Error for ServeError {}
