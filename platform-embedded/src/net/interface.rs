use core::net::{IpAddr, SocketAddr};
use core::task::{Context, Waker};

use embassy_net_driver::{Driver, TxToken};
use everloop_core::{Duration, Instant};
use smoltcp::iface::{self, PollResult, SocketSet};
use smoltcp::phy::DeviceCapabilities;
use smoltcp::socket::tcp::Socket;
use smoltcp::wire::{IpAddress, IpCidr, IpEndpoint};

use super::address;
use super::addressing::{self, Addressing};
use super::binding::Binding;
use super::clock;
use super::config::Config;
use super::device::{Incoming, Outgoing};
use super::error::{Error, StartError};
use super::frame::{Packet, Segment};
use super::ports::Ports;
use super::slot::{Half, Look, Phase, Slot};
use crate::log::log;

/// So many rounds of one packet for each connection at most are sent in one turn of the runner.
const ROUNDS: usize = 8;
/// How soon at most smoltcp is asked again when it wants to send and could not.
const AGAIN: Duration = Duration::from_millis(1);
/// The same when the driver had no room. It wakes the runner when it has; this is for drivers that forget to.
const DRIVER_AGAIN: Duration = Duration::from_secs(1);

/// smoltcp, its sockets, and who uses each.
pub(super) struct Interface {
    stack: iface::Interface,
    sockets: SocketSet<'static>,
    slots: &'static mut [Slot],
    capabilities: DeviceCapabilities,
    addressing: Addressing,
    pub(super) ports: Ports,
    #[cfg(feature = "udp")]
    pub(super) udp: Option<super::udp::Table>,
    tickets: u32,
    /// When the runner's last turn began.
    now: Instant,
    runner: Option<Waker>,
    pub(super) link_up: bool,
}

/// What is left to do after frames were sent.
pub(super) struct Sent {
    /// The driver had no room.
    full: bool,
    /// There was more to send than is sent in one turn.
    pub(super) more: bool,
}

impl Interface {
    pub(super) fn new(
        stack: iface::Interface,
        sockets: SocketSet<'static>,
        slots: &'static mut [Slot],
        capabilities: DeviceCapabilities,
        addressing: Addressing,
        now: Instant,
    ) -> Self {
        let ports = Ports::new(addressing.config.seed);
        let mut interface = Self {
            stack,
            sockets,
            slots,
            capabilities,
            addressing,
            ports,
            #[cfg(feature = "udp")]
            udp: None,
            tickets: 0,
            now,
            runner: None,
            link_up: false,
        };
        interface.readdress();
        interface
    }

    #[cfg(feature = "udp")]
    pub(super) fn capabilities(&self) -> &DeviceCapabilities {
        &self.capabilities
    }

    /// When the runner's last turn began.
    #[cfg(feature = "udp")]
    pub(super) fn turned(&self) -> Instant {
        self.now
    }

    /// The address from which to send to this one.
    #[cfg(feature = "udp")]
    pub(super) fn source(&self, to: IpAddr) -> Option<IpAddress> {
        addressing::source(&self.stack, to)
    }

    pub(super) fn config(&self) -> &Config {
        &self.addressing.config
    }

    /// Changes the configuration, if it makes sense.
    pub(super) fn set_config(&mut self, config: Config) -> Result<(), StartError> {
        config.check(self.addressing.hardware, &self.capabilities)?;
        let now = Instant::try_now().unwrap_or(self.now);
        self.addressing.configure(config, now);
        for slot in self.slots.iter() {
            slot.be_patient(self.sockets.get_mut(slot.handle), &config);
        }
        self.readdress();
        self.touch();
        Ok(())
    }

    /// Takes over what there is now of addresses. Connections whose address is gone end.
    fn readdress(&mut self) {
        self.addressing.apply(&mut self.stack);
        for address in self.addresses() {
            log!(debug, "network: an address of this host is {}", super::Address::from(*address));
        }
        for slot in self.slots.iter_mut() {
            let socket = self.sockets.get_mut::<Socket<'_>>(slot.handle);
            if socket.local_endpoint().is_some_and(|local| !self.stack.has_ip_addr(local.addr)) {
                slot.lose_address(socket);
            }
        }
    }

    fn attend(&mut self) {
        if self.addressing.attend(self.now) {
            self.readdress();
        }
    }

    pub(super) fn addresses(&self) -> &[IpCidr] {
        self.stack.ip_addrs()
    }

    pub(super) fn dns_servers(&self) -> impl Iterator<Item = IpAddr> + use<> {
        self.addressing.dns_servers()
    }

