//! What TCP and Unix sockets differ in. All else is written once, in [`StreamSocket`](super::StreamSocket) and its
//! halves.

use std::fmt::Debug;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::Shutdown;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;

use mio::event::Source;
#[cfg(target_os = "linux")]
use rustix::net::{RecvAncillaryBuffer, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendFlags};
use socket2::SockRef;

use super::StreamSocket;

/// A kind of byte streams between sockets: [`Tcp`](super::Tcp), and on Unix also `Unix`. It can't be implemented outside
/// this crate.
#[allow(async_fn_in_trait)]
pub trait Kind: Sized + sealed::Sealed + 'static {
    /// The address of an end.
    type Addr: Clone + Debug + 'static;
    /// What gives connections of this kind.
    type Listener: 'static;
    /// The operating system's stream.
    #[doc(hidden)]
    type Io: Io<Addr = Self::Addr>;
    /// How a stream, the half to read from and the half to write to are called.
    #[doc(hidden)]
    const NAMES: [&'static str; 3];

    #[doc(hidden)]
    async fn accept(listener: &Self::Listener) -> io::Result<StreamSocket<Self>>;
    #[doc(hidden)]
    fn listens_at(listener: &Self::Listener) -> io::Result<Self::Addr>;
}

/// mio's stream of a kind. Its calls do not block.
#[doc(hidden)]
pub trait Io: Source + Sized + 'static {
    type Addr;

    fn read(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got>;
    /// As `read`, into memory that need not be initialized, and is as far as this says.
    fn receive(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<Got>;
    fn write(&self, buf: &[u8]) -> io::Result<usize>;
    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;
    fn take_error(&self) -> io::Result<Option<io::Error>>;
    fn peer_addr(&self) -> io::Result<Self::Addr>;
    fn local_addr(&self) -> io::Result<Self::Addr>;
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
    fn options(&self) -> SockRef<'_>;
}

/// What a read has got.
#[doc(hidden)]
pub struct Got {
    pub count: usize,
    /// It may have stopped short before other bytes that were there.
    pub was_cut: bool,
}

macro_rules! io {
    ($stream:ty, $addr:ty, $read:path, $receive_is_cut:expr) => {
        impl Io for $stream {
            type Addr = $addr;

            fn read(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got> {
                $read(self, bufs)
            }

            fn receive(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<Got> {
                let count = self.try_io(|| self.options().recv(buf))?;
                Ok(Got { count, was_cut: $receive_is_cut })
            }

            // As in `read_bytes`.
            #[cfg(target_os = "linux")]
            fn write(&self, buf: &[u8]) -> io::Result<usize> {
                Ok(rustix::net::send(self, buf, SendFlags::NOSIGNAL)?)
            }

            #[cfg(not(target_os = "linux"))]
            fn write(&self, buf: &[u8]) -> io::Result<usize> {
                io::Write::write(&mut &*self, buf)
            }

            // `writev` raises SIGPIPE where the peer is gone, which ends a program that does not ignore it.
            #[cfg(target_os = "linux")]
            fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                let mut nothing = SendAncillaryBuffer::default();
                Ok(rustix::net::sendmsg(self, bufs, &mut nothing, SendFlags::NOSIGNAL)?)
            }

            #[cfg(not(target_os = "linux"))]
            fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                io::Write::write_vectored(&mut &*self, bufs)
            }

            fn take_error(&self) -> io::Result<Option<io::Error>> {
                self.take_error()
            }

            fn peer_addr(&self) -> io::Result<$addr> {
                self.peer_addr()
            }

            fn local_addr(&self) -> io::Result<$addr> {
                self.local_addr()
            }

            fn shutdown(&self, how: Shutdown) -> io::Result<()> {
                self.shutdown(how)
            }

            fn options(&self) -> SockRef<'_> {
                SockRef::from(self)
            }
        }
    };
}

io!(mio::net::TcpStream, std::net::SocketAddr, read_bytes, false);
#[cfg(target_os = "linux")]
io!(mio::net::UnixStream, std::os::unix::net::SocketAddr, read_messages, true);
#[cfg(all(unix, not(target_os = "linux")))]
io!(mio::net::UnixStream, std::os::unix::net::SocketAddr, read_bytes, false);

/// Without the layers and the C library between, which together take as long as a tenth of the call does. mio's own have
/// something to do on Windows only.
#[cfg(target_os = "linux")]
fn read_bytes(io: impl AsFd, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got> {
    let count = match bufs {
        [buf] => rustix::net::recv(io, &mut **buf, RecvFlags::empty())?.0,
        bufs => rustix::io::readv(io, bufs)?,
    };
    Ok(Got { count, was_cut: false })
}

#[cfg(not(target_os = "linux"))]
fn read_bytes<T>(io: &T, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got>
where
    for<'a> &'a T: io::Read,
{
    let mut io = io;
    let count = match bufs {
        [buf] => io::Read::read(&mut io, buf)?,
        bufs => io::Read::read_vectored(&mut io, bufs)?,
    };
    Ok(Got { count, was_cut: false })
}

/// A read of a Unix socket stops behind a message with descriptors, which nobody here takes; no event comes for what is
/// behind it.
#[cfg(target_os = "linux")]
fn read_messages(io: impl AsFd, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got> {
    let mut nothing = RecvAncillaryBuffer::default();
    let message = rustix::net::recvmsg(io, bufs, &mut nothing, RecvFlags::empty())?;
    Ok(Got { count: message.bytes, was_cut: message.flags.contains(ReturnFlags::CTRUNC) })
}

pub(super) mod sealed {
    pub trait Sealed {}
}
