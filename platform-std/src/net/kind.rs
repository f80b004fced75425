//! What TCP and Unix sockets differ in. All else is written once, in [`StreamSocket`](super::StreamSocket) and its
//! halves.

use std::fmt::Debug;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::Shutdown;

use mio::event::Source;
#[cfg(target_os = "linux")]
use rustix::net::{RecvFlags, SendFlags};
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

    fn read(&self, buf: &mut [u8]) -> io::Result<usize>;
    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize>;
    /// As `read`, into memory that need not be initialized, and is as far as this says.
    fn receive(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize>;
    fn write(&self, buf: &[u8]) -> io::Result<usize>;
    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;
    fn take_error(&self) -> io::Result<Option<io::Error>>;
    fn peer_addr(&self) -> io::Result<Self::Addr>;
    fn local_addr(&self) -> io::Result<Self::Addr>;
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
    fn options(&self) -> SockRef<'_>;
}

macro_rules! io {
    ($stream:ty, $addr:ty) => {
        impl Io for $stream {
            type Addr = $addr;

            // Without the layers and the C library between, which together take as long as a tenth of the call does. mio's
            // own have something to do on Windows only.
            #[cfg(target_os = "linux")]
            fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
                Ok(rustix::net::recv(self, buf, RecvFlags::empty())?.0)
            }

            #[cfg(not(target_os = "linux"))]
            fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
                io::Read::read(&mut &*self, buf)
            }

            fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                io::Read::read_vectored(&mut &*self, bufs)
            }

            fn receive(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
                self.try_io(|| self.options().recv(buf))
            }

            #[cfg(target_os = "linux")]
            fn write(&self, buf: &[u8]) -> io::Result<usize> {
                Ok(rustix::net::send(self, buf, SendFlags::NOSIGNAL)?)
            }

            #[cfg(not(target_os = "linux"))]
            fn write(&self, buf: &[u8]) -> io::Result<usize> {
                io::Write::write(&mut &*self, buf)
            }

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

io!(mio::net::TcpStream, std::net::SocketAddr);
#[cfg(unix)]
io!(mio::net::UnixStream, std::os::unix::net::SocketAddr);

pub(super) mod sealed {
    pub trait Sealed {}
}
