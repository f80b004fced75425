//! asyncio's two calls as portable code makes them.

use std::net::SocketAddr;

use embedded_io_async::{Error, ErrorKind};
use everloop_core::net::{Buffers, NetworkReader, NetworkWriter, ServeError, StreamServer, Streams};

use super::server::listeners;
use super::{ConnectError, Server, StartError, Tcp, TcpStream, open};
use crate::reactor::ReactorError;

impl Streams for Tcp {
    type Server = Server;
    type ConnectError = ConnectError;
    type StartError = StartError;

    async fn open_connection<const RX: usize, const TX: usize>(
        &self,
        host: &str,
        port: u16,
        buffers: Buffers<RX, TX>,
    ) -> Result<(NetworkReader<Self, RX>, NetworkWriter<Self, TX>), ConnectError> {
        Ok(buffers.of(open::connect((host, port).into()).await?))
    }

    async fn start_server<H, const RX: usize, const TX: usize>(
        &self,
        handler: H,
        host: &str,
        port: u16,
        buffers: Buffers<RX, TX>,
    ) -> Result<Server, StartError>
    where
        H: AsyncFn(NetworkReader<Self, RX>, NetworkWriter<Self, TX>) + Clone + 'static,
    {
        let listeners = listeners((host, port).into()).await?;
        let serve = async move |stream: TcpStream| {
            let (reader, writer) = buffers.of(stream);
            handler(reader, writer).await;
        };
        Server::serving(listeners, serve).map_err(|_| StartError::Loop(ReactorError::NoRunningLoop))
    }
}

impl StreamServer for Server {
    fn local_addr(&self) -> Option<SocketAddr> {
        self.local_addrs().first().copied()
    }

    fn is_serving(&self) -> bool {
        self.is_serving()
    }

    fn close(&self) {
        self.close();
    }

    fn close_clients(&self) {
        self.close_clients();
    }

    fn abort_clients(&self) {
        self.abort_clients();
    }

    async fn wait_closed(&self) {
        self.wait_closed().await;
    }

    async fn serve_forever(&self) -> Result<(), ServeError> {
        self.serve_forever().await
    }
}

impl Error for ConnectError {
    fn kind(&self) -> ErrorKind {
        self.io_kind().into()
    }
}

impl Error for StartError {
    fn kind(&self) -> ErrorKind {
        self.io_kind().into()
    }
}