    /// Whether there is an address that is good for more than the link.
    pub(super) fn is_config_up(&self) -> bool {
        self.addresses().iter().any(|cidr| match cidr.address() {
            IpAddress::Ipv4(_) => true,
            #[cfg(feature = "ipv6")]
            IpAddress::Ipv6(ip) => !ip.is_unicast_link_local(),
            #[allow(unreachable_patterns, reason = "another crate may have smoltcp know IPv6")]
            _ => false,
        })
    }

    /// Whether it is an address of this interface.
    pub(super) fn has(&self, ip: IpAddr) -> bool {
        address::to_smoltcp(ip).is_some_and(|ip| self.stack.has_ip_addr(ip))
    }

    /// The driver has a link, or has none.
    pub(super) fn set_link(&mut self, up: bool) {
        let was_up = core::mem::replace(&mut self.link_up, up);
        if up != was_up {
            log!(info, "network: the link is up: {}", up);
        }
        if up && !was_up {
            self.addressing.restart(self.now);
            self.readdress();
        }
    }

    /// A turn of the runner begins.
    pub(super) fn begin(&mut self, now: Instant, runner: &Waker, bindings: &[Binding]) {
        self.now = now;
        match &mut self.runner {
            Some(known) => known.clone_from(runner),
            None => self.runner = Some(runner.clone()),
        }
        self.follow(Phase::Start, bindings);
    }

    /// Has the runner take a turn, since a socket has something to do.
    pub(super) fn touch(&self) {
        if let Some(runner) = &self.runner {
            runner.wake_by_ref();
        }
    }

    /// Takes in a frame.
    pub(super) fn receive<T: TxToken>(&mut self, frame: &[u8], room: T, bindings: &[Binding]) {
        let Some(packet) = Packet::parse(self.capabilities.medium, frame) else {
            log!(trace, "network: a frame of {} bytes is dropped: malformed, or of no use", frame.len());
            return;
        };
        #[cfg(feature = "ipv6")]
        if let Packet::V6(ip) = &packet {
            // smoltcp takes for its own what is to this host itself, and what ends as an own address does.
            let to = ip.dst_addr();
            let ours = to.is_multicast() || self.has(to.into());
            if !ours || ip.src_addr().is_loopback() || !self.addressing.config.has_ipv6() {
                return;
            }
            #[cfg(feature = "slaac")]
            if self.addressing.slaac.heed(ip, self.now) {
                self.readdress();
            }
        }
        let segment = packet.tcp();
        if let Some(syn) = segment.as_ref().filter(|segment| segment.is_syn())
            && !self.admit(syn, bindings)
        {
            log!(debug, "network: no connection is free for a peer at port {}: it waits", syn.to.port());
            return;
        }
        let now = clock::to_smoltcp(self.now);
        #[cfg(feature = "dhcpv4")]
        if self.addressing.config.is_dhcp()
            && let Some(datagram) = packet.dhcp()
        {
            let Addressing { dhcp, hardware, .. } = &mut self.addressing;
            if dhcp.admit(&datagram, *hardware, self.now)
                && let Some(sockets) = dhcp.sockets()
            {
                let mut device = Incoming::new(frame, room, &self.capabilities);
                self.stack.poll_ingress_single(now, &mut device, sockets);
            }
            return;
        }
        let mut device = Incoming::new(frame, room, &self.capabilities);
        #[cfg(feature = "udp")]
        if let Some(udp) = self.udp.as_mut().filter(|_| packet.is_udp()) {
            self.stack.poll_ingress_single(now, &mut device, &mut udp.sockets);
            return;
        }
        self.stack.poll_ingress_single(now, &mut device, &mut self.sockets);
        self.follow(Phase::Ingress, bindings);
        if let Some(segment) = segment {
            self.note_room(&segment);
        }
    }

    /// Has patience with a peer that says it has no room.
    fn note_room(&mut self, segment: &Segment<'_>) {
        let Some(none) = segment.has_no_room() else { return };
        if let (Some(to), Some(from)) = (endpoint(segment.to), endpoint(segment.from))
            && let Some(index) = self.between(to, from)
        {
            let slot = &mut self.slots[index];
            slot.note_room(self.sockets.get_mut(slot.handle), none, &self.addressing.config);
        }
    }

    /// The slot of the connection between these.
    fn between(&self, local: IpEndpoint, remote: IpEndpoint) -> Option<usize> {
        self.slots.iter().position(|slot| {
            let socket = self.sockets.get::<Socket<'_>>(slot.handle);
            socket.local_endpoint() == Some(local) && socket.remote_endpoint() == Some(remote)
        })
    }

