use core::fmt;

use embedded_io::ErrorKind;

/// Why an operation of the network failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// The peer reset the connection.
    Reset,
    /// The peer refused to connect: nobody listens there.
    Refused,
    /// The peer did not answer for longer than the configured timeout.
    TimedOut,
    /// The connection was reset by this side, with `abort`.
    Aborted,
    /// The stream to the peer has ended, with `write_eof`: nothing more can be written.
    WriteAfterEof,
    /// The interface lost the address that the connection was made from or to, as when a DHCP lease ends or another
    /// configuration is set. What was not read yet is gone.
    AddressLost,
    /// Not connected any more.
    NotConnected,
    /// All connections are taken.
    NoFreeConnection,
    /// Another listener has the port.
    PortInUse,
    /// As many ports are listened on as there can be connections.
    NoFreeListener,
    /// The address can't be reached, or is not one of this interface: it is of another family, is no single host's,
    /// or is in another network and there is no gateway.
    Unaddressable,
    /// Port 0.
    InvalidPort,
    /// All UDP sockets are taken, or the stack was given none.
    NoFreeSocket,
    /// The stack has memory for UDP already, or the memory serves another stack.
    AlreadyAdded,
    /// The datagram is longer than the socket's buffer, or than a packet can be.
    TooLong,
    /// The datagram did not fit, and its rest is lost.
    Truncated,
    /// Datagrams that were sent before could not be delivered: no host of the network has the address. It is told once.
    Undelivered,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reset => "the peer reset the connection",
            Self::Refused => "the peer refused the connection: nobody listens on that port",
            Self::TimedOut => "the peer does not answer",
            Self::Aborted => "the connection was aborted on this side",
            Self::WriteAfterEof => "nothing can be written after `write_eof`",
            Self::AddressLost => "this side has no longer the address of the connection: connect again",
            Self::NotConnected => "the connection is closed",
            Self::NoFreeConnection => {
                "all connections are taken: drop one, or give `Resources` room for more of them"
            }
            Self::PortInUse => "another listener has the port",
            Self::NoFreeListener => {
                "no more ports can be listened on: there can be as many as `Resources` has connections"
            }
            Self::Unaddressable => {
                "the address can't be reached from this interface, or is not one of its own"
            }
            Self::NoFreeSocket => {
                "all UDP sockets are taken: drop one, or give the stack more of them with `add_udp`"
            }
            Self::AlreadyAdded => {
                "the memory for UDP serves a stack, or the stack has some: give each its own"
            }
            Self::TooLong => "the datagram is longer than the buffer of the socket or than a packet",
            Self::Truncated => "the datagram was longer than the buffer that it was received into",
            Self::Undelivered => "former datagrams could not be delivered: no host has the address",
            Self::InvalidPort => "port 0 is none that can be connected to or listened on",
        })
    }
}

impl core::error::Error for Error {}

impl embedded_io::Error for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Reset => ErrorKind::ConnectionReset,
            Self::Refused => ErrorKind::ConnectionRefused,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::Aborted => ErrorKind::ConnectionAborted,
            Self::WriteAfterEof => ErrorKind::BrokenPipe,
            Self::AddressLost => ErrorKind::ConnectionAborted,
            Self::NotConnected => ErrorKind::NotConnected,
            Self::NoFreeConnection | Self::NoFreeListener => ErrorKind::OutOfMemory,
            Self::PortInUse => ErrorKind::AddrInUse,
            Self::Unaddressable => ErrorKind::AddrNotAvailable,
            Self::NoFreeSocket => ErrorKind::OutOfMemory,
            Self::AlreadyAdded | Self::TooLong | Self::Truncated => ErrorKind::InvalidInput,
            Self::Undelivered => ErrorKind::TimedOut,
            Self::InvalidPort => ErrorKind::InvalidInput,
        }
    }
}

/// Why a stack could not be started, or not be given another configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StartError {
    /// The resources serve another stack.
    AlreadyStarted,
    /// The address is not one that a single host can have, or the prefix has more bits than it.
    InvalidAddress,
    /// The gateway is this host, or is not in its network, or there is no fixed address for it.
    InvalidGateway,
    /// There are more DNS servers than three, or one of them is no single host.
    InvalidDnsServers,
    /// The hostname is not one.
    InvalidHostname,
    /// DHCP and SLAAC need Ethernet.
    NotEthernet,
    /// The driver is neither for Ethernet nor for IP, or its own address is not one that a single device can have.
    InvalidHardware,
    /// The driver's frames are too small: IPv4 needs room for 68 bytes at least, DHCP for 576 and IPv6 for 1280.
    InvalidMtu,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyStarted => "the resources serve another stack: give each its own",
            Self::InvalidAddress => "the configured address is not one that a host can have",
            Self::InvalidGateway => {
                "the configured gateway is this host, or not in its network, or has no fixed address to go with"
            }
            Self::InvalidDnsServers => {
                "the configured DNS servers are more than three, or not all are single hosts"
            }
            Self::InvalidHostname => {
                "the configured hostname is not one of 1 to 63 letters, digits and inner hyphens"
            }
            Self::NotEthernet => "DHCP and SLAAC need a driver for Ethernet: configure a fixed address",
            Self::InvalidHardware => {
                "the driver is neither for Ethernet nor for IP, or its address is no device's"
            }
            Self::InvalidMtu => "the driver's frames are too small for the configured protocols",
        })
    }
}

impl core::error::Error for StartError {}
