//! From a connection to one with TLS.

use std::rc::Rc;

use everloop_core::wait_for;
use rustls::Connection;

use super::handle::Handle;
use super::limits::Limits;
use super::session::Session;
use super::{TlsError, TlsStream};
use crate::net::{Kind, Socket, SocketReader, SocketWriter};

/// Does the handshake, with what was received of it already.
pub(super) async fn begin<K: Kind>(
    socket: Rc<Socket<K>>,
    conn: Connection,
    received: Vec<u8>,
    limits: Limits,
) -> Result<TlsStream<K>, TlsError> {
    let session = Session::new(socket, conn, received, limits.shutdown);
    match wait_for(session.handshake(), limits.handshake).await {
        Ok(done) => done?,
        Err(_timeout) => return Err(TlsError::HandshakeTimeout(limits.handshake)),
    }
    Ok(TlsStream::new(Handle::new(session)))
}

/// The socket of a reader and a writer, once all that was written is sent, and what the reader holds of what it received.
pub(super) async fn take_over<K: Kind>(
    reader: SocketReader<K>,
    writer: SocketWriter<K>,
) -> Result<(Rc<Socket<K>>, Vec<u8>), TlsError> {
    let writer = writer.into_inner().await.map_err(|failed| TlsError::Io(failed.into()))?;
    let received = reader.buffer().to_vec();
    let socket = reader.into_inner().0.into_socket();
    if !Rc::ptr_eq(&socket, &writer.into_socket()) {
        return Err(TlsError::TwoConnections);
    }
    Ok((socket, received))
}
