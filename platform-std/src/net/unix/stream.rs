use std::io;
use std::path::Path;

use everloop_core::{Duration, sleep};
use socket2::{Domain, Socket as RawSocket, Type};

use super::{Unix, path};
use crate::net::socket::{self, Socket};
use crate::net::{ReadHalf, StreamSocket, WriteHalf};
use crate::reactor;

/// A connection between processes of one machine. What it has in common with other streams is described at
/// [`StreamSocket`].
pub type UnixStream = StreamSocket<Unix>;

/// The half of a [`UnixStream`] to read from.
pub type UnixReader = ReadHalf<Unix>;

/// The half of a [`UnixStream`] to write to.
pub type UnixWriter = WriteHalf<Unix>;

/// While as many clients wait as a listener allows, it is tried again after this time, then after twice as long, up to
/// `LONGEST_RETRY`: the system announces no free place.
const FIRST_RETRY: Duration = Duration::from_millis(1);
const LONGEST_RETRY: Duration = Duration::from_millis(64);

impl StreamSocket<Unix> {
    /// Connects to the listener at `path`; on Linux, if that begins with a NUL byte, to the one with that abstract name.
    /// If as many clients wait as the listener allows, waits for a place.
    ///
    /// # Errors
    /// The operating system's, a [`PathError`](super::PathError) if the path can't be one, and a
    /// [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up.
    ///
    /// # Allocation
    /// The socket's state.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn connect(path: impl AsRef<Path>) -> io::Result<Self> {
        let driver = reactor::current()?;
        let address = path::address(path.as_ref())?;
        let mut retry = FIRST_RETRY;
        let raw = loop {
            let raw = RawSocket::new(Domain::UNIX, Type::STREAM, None)?;
            match socket::begin_to_connect(&raw, &address) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    drop(raw);
                    sleep(retry).await;
                    retry = LONGEST_RETRY.min(retry * 2);
                }
                result => {
                    result?;
                    break raw;
                }
            }
        };
        let socket = Socket::new(driver, mio::net::UnixStream::from_std(raw.into()))?;
        socket.connected().await?;
        Ok(Self::new(socket))
    }

    /// Takes over a connection made elsewhere.
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn from_std(stream: std::os::unix::net::UnixStream) -> io::Result<Self> {
        let driver = reactor::current()?;
        stream.set_nonblocking(true)?;
        Ok(Self::new(Socket::new(driver, mio::net::UnixStream::from_std(stream))?))
    }

    /// Two connected streams.
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = std::os::unix::net::UnixStream::pair()?;
        Ok((Self::from_std(one)?, Self::from_std(other)?))
    }
}