    /// Makes ready for the first packet of a handshake. False if it is to be dropped, since there is no room: the peer
    /// sends it again, while on a refusal, which smoltcp would send, it would give up.
    fn admit(&mut self, syn: &Segment<'_>, bindings: &[Binding]) -> bool {
        if syn.from.ip() == syn.to.ip() {
            // Nobody but us has our address, and we don't talk to ourselves by way of the driver.
            return false;
        }
        let bound = bindings.iter().position(|binding| binding.takes(syn.to));
        let bound = bound.filter(|_| self.has(syn.to.ip()) && syn.to.port() != 0);
        let (Some(binding), Some(from), Some(to)) = (bound, endpoint(syn.from), endpoint(syn.to)) else {
            // smoltcp refuses it, or does not take notice.
            return true;
        };
        let index = match self.between(to, from) {
            // The same peer again, whose former connection only waits for late packets.
            Some(index) if self.slots[index].resting_since().is_some() => Some(index),
            // A packet that came twice, or a peer that restarted.
            Some(_) => return true,
            None => self.vacant(),
        };
        let Some(index) = index else { return false };
        let slot = &mut self.slots[index];
        slot.listen(self.sockets.get_mut(slot.handle), binding, to);
        true
    }

    /// A slot for a new connection: a free one, else the one that has rested longest.
    fn vacant(&self) -> Option<usize> {
        self.slots.iter().position(Slot::is_free).or_else(|| self.oldest(Slot::resting_since))
    }

    fn oldest(&self, ticket: impl Fn(&Slot) -> Option<u32>) -> Option<usize> {
        let ages = self.slots.iter().enumerate().filter_map(|(index, slot)| {
            // The counter wraps, so ages are compared and not tickets.
            ticket(slot).map(|ticket| (self.tickets.wrapping_sub(ticket), index))
        });
        ages.max_by_key(|(age, _)| *age).map(|(_, index)| index)
    }

    /// Sends what there is to send.
    pub(super) fn send<D: Driver>(
        &mut self,
        driver: &mut D,
        cx: &mut Context<'_>,
        bindings: &[Binding],
    ) -> Sent {
        self.attend();
        let now = clock::to_smoltcp(self.now);
        let mut device = Outgoing { driver, cx, capabilities: &self.capabilities, full: false };
        #[cfg(feature = "slaac")]
        self.addressing.ask_routers(&mut device, self.now);
        let mut more = true;
        for _ in 0..ROUNDS {
            let connections = self.stack.poll_egress(now, &mut device, &mut self.sockets);
            #[cfg(feature = "dhcpv4")]
            let dhcp = match self.addressing.dhcp.sockets() {
                Some(sockets) => self.stack.poll_egress(now, &mut device, sockets),
                None => PollResult::None,
            };
            #[cfg(not(feature = "dhcpv4"))]
            let dhcp = PollResult::None;
            #[cfg(feature = "udp")]
            let udp = match &mut self.udp {
                Some(udp) => self.stack.poll_egress(now, &mut device, &mut udp.sockets),
                None => PollResult::None,
            };
            #[cfg(not(feature = "udp"))]
            let udp = PollResult::None;
            if [connections, dhcp, udp] == [PollResult::None; 3] {
                more = false;
                break;
            }
        }
        let full = device.full;
        self.attend();
        #[cfg(feature = "udp")]
        if let Some(udp) = &mut self.udp {
            udp.follow(self.now);
        }
        self.follow(Phase::Egress, bindings);
        Sent { full, more: more && !full }
    }

    fn follow(&mut self, phase: Phase, bindings: &[Binding]) {
        let Self { now, addressing, tickets, slots, sockets, .. } = self;
        let mut look = Look { now: *now, phase, config: &addressing.config, bindings, tickets };
        for slot in slots.iter_mut() {
            slot.follow(sockets.get_mut(slot.handle), &mut look);
        }
    }

    /// When the runner must take its next turn, if nothing happens before.
    pub(super) fn deadline(&mut self, sent: &Sent) -> Option<Instant> {
        let now = self.now;
        let polled = clock::to_smoltcp(now);
        let connections = self.stack.poll_at(polled, &self.sockets).map(clock::from_smoltcp);
        #[cfg(feature = "dhcpv4")]
        let dhcp = {
            let sockets = self.addressing.dhcp.sockets();
            sockets.and_then(|sockets| self.stack.poll_at(polled, sockets)).map(clock::from_smoltcp)
        };
        #[cfg(not(feature = "dhcpv4"))]
        let dhcp = None;
        #[cfg(feature = "udp")]
        let (udp, given_up) = match &mut self.udp {
            Some(udp) => {
                let at = self.stack.poll_at(polled, &udp.sockets).map(clock::from_smoltcp);
                (at, udp.deadline())
            }
            None => (None, None),
        };
        #[cfg(not(feature = "udp"))]
        let (udp, given_up) = (None, None);
        // What is to be done now was just tried, so to try it again at once would only spin.
        let again = now + if sent.full { DRIVER_AGAIN } else { AGAIN };
        let at = [connections, dhcp, udp, given_up, self.addressing.deadline()].into_iter().flatten();
        let at = at.map(|at| if at > now { at } else { again });
        let slots = self.slots.iter().filter_map(Slot::deadline).map(|at| at.max(now + AGAIN));
        slots.chain(at).min()
    }

