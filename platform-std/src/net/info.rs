use std::fmt;

use super::StreamSocket;
use super::kind::Kind;

/// What is known of a socket that is read and written through buffers. asyncio's `get_extra_info` of a
/// [`SocketWriter`](super::SocketWriter).
pub struct SocketInfo<K: Kind> {
    peername: Option<K::Addr>,
    sockname: Option<K::Addr>,
    socket: StreamSocket<K>,
}

impl<K: Kind> SocketInfo<K> {
    pub(crate) fn new(socket: StreamSocket<K>) -> Self {
        // Asked now, since a peer that has reset has none any more.
        Self { peername: socket.peer_addr().ok(), sockname: socket.local_addr().ok(), socket }
    }

    /// The address of the other end, as it was when the connection began; `None` if it had failed before. asyncio's
    /// `get_extra_info('peername')`.
    pub fn peername(&self) -> Option<&K::Addr> {
        self.peername.as_ref()
    }

    /// The address of this end, as it was when the connection began. asyncio's `get_extra_info('sockname')`.
    pub fn sockname(&self) -> Option<&K::Addr> {
        self.sockname.as_ref()
    }

    /// The socket itself, to ask for its options and to set them. asyncio's `get_extra_info('socket')`.
    pub fn socket(&self) -> &StreamSocket<K> {
        &self.socket
    }
}

impl<K: Kind> fmt::Debug for SocketInfo<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketInfo")
            .field("peername", &self.peername)
            .field("sockname", &self.sockname)
            .finish_non_exhaustive()
    }
}
