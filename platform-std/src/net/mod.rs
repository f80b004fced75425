//! Sockets: the portable traits of `everloop-core`, the operating system's TCP that implements them, Unix sockets and UDP.
//!
//! A program that should also run on a microcontroller takes a [`Network`] and is handed [`Tcp`] here:
//!
//! ```
//! use everloop::net::{Connection, ConnectionWriter, Listener, Network, Tcp};
//! use everloop::{create_task, embedded_io_async::{Read, Write}};
//!
//! async fn shout(net: &impl Network, server: std::net::SocketAddr) -> usize {
//!     let (mut reader, mut writer) = net.connect(server).await.unwrap().split();
//!     writer.write_all(b"hello").await.unwrap();
//!     writer.write_eof().await.unwrap();
//!     reader.read(&mut [0; 16]).await.unwrap()
//! }
//!
//! everloop::run(async {
//!     let listener = Tcp.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
//!     let address = listener.local_addr().unwrap();
//!     let server = create_task(async move {
//!         let (mut stream, _) = listener.accept().await.unwrap();
//!         let mut heard = [0; 5];
//!         stream.read_exact(&mut heard).await.unwrap();
//!         stream.write_all(&heard.map(|c| c.to_ascii_uppercase())).await.unwrap();
//!     });
//!     assert_eq!(shout(&Tcp, address).await, 5);
//!     server.await.unwrap();
//! }).unwrap();
//! ```
//!
//! Sockets stay on the thread and with the loop that made them: they are not `Send`.
//!
//! ```compile_fail
//! fn is_send<T: Send>() {}
//! is_send::<everloop::net::TcpStream>();
//! ```

mod endpoint;
mod incoming;
mod info;
mod kind;
mod open;
mod portable;
mod reader;
mod server;
mod socket;
mod stream;
mod tcp;
mod threads;
mod udp;
#[cfg(unix)]
mod unix;
mod writer;

use std::fmt;

pub use everloop_core::net::*;

pub use endpoint::{Endpoint, lookup_host};
pub use incoming::Incoming;
pub use info::SocketInfo;
pub use kind::Kind;
#[cfg(unix)]
pub use open::open_unix_connection;
pub use open::{ConnectError, DEFAULT_LIMIT, SocketReader, SocketWriter, open_connection};
pub use reader::ReadHalf;
#[cfg(all(unix, feature = "inspect"))]
pub(crate) use server::bear;
#[cfg(unix)]
pub use server::start_unix_server;
pub use server::{Server, StartError, start_server};
pub use stream::StreamSocket;
pub use tcp::{Tcp, TcpListener, TcpReader, TcpSocket, TcpStream, TcpWriter};
pub use threads::{
    ServeOnEveryCoreError, ServerThreads, StoppedError, StoppedReason, ThreadedServer, serve_on_every_core,
};
pub use udp::UdpSocket;
#[cfg(unix)]
pub use unix::{PathError, Unix, UnixAddr, UnixListener, UnixReader, UnixStream, UnixWriter};
pub use writer::WriteHalf;
#[cfg(feature = "tls")]
pub(crate) use {
    kind::Io,
    open::connect,
    server::listeners,
    socket::{Socket, io_slices},
};

/// So many clients may wait to be accepted; the operating system may have a lower limit of its own.
const BACKLOG: u32 = 1024;

/// How a stream and its halves are shown: by the addresses they connect.
pub(crate) fn describe<K: Kind>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    socket: &socket::Socket<K>,
) -> fmt::Result {
    let mut s = f.debug_struct(name);
    if let Ok(address) = socket.local_addr() {
        s.field("local", &address);
    }
    if let Ok(address) = socket.peer_addr() {
        s.field("peer", &address);
    }
    s.finish_non_exhaustive()
}