    /// Begins to connect, in a slot that is then owned.
    pub(super) fn connect(&mut self, remote: SocketAddr, bindings: &[Binding]) -> Result<usize, Error> {
        if remote.port() == 0 {
            return Err(Error::InvalidPort);
        }
        let from = addressing::source(&self.stack, remote.ip()).ok_or(Error::Unaddressable)?;
        let to = endpoint(remote).ok_or(Error::Unaddressable)?;
        let index = self.vacant().ok_or(Error::NoFreeConnection)?;
        let Self { stack, sockets, slots, ports, addressing, .. } = self;
        let port = ports.choose(|port| {
            bindings.iter().any(|binding| binding.port() == port)
                || slots.iter().any(|slot| {
                    let local = sockets.get::<Socket<'_>>(slot.handle).local_endpoint();
                    local.is_some_and(|local| local.port == port)
                })
        });
        let slot = &mut slots[index];
        let socket = sockets.get_mut::<Socket<'_>>(slot.handle);
        socket.set_timeout(Some(clock::span(addressing.config.timeout)));
        let local = IpEndpoint::new(from, port);
        socket.connect(stack.context(), to, local).map_err(|_| Error::Unaddressable)?;
        slot.own(socket);
        self.touch();
        Ok(index)
    }

    /// Takes the oldest connection that is ready to be accepted from `binding`.
    pub(super) fn accept(&mut self, binding: usize) -> Option<usize> {
        let index = self.oldest(|slot| slot.ready_since(binding))?;
        let (slot, socket) = self.connection(index);
        slot.own(socket);
        Some(index)
    }

    /// A listener goes: nobody will accept what is ready.
    pub(super) fn unbind(&mut self, binding: usize) {
        self.with_look(|slot, socket, look| slot.unbind(binding, socket, look));
        self.touch();
    }

    /// One half of a connection is dropped. True if a server has one less by it.
    pub(super) fn drop_half(&mut self, index: usize, half: Half) -> bool {
        let slot = &mut self.slots[index];
        if !slot.drop_half(half) {
            return false;
        }
        let (handle, served) = (slot.handle, slot.is_served());
        self.with_look(|slot, socket, look| {
            if slot.handle == handle {
                slot.close(socket, look);
            }
        });
        self.touch();
        served
    }

    /// A connection that was just accepted is this server's.
    pub(super) fn enlist(&mut self, index: usize, server: u32) {
        self.slots[index].enlist(server);
    }

    /// How many connections a server has.
    pub(super) fn clients(&self, server: u32) -> usize {
        self.slots.iter().filter(|slot| slot.serves(server)).count()
    }

    /// Closes the connections of a server, or resets them.
    pub(super) fn close_clients(&mut self, server: u32, abort: bool) {
        let Self { slots, sockets, .. } = self;
        for slot in slots.iter_mut().filter(|slot| slot.serves(server)) {
            let socket = sockets.get_mut(slot.handle);
            if abort {
                slot.abort(socket);
            } else {
                slot.shut(socket);
            }
        }
        self.touch();
    }

    fn with_look(&mut self, mut f: impl FnMut(&mut Slot, &mut Socket<'static>, &mut Look<'_>)) {
        let Self { addressing, tickets, slots, sockets, .. } = self;
        // Halves may be dropped where no loop runs.
        let now = Instant::try_now().unwrap_or(self.now);
        let mut look = Look { now, phase: Phase::Start, config: &addressing.config, bindings: &[], tickets };
        for slot in slots.iter_mut() {
            f(slot, sockets.get_mut(slot.handle), &mut look);
        }
    }

    /// The slot and the socket of an owned connection.
    pub(super) fn connection(&mut self, index: usize) -> (&mut Slot, &mut Socket<'static>) {
        let slot = &mut self.slots[index];
        let socket = self.sockets.get_mut(slot.handle);
        (slot, socket)
    }

    /// The two ends of a connection that was just made.
    pub(super) fn ends(&self, index: usize) -> Option<(SocketAddr, SocketAddr)> {
        let socket = self.sockets.get::<Socket<'_>>(self.slots[index].handle);
        Some((socket.local_endpoint()?.into(), socket.remote_endpoint()?.into()))
    }

    /// How many connections could be made now.
    pub(super) fn free(&self) -> usize {
        self.slots.iter().filter(|slot| slot.is_free() || slot.resting_since().is_some()).count()
    }
}

fn endpoint(address: SocketAddr) -> Option<IpEndpoint> {
    address::to_smoltcp(address.ip()).map(|ip| IpEndpoint::new(ip, address.port()))
}
