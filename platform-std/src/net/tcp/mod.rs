mod listener;
mod options;
mod socket;
mod stream;

use std::io;
use std::net::SocketAddr;

use everloop_core::net::Network;

use super::kind::{Kind, sealed};

pub use listener::TcpListener;
pub use socket::TcpSocket;
pub use stream::{TcpReader, TcpStream, TcpWriter};

/// The operating system's TCP, to hand to portable code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tcp;

impl sealed::Sealed for Tcp {}

impl Kind for Tcp {
    type Addr = SocketAddr;
    type Listener = TcpListener;
    type Io = mio::net::TcpStream;
    const NAMES: [&'static str; 3] = ["TcpStream", "TcpReader", "TcpWriter"];

    async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
        Ok(listener.accept().await?.0)
    }

    fn listens_at(listener: &TcpListener) -> io::Result<SocketAddr> {
        listener.local_addr()
    }
}

impl Network for Tcp {
    type Error = io::Error;
    type Connection = TcpStream;
    type Listener = TcpListener;

    async fn connect(&self, remote: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(remote).await
    }

    async fn listen(&self, local: SocketAddr) -> io::Result<TcpListener> {
        TcpListener::bind(local)
    }
}
