use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use core::task::{Context, Waker};

use embassy_net_driver::{Driver, TxToken};
use everloop_core::{Duration, Instant};
use smoltcp::iface::{self, PollResult, SocketSet};
use smoltcp::phy::DeviceCapabilities;
use smoltcp::socket::tcp::Socket;
use smoltcp::wire::{IpAddress, IpEndpoint, Ipv4Cidr};

use super::binding::Binding;
use super::clock;
use super::config::Config;
use super::device::{Incoming, Outgoing};
use super::error::Error;
use super::frame::{Room, Syn};
use super::ports::Ports;
use super::slot::{Half, Look, Phase, Slot};

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
    config: Config,
    ports: Ports,
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
        config: Config,
        now: Instant,
    ) -> Self {
        Self {
            stack,
            sockets,
            slots,
            capabilities,
            config,
            ports: Ports::new(config.seed),
            tickets: 0,
            now,
            runner: None,
            link_up: false,
        }
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
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
        if let Some(syn) = Syn::parse(self.capabilities.medium, frame)
            && !self.admit(syn, bindings)
        {
            return;
        }
        let mut device = Incoming::new(frame, room, &self.capabilities);
        self.stack.poll_ingress_single(clock::to_smoltcp(self.now), &mut device, &mut self.sockets);
        self.follow(Phase::Ingress, bindings);
        if let Some(room) = Room::parse(self.capabilities.medium, frame) {
            self.note_room(room);
        }
    }

    /// Has patience with a peer that says it has no room.
    fn note_room(&mut self, room: Room) {
        for slot in self.slots.iter_mut() {
            let socket = self.sockets.get_mut::<Socket<'_>>(slot.handle);
            if socket.local_endpoint() == Some(endpoint(room.to))
                && socket.remote_endpoint() == Some(endpoint(room.from))
            {
                slot.note_room(socket, room.none, &self.config);
            }
        }
    }

    /// Makes ready for the first packet of a handshake. False if it is to be dropped, since there is no room: the peer
    /// sends it again, while on a refusal, which smoltcp would send, it would give up.
    fn admit(&mut self, syn: Syn, bindings: &[Binding]) -> bool {
        if syn.from.ip() == syn.to.ip() {
            // Nobody but us has our address, and we don't talk to ourselves by way of the driver.
            return false;
        }
        let ours = *syn.to.ip() == self.config.address;
        let bound = bindings.iter().position(|binding| {
            binding.port() == syn.to.port() && binding.address().is_none_or(|address| address == *syn.to.ip())
        });
        let Some(binding) = bound.filter(|_| ours && syn.to.port() != 0) else {
            // smoltcp refuses it, or does not take notice.
            return true;
        };
        let known = self.slots.iter().position(|slot| {
            let socket = self.sockets.get::<Socket<'_>>(slot.handle);
            socket.local_endpoint() == Some(endpoint(syn.to))
                && socket.remote_endpoint() == Some(endpoint(syn.from))
        });
        let index = match known {
            // The same peer again, whose former connection only waits for late packets.
            Some(index) if self.slots[index].resting_since().is_some() => Some(index),
            // A packet that came twice, or a peer that restarted.
            Some(_) => return true,
            None => self.vacant(),
        };
        let Some(index) = index else { return false };
        let slot = &mut self.slots[index];
        slot.listen(self.sockets.get_mut(slot.handle), binding, &bindings[binding]);
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
        let now = clock::to_smoltcp(self.now);
        let mut device = Outgoing { driver, cx, capabilities: &self.capabilities, full: false };
        let mut more = true;
        for _ in 0..ROUNDS {
            if self.stack.poll_egress(now, &mut device, &mut self.sockets) == PollResult::None {
                more = false;
                break;
            }
        }
        let full = device.full;
        self.follow(Phase::Egress, bindings);
        Sent { full, more: more && !full }
    }

    fn follow(&mut self, phase: Phase, bindings: &[Binding]) {
        let Self { now, config, tickets, slots, sockets, .. } = self;
        let mut look = Look { now: *now, phase, config, bindings, tickets };
        for slot in slots.iter_mut() {
            slot.follow(sockets.get_mut(slot.handle), &mut look);
        }
    }

    /// When the runner must take its next turn, if nothing happens before.
    pub(super) fn deadline(&mut self, sent: &Sent) -> Option<Instant> {
        let now = self.now;
        let at = self.stack.poll_at(clock::to_smoltcp(now), &self.sockets).map(clock::from_smoltcp);
        // What smoltcp wants to do now was just tried, so to try it again at once would only spin.
        let again = now + if sent.full { DRIVER_AGAIN } else { AGAIN };
        let at = at.map(|at| if at > now { at } else { again });
        let slots = self.slots.iter().filter_map(Slot::deadline).map(|at| at.max(now + AGAIN));
        slots.chain(at).min()
    }

    /// Begins to connect, in a slot that is then owned.
    pub(super) fn connect(&mut self, remote: SocketAddrV4, bindings: &[Binding]) -> Result<usize, Error> {
        if remote.port() == 0 {
            return Err(Error::InvalidPort);
        }
        if !self.reaches(*remote.ip()) {
            return Err(Error::Unaddressable);
        }
        let index = self.vacant().ok_or(Error::NoFreeConnection)?;
        let Self { stack, sockets, slots, ports, config, .. } = self;
        let port = ports.choose(|port| {
            bindings.iter().any(|binding| binding.port() == port)
                || slots.iter().any(|slot| {
                    let local = sockets.get::<Socket<'_>>(slot.handle).local_endpoint();
                    local.is_some_and(|local| local.port == port)
                })
        });
        let slot = &mut slots[index];
        let socket = sockets.get_mut::<Socket<'_>>(slot.handle);
        socket.set_timeout(Some(clock::span(config.timeout)));
        let local = IpEndpoint::new(IpAddress::Ipv4(config.address), port);
        socket.connect(stack.context(), endpoint(remote), local).map_err(|_| Error::Unaddressable)?;
        slot.own(socket);
        self.touch();
        Ok(index)
    }

    /// Whether packets to this address have a way to go, and a single host that answers.
    fn reaches(&self, to: Ipv4Addr) -> bool {
        if to.is_unspecified() || to.is_broadcast() || to.is_multicast() || to == self.config.address {
            return false;
        }
        let network = Ipv4Cidr::new(self.config.address, self.config.prefix);
        if network.contains_addr(&to) {
            network.broadcast() != Some(to)
        } else {
            self.config.gateway.is_some()
        }
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

    /// One half of a connection is dropped.
    pub(super) fn drop_half(&mut self, index: usize, half: Half) {
        if self.slots[index].drop_half(half) {
            let handle = self.slots[index].handle;
            self.with_look(|slot, socket, look| {
                if slot.handle == handle {
                    slot.close(socket, look);
                }
            });
            self.touch();
        }
    }

    fn with_look(&mut self, mut f: impl FnMut(&mut Slot, &mut Socket<'static>, &mut Look<'_>)) {
        let Self { config, tickets, slots, sockets, .. } = self;
        // Halves may be dropped where no loop runs.
        let now = Instant::try_now().unwrap_or(self.now);
        let mut look = Look { now, phase: Phase::Start, config, bindings: &[], tickets };
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
        Some((address(socket.local_endpoint()?), address(socket.remote_endpoint()?)))
    }

    /// How many connections could be made now.
    pub(super) fn free(&self) -> usize {
        self.slots.iter().filter(|slot| slot.is_free() || slot.resting_since().is_some()).count()
    }
}

fn endpoint(address: SocketAddrV4) -> IpEndpoint {
    IpEndpoint::new(IpAddress::Ipv4(*address.ip()), address.port())
}

fn address(endpoint: IpEndpoint) -> SocketAddr {
    let IpAddress::Ipv4(ip) = endpoint.addr;
    SocketAddr::V4(SocketAddrV4::new(ip, endpoint.port))
}
