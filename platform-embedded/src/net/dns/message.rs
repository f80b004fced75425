use core::net::{IpAddr, Ipv4Addr};

use super::addresses::Addresses;
use super::name::Name;

/// What servers may send without being asked for more, and resolvers must take (RFC 1035).
pub(super) const LONGEST: usize = 512;
/// The header, a name and its kind.
pub(super) const LONGEST_QUESTION: usize = 12 + 255 + 4;
/// So many times a name may stand for another.
pub(super) const ALIASES: usize = 8;

const HEADER: usize = 12;
const ALIAS: u16 = 5;
const INTERNET: u16 = 1;

/// The addresses that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(in super::super) enum Kind {
    V4 = 1,
    #[cfg(feature = "ipv6")]
    V6 = 28,
}

/// What a server says.
pub(super) enum Answer {
    Addresses(Addresses),
    /// Ask for this name instead.
    Alias(Name),
    NoSuchName,
    NoAddress,
    TooManyAliases,
    Truncated,
    Failed,
}

/// Writes the question for a name. How long it is.
pub(super) fn ask(message: &mut [u8; LONGEST], id: u16, name: &Name, kind: Kind) -> usize {
    let [high, low] = id.to_be_bytes();
    // One question, and the server is to ask others if it doesn't know.
    message[..HEADER].copy_from_slice(&[high, low, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    let end = HEADER + name.as_bytes().len();
    message[HEADER..end].copy_from_slice(name.as_bytes());
    let [high, low] = (kind as u16).to_be_bytes();
    message[end..end + 4].copy_from_slice(&[high, low, 0, 1]);
    end + 4
}

/// The answer to this question. None if it is none, or makes no sense.
pub(super) fn answer(message: &[u8], id: u16, name: &Name, kind: Kind) -> Option<Answer> {
    let flags = word(message, 2)?;
    // An answer, to a plain question, of which there is one.
    if word(message, 0)? != id || flags & 0xf800 != 0x8000 || word(message, 4)? != 1 {
        return None;
    }
    let truncated = flags & 0x0200 != 0;
    let (asked, end) = Name::read(message, HEADER)?;
    if asked != *name || word(message, end)? != kind as u16 || word(message, end + 2)? != INTERNET {
        return None;
    }
    match flags & 15 {
        0 => {}
        3 => return Some(Answer::NoSuchName),
        _ => return Some(Answer::Failed),
    }
    let records = Records { message, at: end + 4, left: word(message, 6)?, truncated };
    let mut name = asked;
    for step in 0..=ALIASES {
        let (addresses, alias) = about(&records, &name, kind)?;
        match alias {
            _ if !addresses.is_empty() => return Some(Answer::Addresses(addresses)),
            Some(alias) => name = alias,
            None if truncated => return Some(Answer::Truncated),
            None if step == 0 => return Some(Answer::NoAddress),
            None => return Some(Answer::Alias(name)),
        }
    }
    Some(Answer::TooManyAliases)
}

/// What the records say about a name. None if they make no sense.
fn about(records: &Records<'_>, name: &Name, kind: Kind) -> Option<(Addresses, Option<Name>)> {
    let mut addresses = Addresses::default();
    let mut alias = None;
    let mut records = Records { ..*records };
    while records.left > 0 {
        let Some(record) = records.next() else {
            // Where it was cut off, the rest is missing.
            return records.truncated.then_some((addresses, alias));
        };
        if record.name != *name || record.class != INTERNET {
            continue;
        }
        if record.kind == ALIAS {
            alias = Some(Name::read(&records.message[..record.end], record.start)?.0);
        } else if record.kind == kind as u16 {
            addresses.push(address(kind, &records.message[record.start..record.end])?);
        }
    }
    Some((addresses, alias))
}

fn address(kind: Kind, data: &[u8]) -> Option<IpAddr> {
    match kind {
        Kind::V4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?).into()),
        #[cfg(feature = "ipv6")]
        Kind::V6 => Some(core::net::Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?).into()),
    }
}

struct Records<'m> {
    message: &'m [u8],
    at: usize,
    left: u16,
    truncated: bool,
}

struct Record {
    name: Name,
    kind: u16,
    class: u16,
    start: usize,
    end: usize,
}

impl Records<'_> {
    fn next(&mut self) -> Option<Record> {
        let (name, at) = Name::read(self.message, self.at)?;
        let start = at + 10;
        let end = start + usize::from(word(self.message, at + 8)?);
        if end > self.message.len() {
            return None;
        }
        self.at = end;
        self.left -= 1;
        Some(Record { name, kind: word(self.message, at)?, class: word(self.message, at + 2)?, start, end })
    }
}

fn word(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}
