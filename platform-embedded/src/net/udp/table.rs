use core::net::SocketAddr;

use everloop_core::{Duration, Event, Instant};
use smoltcp::iface::{SocketHandle, SocketSet};
use smoltcp::socket::udp::Socket;
use smoltcp::wire::IpListenEndpoint;

use super::super::address;
use super::super::error::Error;

/// So many datagrams may wait in each direction.
pub(super) const DATAGRAMS: usize = 8;
/// So long a datagram may wait for the hardware address of its receiver, or for the driver, without any that goes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Wakes those who wait for a socket.
pub(in super::super) struct Signals {
    pub(super) readable: Event,
    pub(super) writable: Event,
}

impl Signals {
    pub(super) const fn new() -> Self {
        Self { readable: Event::new(), writable: Event::new() }
    }

    /// Wakes those for whom there is news. Nothing may be borrowed, since that runs wakers.
    pub(in super::super) fn tell(&self, (readable, writable): (bool, bool)) {
        for (news, event) in [(readable, &self.readable), (writable, &self.writable)] {
            if news && !event.is_set() {
                event.set();
            }
        }
    }
}

/// Who uses a socket of smoltcp.
pub(super) struct Slot {
    handle: SocketHandle,
    using: Use,
    /// What it was bound to, which tells the family also where the address is unspecified.
    bound: SocketAddr,
    /// The bytes that were to be sent when it was last looked at, and until when some must have gone.
    unsent: usize,
    until: Instant,
    /// A datagram without bytes was handed over, which `unsent` does not tell.
    empty: bool,
    /// Somebody waits for a place, which `unsent` does not tell of datagrams without bytes.
    blocked: bool,
    /// Datagrams were given up.
    undelivered: bool,
    /// There is news for who waits to send.
    writable: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Free,
    Open,
    /// Dropped, with datagrams that did not go yet.
    Closing,
}

impl Slot {
    pub(super) fn new(handle: SocketHandle) -> Self {
        Self {
            handle,
            using: Use::Free,
            bound: SocketAddr::from(([0; 4], 0)),
            unsent: 0,
            until: Instant::from_ticks(0),
            empty: false,
            blocked: false,
            undelivered: false,
            writable: false,
        }
    }

    fn is_idle(&self, socket: &Socket<'_>) -> bool {
        socket.send_queue() == 0 && !self.empty
    }

    fn follow(&mut self, socket: &mut Socket<'static>, now: Instant) {
        if self.using == Use::Free {
            return;
        }
        let left = socket.send_queue();
        let full = !socket.can_send();
        if self.blocked && !full {
            self.blocked = false;
            self.writable = true;
        }
        if left != self.unsent {
            self.until = now + PATIENCE;
            self.writable = true;
        } else if !self.is_idle(socket) && now >= self.until {
            // Nobody has that address: it would be asked for without end, and hold up the datagrams behind it.
            self.empty = false;
            if left > 0 || full {
                self.undelivered = true;
                self.blocked = false;
                self.writable = true;
                forget(socket);
            }
        }
        self.unsent = socket.send_queue();
        if self.using == Use::Closing && self.is_idle(socket) {
            socket.close();
            self.using = Use::Free;
        }
    }
}

/// Gives up what waits in both directions: smoltcp has no other way for what is to be sent.
fn forget(socket: &mut Socket<'_>) {
    let bound = socket.endpoint();
    socket.close();
    let _ = socket.bind(bound);
}

/// All UDP sockets of a stack.
pub(in super::super) struct Table {
    /// Apart from those of the connections, so that no packet has to pass by the others' sockets.
    pub(in super::super) sockets: SocketSet<'static>,
    slots: &'static mut [Slot],
}

impl Table {
    pub(super) fn new(sockets: SocketSet<'static>, slots: &'static mut [Slot]) -> Self {
        Self { sockets, slots }
    }

    pub(in super::super) fn has_port(&self, port: u16) -> bool {
        self.slots.iter().any(|slot| slot.using != Use::Free && slot.bound.port() == port)
    }

