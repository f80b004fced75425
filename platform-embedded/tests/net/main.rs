//! TCP between two stacks on one loop, over a wire in memory, in virtual time.

mod accept;
mod close;
mod config;
mod connect;
#[cfg(feature = "dhcpv4")]
mod dhcp;
#[cfg(feature = "dhcpv4")]
mod dhcp_server;
#[cfg(feature = "dns")]
mod dns;
mod faults;
mod forged;
mod frames;
#[cfg(feature = "ipv6")]
mod ipv6;
mod link;
mod lossy;
mod lossy_transfer;
#[cfg(all(feature = "nal", feature = "dns"))]
mod nal;
#[cfg(all(feature = "nal", feature = "dns"))]
mod reqwless;
#[cfg(feature = "slaac")]
mod router;
mod serve;
#[cfg(feature = "slaac")]
mod slaac;
mod start;
mod storm;
mod surplus;
mod transfer;
#[cfg(feature = "udp")]
mod udp;
mod wire;
mod world;
