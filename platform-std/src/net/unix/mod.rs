mod error;
mod listener;
mod path;
mod stream;

use std::io;

use super::kind::{Kind, sealed};

pub use error::PathError;
pub use listener::UnixListener;
pub(in crate::net) use listener::bind;
pub(in crate::net) use path::Bound;
pub use std::os::unix::net::SocketAddr as UnixAddr;
pub use stream::{UnixReader, UnixStream, UnixWriter};

/// The operating system's streams between processes of one machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unix;

impl sealed::Sealed for Unix {}

impl Kind for Unix {
    type Addr = UnixAddr;
    type Listener = UnixListener;
    type Io = mio::net::UnixStream;
    const NAMES: [&'static str; 3] = ["UnixStream", "UnixReader", "UnixWriter"];

    async fn accept(listener: &UnixListener) -> io::Result<UnixStream> {
        listener.accept().await
    }

    fn listens_at(listener: &UnixListener) -> io::Result<UnixAddr> {
        listener.local_addr()
    }
}