    pub(in super::super) fn free(&self) -> usize {
        self.slots.iter().filter(|slot| slot.using == Use::Free).count()
    }

    pub(super) fn bind(&mut self, local: SocketAddr) -> Result<usize, Error> {
        let same = |slot: &Slot| slot.using != Use::Free && slot.bound.port() == local.port();
        if let Some(index) = self.slots.iter().position(same) {
            let slot = &mut self.slots[index];
            if slot.using == Use::Open || slot.bound != local {
                return Err(Error::PortInUse);
            }
            // What its former user handed over still goes; what came for that one is not for this one.
            let socket = self.sockets.get_mut::<Socket<'_>>(slot.handle);
            while socket.recv().is_ok() {}
            slot.using = Use::Open;
            return Ok(index);
        }
        let free = self.slots.iter().position(|slot| slot.using == Use::Free);
        let index = free.ok_or(Error::NoFreeSocket)?;
        let slot = &mut self.slots[index];
        let ip = Some(local.ip()).filter(|ip| !ip.is_unspecified()).and_then(address::to_smoltcp);
        let socket = self.sockets.get_mut::<Socket<'_>>(slot.handle);
        // It can't fail: the port is not zero, and the socket is closed.
        let _ = socket.bind(IpListenEndpoint { addr: ip, port: local.port() });
        *slot = Slot { using: Use::Open, bound: local, ..Slot::new(slot.handle) };
        Ok(index)
    }

    /// Nobody holds the socket any more.
    pub(super) fn close(&mut self, index: usize, now: Instant) {
        let slot = &mut self.slots[index];
        slot.using = Use::Closing;
        slot.follow(self.sockets.get_mut(slot.handle), now);
    }

    /// Gives up what did not go yet, and then also what was not received yet. Nobody is told.
    #[cfg(feature = "dns")]
    pub(super) fn discard(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        let socket = self.sockets.get_mut::<Socket<'_>>(slot.handle);
        if socket.send_queue() > 0 {
            forget(socket);
        }
        (slot.unsent, slot.undelivered) = (0, false);
    }

    pub(super) fn socket(&mut self, index: usize) -> &mut Socket<'static> {
        self.sockets.get_mut(self.slots[index].handle)
    }

    /// A datagram was handed over.
    pub(super) fn note_sent(&mut self, index: usize, len: usize, now: Instant) {
        let slot = &mut self.slots[index];
        let socket = self.sockets.get::<Socket<'_>>(slot.handle);
        let idle = slot.unsent == 0 && !slot.empty;
        // Without bytes only the last place tells whether any goes, so the time runs from when that is taken.
        let last = socket.send_queue() == 0 && !socket.can_send();
        if idle || last {
            slot.until = now + PATIENCE;
        }
        slot.empty |= len == 0;
        slot.unsent = socket.send_queue();
    }

    /// There was no room for a datagram, and its sender waits.
    pub(super) fn note_blocked(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.blocked = !self.sockets.get::<Socket<'_>>(slot.handle).can_send();
    }

    /// Whether datagrams were given up since this was last asked.
    pub(super) fn take_undelivered(&mut self, index: usize) -> bool {
        core::mem::take(&mut self.slots[index].undelivered)
    }

    /// Follows what smoltcp did.
    pub(in super::super) fn follow(&mut self, now: Instant) {
        for slot in self.slots.iter_mut() {
            slot.follow(self.sockets.get_mut(slot.handle), now);
        }
    }

    /// When to follow, if nothing happens before.
    pub(in super::super) fn deadline(&self) -> Option<Instant> {
        let waiting = |slot: &&Slot| slot.using != Use::Free && (slot.unsent > 0 || slot.empty);
        self.slots.iter().filter(waiting).map(|slot| slot.until).min()
    }

    /// What those who wait for a socket are to be told: that it has a datagram, that it has more room.
    pub(in super::super) fn news(&mut self, index: usize) -> (bool, bool) {
        let slot = &mut self.slots[index];
        let writable = core::mem::take(&mut slot.writable);
        (self.sockets.get::<Socket<'_>>(slot.handle).can_recv(), writable)
    }
}
