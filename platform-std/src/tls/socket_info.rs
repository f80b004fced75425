use std::fmt;
use std::rc::Rc;

use super::TlsInfo;
use crate::net::{Kind, Socket, SocketInfo, StreamSocket};

/// What is known of a connection with TLS that is read and written through buffers. asyncio's `get_extra_info` of a
/// [`TlsWriter`](super::TlsWriter).
pub struct TlsSocketInfo<K: Kind> {
    socket: SocketInfo<K>,
    tls: TlsInfo,
}

impl<K: Kind> TlsSocketInfo<K> {
    pub(super) fn new(socket: &Rc<Socket<K>>, tls: TlsInfo) -> Self {
        Self { socket: SocketInfo::new(StreamSocket::of(Rc::clone(socket))), tls }
    }

    /// The address of the other end, as it was when TLS began; `None` if the connection had failed before. asyncio's
    /// `get_extra_info('peername')`.
    pub fn peername(&self) -> Option<&K::Addr> {
        self.socket.peername()
    }

    /// The address of this end, as it was when TLS began. asyncio's `get_extra_info('sockname')`.
    pub fn sockname(&self) -> Option<&K::Addr> {
        self.socket.sockname()
    }

    /// The socket below, to ask for its options and to set them. asyncio's `get_extra_info('socket')`.
    pub fn socket(&self) -> &StreamSocket<K> {
        self.socket.socket()
    }

    /// What the handshake came to. asyncio's `get_extra_info('ssl_object')`, `'peercert'` and `'cipher'`.
    pub fn tls(&self) -> &TlsInfo {
        &self.tls
    }
}

impl<K: Kind> fmt::Debug for TlsSocketInfo<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSocketInfo")
            .field("peername", &self.peername())
            .field("sockname", &self.sockname())
            .field("tls", &self.tls)
            .finish()
    }
}
