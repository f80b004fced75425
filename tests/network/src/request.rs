//! The first line of a connection: what is asked for.

use core::net::SocketAddr;

/// The longest line.
pub const LINE: usize = 80;

/// A service that a connection asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `echo`: sends back all that comes, until the end.
    Echo,
    /// `count`: reads to the end, then answers with a line: how many bytes there were, and their sum.
    Count,
    /// `stall MILLISECONDS`: the same, but reads nothing for a time.
    Stall(u32),
    /// `give COUNT SEED`: sends so many bytes and then the end, and reads to the end what comes, for `last`.
    Give(u32, u32),
    /// `drop COUNT SEED`: sends so many bytes and lets go of the connection at once.
    Drop(u32, u32),
    /// `swallow`: reads to the end, answers nothing, and remembers what there was, for `last`.
    Swallow,
    /// `abort`: sends a byte, waits for one, and resets the connection.
    Abort,
    /// `last`: answers with a line: how many connections were remembered, and of the last one the number of bytes, their
    /// sum, and how it ended: 0 for the end of the stream, 1 for a reset, 2 for another error.
    Last,
    /// `places`: answers with a line: how many connections are served at once; 0 if no end is known.
    Places,
    /// `hasty 1` has the server drop its waiting for connections all the time and wait anew, `hasty 0` no longer. Answers
    /// with an empty line.
    Hasty(bool),
    /// `cases ADDRESS CLOSED DIRECT DATAGRAMS SIX`: runs the cases as a client of the server at the address, and answers with a test
    /// report.
    Cases(Order),
}

/// What is needed to run the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Where the other end serves.
    pub server: SocketAddr,
    /// A port there that nobody listens at.
    pub closed: u16,
    /// Whether nobody is in between who opens and ends connections in the server's stead, as QEMU's network does for those
    /// who connect to a guest.
    pub direct: bool,
    /// A port of this machine that sends datagrams back, or 0 if the client's own cases are not to run.
    pub datagrams: u16,
    /// A port of its IPv6 loopback address with the services, or 0.
    pub six: u16,
}

impl Request {
    /// Reads a line without its end.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let mut words = str::from_utf8(line).ok()?.split_ascii_whitespace();
        let name = words.next()?;
        let mut number = || words.next()?.parse().ok();
        Some(match name {
            "echo" => Self::Echo,
            "count" => Self::Count,
            "stall" => Self::Stall(number()?),
            "give" => Self::Give(number()?, number()?),
            "drop" => Self::Drop(number()?, number()?),
            "swallow" => Self::Swallow,
            "abort" => Self::Abort,
            "last" => Self::Last,
            "places" => Self::Places,
            "hasty" => Self::Hasty(number()? == 1),
            "cases" => {
                let server = words.next()?.parse().ok()?;
                let mut number = || words.next()?.parse::<u16>().ok();
                let (closed, direct) = (number()?, number()? == 1);
                Self::Cases(Order { server, closed, direct, datagrams: number()?, six: number()? })
            }
            _ => return None,
        })
    }
}
