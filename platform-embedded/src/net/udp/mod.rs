//! Datagrams. Only with the feature `udp`.

mod interface;
mod resources;
mod socket;
mod table;

pub use resources::UdpResources;
pub use socket::UdpSocket;
pub(super) use table::{Signals, Table};
