//! TCP over any `embassy-net-driver`, with smoltcp, without an allocator.
//!
//! All memory is given at the start: a static [`Resources`] with room for a number of connections. [`Resources::start`]
//! gives a [`Stack`], the handle by which tasks connect and listen, and a [`Runner`], which moves the frames and must
//! run as a task of its own, on the same loop. The traits by which portable code uses a network are here too, from
//! [`everloop_core::net`]; `Stack` implements [`Network`] and [`Streams`].
//!
//! ```no_run
//! # use core::net::{Ipv4Addr, SocketAddr};
//! # use embassy_net_driver::Driver;
//! use embedded_io_async::{Read, Write};
//! use everloop_embedded::net::{Config, Listener, Network, Resources};
//! use everloop_embedded::{Loop, TaskPool, create_task};
//!
//! // Four connections, each with buffers of one kilobyte to receive and to send.
//! static NET: Resources<4, 1024, 1024> = Resources::new();
//! static POOL: TaskPool<4, 2048> = TaskPool::new();
//! static LOOP: Loop = Loop::new();
//!
//! # fn app(driver: impl Driver + 'static, seed: u64) {
//! let config = Config::new(Ipv4Addr::new(192, 168, 0, 2), 24).gateway(Ipv4Addr::new(192, 168, 0, 1)).seed(seed);
//! LOOP.run(&[&POOL], async move {
//!     let (stack, mut runner) = NET.start(driver, config).unwrap();
//!     create_task(async move { runner.run().await });
//!
//!     let listener = stack.listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 7))).await.unwrap();
//!     loop {
//!         let mut connection = listener.accept().await.unwrap();
//!         create_task(async move {
//!             let mut buffer = [0; 256];
//!             while let Ok(n @ 1..) = connection.read(&mut buffer).await {
//!                 if connection.write_all(&buffer[..n]).await.is_err() {
//!                     break;
//!                 }
//!             }
//!         });
//!     }
//! });
//! # }
//! ```
//!
//! # Streams
//! [`Streams`] has asyncio's `open_connection` and `start_server`, the same calls as on a host, so portable code may be
//! handed a `Stack` as it may be handed a host's `Tcp`:
//!
//! ```no_run
//! # use everloop_embedded::net::{ConnectError, Stack, StartServerError};
//! use everloop_embedded::net::{Buffers, Server, Streams};
//!
//! # async fn app(stack: Stack) -> Result<(), ConnectError> {
//! async fn echo(stack: &Stack) -> Result<Server, StartServerError> {
//!     stack
//!         .start_server(
//!             async |mut reader, mut writer| {
//!                 while let Ok(line @ [_, ..]) = reader.readline().await {
//!                     if writer.write(line).is_err() || writer.drain().await.is_err() {
//!                         break;
//!                     }
//!                 }
//!             },
//!             "",
//!             7,
//!             Buffers::<128, 128>,
//!         )
//!         .await
//! }
//!
//! let server = echo(&stack).await.expect("a free port and a free slot for a task");
//! let (mut reader, mut writer) = stack.open_connection("10.0.0.1", 80, Buffers::<256, 128>).await?;
//! writer.write(b"GET / HTTP/1.0\r\n\r\n").expect("a request that fits");
//! writer.drain().await.expect("a server that takes it");
//! assert!(reader.readline().await.is_ok_and(|line| line.starts_with(b"HTTP/1.")));
//! # drop(server);
//! # Ok(())
//! # }
//! ```
//!
//! # Addresses
//! [`Config`] has fixed ones, or has them asked for: an IPv4 address of a DHCP server (feature `dhcpv4`), an IPv6
//! address of what routers advertise (`slaac`), beside a fixed one (`ipv6`). They may come, go and change while the
//! stack runs, also by [`Stack::set_config`]; [`Stack::wait_config_up`] waits for the first. A connection whose address
//! goes ends with [`Error::AddressLost`]. A listener on `0.0.0.0` or `[::]`, the latter for both families, stays.
//!
//! For IPv6 a driver must let frames to all through that begin with 33:33, by which hosts find each other. Whether
//! another host has an address already is not looked for.
//!
//! # Datagrams, names and other crates' traits
//! Each costs only who asks for it: the feature `udp` brings `UdpSocket`, whose memory is a static `UdpResources` that is
//! given with `Stack::add_udp`; `dns` brings `Stack::lookup`, which takes one such socket meanwhile; and `nal` the traits
//! of `embedded-nal-async`, by which client crates written for embassy run on a `Stack`.
//!
//! # When all connections are taken
//! A connection is taken from the first packet of a handshake until it has closed in good order, which may be after
//! both its halves were dropped. Who then wants to connect to a listened port gets no answer, and tries again by
//! itself, as TCP does: first after a second, then after two, and so on. [`Network::connect`] gives
//! [`Error::NoFreeConnection`] instead. A connection that only waits for late packets (TIME-WAIT) is given up as soon
//! as it is needed.
//!
//! # Dead peers
//! A peer that is silent for [`Config::timeout`], though it was probed, is given up: reads and writes then give
//! [`Error::TimedOut`]. What was written before both halves were dropped is still delivered, as long as the peer takes
//! some of it every [`Config::linger`]; else the connection is reset.
//!
//! # Cancel safety
//! Dropping the future of a `read` or `write` moves no byte; of `accept`, loses no connection.
//!
//! # Wakes from interrupts
//! The driver wakes the [`Runner`]'s task from wherever it does; all else happens on the loop.

mod address;
mod addressing;
mod binding;
mod clock;
mod config;
mod connection;
mod device;
#[cfg(feature = "dhcpv4")]
mod dhcp;
#[cfg(feature = "dns")]
mod dns;
mod error;
mod frame;
#[cfg(feature = "dhcpv4")]
mod hostname;
mod interface;
mod listener;
#[cfg(feature = "nal")]
mod nal;
mod open;
mod ports;
mod reader;
mod resources;
mod runner;
mod server;
#[cfg(feature = "slaac")]
mod slaac;
mod slot;
mod stack;
#[cfg(feature = "udp")]
mod udp;
mod writer;

pub use address::Address;
pub use config::Config;
pub use connection::TcpConnection;
#[cfg(feature = "dns")]
pub use dns::{Addresses, LookupError};
pub use error::{Error, StartError};
pub use everloop_core::net::*;
#[cfg(feature = "dhcpv4")]
pub use hostname::Hostname;
pub use listener::TcpListener;
pub use open::{ConnectError, StartServerError};
pub use reader::TcpReader;
pub use resources::Resources;
pub use runner::Runner;
pub use server::Server;
pub use stack::Stack;
#[cfg(feature = "udp")]
pub use udp::{UdpResources, UdpSocket};
pub use writer::TcpWriter;
