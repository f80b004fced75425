use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use everloop_core::{Duration, wait_for};

use super::super::error::Error;
use super::super::stack::Stack;
use super::super::udp::UdpSocket;
use super::addresses::Addresses;
use super::error::LookupError;
use super::message::{self, ALIASES, Answer, Kind, LONGEST, LONGEST_QUESTION};
use super::name::Name;

const PORT: u16 = 53;
/// How long each server is waited for, in the first round, in the second, and so on.
const PATIENCE: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// So many servers are asked.
const SERVERS: usize = 8;

impl Stack {
    /// The addresses of `name`: of IPv4 if this host has such an address, and of IPv6 if it has one that reaches farther
    /// than the link. An address that is written out is given without asking anybody.
    ///
    /// The servers are those of [`dns_servers`](Self::dns_servers), each asked in turn for a second, then once more for
    /// two and once more for four, or until one knows. It takes one UDP socket meanwhile, with buffers for 512 bytes to
    /// receive and 272 to send. Nothing is remembered.
    ///
    /// # Errors
    /// See [`LookupError`].
    ///
    /// # Cancel safety
    /// Dropping the future gives the question up and frees the socket.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn lookup(&self, name: &str) -> Result<Addresses, LookupError> {
        #[cfg(feature = "ipv6")]
        {
            let far = |ip: &IpAddr| matches!(ip, IpAddr::V6(ip) if !ip.is_unicast_link_local());
            if self.addresses().any(|address| far(&address.ip)) {
                if self.address().is_none() {
                    return self.lookup_kind(name, Kind::V6).await;
                }
                return self.lookup_both(name).await;
            }
        }
        self.lookup_kind(name, Kind::V4).await
    }

    #[cfg(feature = "ipv6")]
    pub(in super::super) async fn lookup_both(&self, name: &str) -> Result<Addresses, LookupError> {
        match self.lookup_kind(name, Kind::V4).await {
            Err(LookupError::NoAddress) => self.lookup_kind(name, Kind::V6).await,
            Ok(mut addresses) if name.parse::<IpAddr>().is_err() => {
                // That there is one of the other family, too, is welcome; that there is none is no fault.
                for ip in self.lookup_kind(name, Kind::V6).await.unwrap_or_default() {
                    addresses.push(ip);
                }
                Ok(addresses)
            }
            other => other,
        }
    }

    /// The addresses of one family.
    pub(in super::super) async fn lookup_kind(
        &self,
        name: &str,
        kind: Kind,
    ) -> Result<Addresses, LookupError> {
        if let Ok(ip) = name.parse::<IpAddr>() {
            let mut addresses = Addresses::default();
            addresses.push(ip);
            return Ok(addresses);
        }
        let mut name = Name::from_text(name)?;
        let mut servers = [None; SERVERS];
        for (place, server) in servers.iter_mut().zip(self.dns_servers()) {
            *place = Some(server);
        }
        if servers[0].is_none() {
            return Err(LookupError::NoServer);
        }
        for _ in 0..=ALIASES {
            match self.ask(&servers, &name, kind).await? {
                Answer::Addresses(addresses) => return Ok(addresses),
                Answer::Alias(alias) => name = alias,
                Answer::NoSuchName => return Err(LookupError::NoSuchName),
                Answer::NoAddress => return Err(LookupError::NoAddress),
                Answer::TooManyAliases => break,
                Answer::Truncated => return Err(LookupError::TruncatedAnswer),
                Answer::Failed => return Err(LookupError::ServerFailed),
            }
        }
        Err(LookupError::TooManyAliases)
    }

    /// Asks the servers in turn, from a port and with a number that are hard to guess.
    async fn ask(
        &self,
        servers: &[Option<IpAddr>; SERVERS],
        name: &Name,
        kind: Kind,
    ) -> Result<Answer, LookupError> {
        // The unspecified address of IPv6 is good for both families, where it is built in.
        let any: IpAddr =
            if cfg!(feature = "ipv6") { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
        let socket = Asking(UdpSocket::bind(self, SocketAddr::new(any, 0))?);
        let socket = &socket.0;
        if !socket.has_room_for(LONGEST, LONGEST_QUESTION) {
            return Err(LookupError::BufferTooSmall);
        }
        let id = self.shared.interface.borrow_mut().ports.random();
        let mut error = LookupError::TimedOut;
        for patience in PATIENCE {
            for server in servers.iter().flatten() {
                let server = SocketAddr::new(*server, PORT);
                match wait_for(exchange(socket, server, servers, id, name, kind), patience).await {
                    Err(_) => {}
                    Ok(Ok(Answer::Failed)) => error = LookupError::ServerFailed,
                    Ok(Ok(answer)) => return Ok(answer),
                    // The next one may be within reach.
                    Ok(Err(failed)) => error = failed.into(),
                }
            }
        }
        Err(error)
    }
}

/// A socket that has nothing to send any more once it is dropped.
struct Asking(UdpSocket);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.discard();
    }
}

/// Asks one server, and waits until one that was asked answers.
async fn exchange(
    socket: &UdpSocket,
    server: SocketAddr,
    servers: &[Option<IpAddr>],
    id: u16,
    name: &Name,
    kind: Kind,
) -> Result<Answer, Error> {
    let mut buffer = [0; LONGEST];
    let len = message::ask(&mut buffer, id, name, kind);
    // A server that is not there must not hold up this question.
    socket.discard();
    socket.send_to(&buffer[..len], server).await?;
    loop {
        let (len, from) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            // Not to what was asked, or from a server that does not keep to the rules.
            Err(Error::Truncated) => continue,
            Err(error) => return Err(error),
        };
        if from.port() != PORT || !servers.contains(&Some(from.ip())) {
            continue;
        }
        match message::answer(&buffer[..len], id, name, kind) {
            // One that was asked before may still know.
            Some(Answer::Failed) if from != server => {}
            Some(answer) => return Ok(answer),
            None => {}
        }
    }
}
