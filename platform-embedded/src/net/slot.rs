use everloop_core::{Duration, Instant};
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::{Socket, State};
use smoltcp::wire::IpEndpoint;

use super::binding::Binding;
use super::clock;
use super::config::Config;
use super::error::Error;
use crate::log::log;

/// Patience with a handshake that a peer has begun.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Patience with the way to a peer that is to be told of a reset.
const FAREWELL: Duration = Duration::from_secs(2);
/// smoltcp forgets a connection 10 seconds after both sides have closed, with what was not read yet.
const KEEP: Duration = Duration::from_secs(9);
/// Patience with a peer that has no room: smoltcp asks it whether it has some again after a second, then two, and so on
/// up to a minute, and takes what it hears only in answer as a sign of life. So this is time for several questions.
const STALLED: Duration = Duration::from_secs(240);

/// What a slot is used for.
#[derive(Clone, Copy, Debug)]
enum Use {
    Free,
    /// A peer connects to the port of this binding.
    Arriving {
        binding: usize,
    },
    /// Connected, and not accepted yet.
    Ready {
        binding: usize,
        ticket: u32,
    },
    /// Halves of it are held. `keep`: until when what was not read yet stays by itself, once both sides have closed.
    Owned {
        reader: bool,
        writer: bool,
        keep: Option<Instant>,
    },
    /// Both halves were dropped, what was written is delivered. Given up at `until`, if `unsent` is then still so much.
    Closing {
        until: Instant,
        unsent: usize,
    },
    /// Waits for late packets, or has yet to tell the peer of a reset, and is given up for that at `until`. It may be
    /// used again when none is free, the oldest first.
    Resting {
        until: Instant,
        ticket: u32,
    },
}

/// When in the runner's turn slots are looked at, which tells who closed a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Start,
    /// A frame came: it was the peer.
    Ingress,
    /// Timers were looked at and frames sent: it was a timer.
    Egress,
}

/// What all slots share, for one look at them.
pub(super) struct Look<'a> {
    pub(super) now: Instant,
    pub(super) phase: Phase,
    pub(super) config: &'a Config,
    pub(super) bindings: &'a [Binding],
    /// Counts what must be told apart by age.
    pub(super) tickets: &'a mut u32,
}

impl Look<'_> {
    fn ticket(&mut self) -> u32 {
        *self.tickets = self.tickets.wrapping_add(1);
        *self.tickets
    }
}

/// One connection's room: which socket it is, and who has it.
pub(super) struct Slot {
    pub(super) handle: SocketHandle,
    using: Use,
    /// The socket's state when it was last looked at.
    seen: State,
    /// Why it ended, if not in good order.
    fault: Option<Error>,
    /// The peer's end of stream has come.
    finished: bool,
    /// The peer has no room for more.
    stalled: bool,
    /// The end of the stream to the peer was written.
    pub(super) eof: bool,
    /// The server that it is a connection of, or zero.
    server: u32,
    /// That server has closed it, under the halves that are still held.
    shut: bool,
}

impl Slot {
    pub(super) fn new(handle: SocketHandle) -> Self {
        Self {
            handle,
            using: Use::Free,
            seen: State::Closed,
            fault: None,
            finished: false,
            stalled: false,
            eof: false,
            server: 0,
            shut: false,
        }
    }

    pub(super) fn is_free(&self) -> bool {
        matches!(self.using, Use::Free)
    }

    /// If it may be used again: since when, as the ticket that was then given out.
    pub(super) fn resting_since(&self) -> Option<u32> {
        match self.using {
            Use::Resting { ticket, .. } => Some(ticket),
            _ => None,
        }
    }

    /// If it is to be accepted from `binding`: since when.
    pub(super) fn ready_since(&self, from: usize) -> Option<u32> {
        match self.using {
            Use::Ready { binding, ticket } if binding == from => Some(ticket),
            _ => None,
        }
    }

    fn take(&mut self, using: Use) {
        *self = Self { using, ..Self::new(self.handle) };
    }

    /// Takes a free or resting slot for the peer whose first packet, to `local`, is about to be processed.
    pub(super) fn listen(&mut self, socket: &mut Socket<'_>, binding: usize, local: IpEndpoint) {
        self.take(Use::Arriving { binding });
        socket.set_timeout(Some(clock::span(HANDSHAKE)));
        // It can't fail: the port is not zero, and the socket is closed.
        let _ = socket.listen(local);
    }

    /// Waits for the peer, if there is one that has connected, as long as this says. An idle one is probed in time.
    pub(super) fn be_patient(&self, socket: &mut Socket<'_>, config: &Config) {
        socket.set_keep_alive(Some(clock::keep_alive(config)));
        if !matches!(self.using, Use::Arriving { .. }) {
            socket.set_timeout(Some(clock::span(self.patience(config))));
        }
    }

    fn patience(&self, config: &Config) -> Duration {
        if self.stalled { config.timeout.max(STALLED) } else { config.timeout }
    }

    /// Takes a slot for the two halves of a connection.
    pub(super) fn own(&mut self, socket: &Socket<'_>) {
        // Accepted, it may be one whose peer has said before that it has no room.
        let stalled = self.stalled && matches!(self.using, Use::Ready { .. });
        self.take(Use::Owned { reader: true, writer: true, keep: None });
        self.stalled = stalled;
        self.seen = socket.state();
    }

    /// The peer of this slot's connection has said whether it has room.
    pub(super) fn note_room(&mut self, socket: &mut Socket<'_>, none: bool, config: &Config) {
        let connected = matches!(self.using, Use::Ready { .. } | Use::Owned { .. } | Use::Closing { .. });
        if connected && none != self.stalled {
            self.stalled = none;
            socket.set_timeout(Some(clock::span(self.patience(config))));
        }
    }

    /// One half is dropped. True if it was the last: then the slot is to be closed.
    pub(super) fn drop_half(&mut self, half: Half) -> bool {
        let Use::Owned { reader, writer, .. } = &mut self.using else { return false };
        match half {
            Half::Reader => *reader = false,
            Half::Writer => *writer = false,
        }
        !*reader && !*writer
    }

    /// Lets go of the connection: it closes by itself.
    pub(super) fn close(&mut self, socket: &mut Socket<'_>, look: &mut Look<'_>) {
        socket.close();
        match socket.state() {
            State::Closed | State::TimeWait => self.rest(socket, look),
            _ => {
                self.using =
                    Use::Closing { until: look.now + look.config.linger, unsent: socket.send_queue() };
            }
        }
    }

    /// If it is of this binding and not accepted yet, resets it.
    pub(super) fn unbind(&mut self, from: usize, socket: &mut Socket<'_>, look: &mut Look<'_>) {
        if let Use::Arriving { binding } | Use::Ready { binding, .. } = self.using
            && binding == from
        {
            socket.abort();
            self.rest(socket, look);
        }
    }

    /// Resets the connection, whose halves are still held. True if a server has one less by it.
    pub(super) fn abort(&mut self, socket: &mut Socket<'_>) -> bool {
        let served = self.is_served();
        self.fault = Some(Error::Aborted);
        socket.abort();
        log!(debug, "network: a connection is reset by this side");
        served
    }

    /// It is a connection of this server, until its halves are dropped or it is closed.
    pub(super) fn enlist(&mut self, server: u32) {
        self.server = server;
    }

    /// Whether it is one of some server's.
    pub(super) fn is_served(&self) -> bool {
        self.server != 0 && self.serves(self.server)
    }

    /// Whether it is one of this server's still.
    pub(super) fn serves(&self, server: u32) -> bool {
        let held = matches!(self.using, Use::Owned { .. });
        self.server == server && held && !self.shut && self.fault != Some(Error::Aborted)
    }

    /// Closes the connection in good order, under the halves that are still held: they read its end.
    pub(super) fn shut(&mut self, socket: &mut Socket<'_>) {
        self.shut = true;
        self.eof = true;
        if socket.state() == State::FinWait2 {
            // The peer has all that was written, and a read that waits for what it sends would not be woken else.
            socket.abort();
            self.seen = State::Closed;
        } else {
            socket.close();
        }
    }

    /// Whether it was closed under its halves.
    pub(super) fn is_shut(&self) -> bool {
        self.shut
    }

    /// The interface no longer has the address of this connection. The peer can't be told.
    pub(super) fn lose_address(&mut self, socket: &mut Socket<'_>) {
        let unread = socket.can_recv();
        let over = matches!(socket.state(), State::Closed | State::TimeWait);
        socket.abort();
        forget(socket);
        if matches!(self.using, Use::Owned { .. }) {
            if unread || !over {
                // What was not read yet is gone, so its end must not be seen either.
                self.finished = false;
                self.fault = self.fault.or(Some(Error::AddressLost));
                log!(debug, "network: a connection has lost its address");
            }
        } else {
            self.using = Use::Free;
        }
        self.seen = State::Closed;
    }

    fn rest(&mut self, socket: &Socket<'_>, look: &mut Look<'_>) {
        self.using = if is_forgotten(socket) {
            Use::Free
        } else {
            Use::Resting { until: look.now + FAREWELL, ticket: look.ticket() }
        };
    }

    /// Why nothing more can be read or written, if so.
    pub(super) fn fault(&self) -> Option<Error> {
        self.fault
    }

    /// Whether the peer's end of stream has come.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// When the slot must be looked at, apart from the socket's own timers. A resting one has such a timer, or has a
    /// reset to send, for which smoltcp asks each second.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.using {
            Use::Closing { until, .. } => Some(until),
            _ => None,
        }
    }

    /// Follows what the socket did.
    pub(super) fn follow(&mut self, socket: &mut Socket<'_>, look: &mut Look<'_>) {
        let state = socket.state();
        match self.using {
            Use::Free => {}
            Use::Arriving { binding } => match state {
                // The first packet was none after all, or the peer gave up: smoltcp listens again, we do not.
                State::Listen => {
                    socket.abort();
                    self.using = Use::Free;
                }
                State::SynReceived => {}
                State::Closed => self.rest(socket, look),
                _ => {
                    socket.set_timeout(Some(clock::span(look.config.timeout)));
                    self.using = Use::Ready { binding, ticket: look.ticket() };
                    look.bindings[binding].note();
                    log!(debug, "network: a peer has connected to port {}", look.bindings[binding].port());
                }
            },
            // Reset before it was accepted.
            Use::Ready { .. } if state == State::Closed => self.rest(socket, look),
            Use::Ready { .. } => {}
            Use::Owned { .. } => self.follow_owned(socket, look),
            Use::Closing { .. } => self.follow_closing(socket, look),
            Use::Resting { until, .. } => {
                if state == State::Closed && look.now >= until {
                    forget(socket);
                }
                if is_forgotten(socket) {
                    self.using = Use::Free;
                }
            }
        }
        self.seen = socket.state();
    }

    fn follow_owned(&mut self, socket: &mut Socket<'_>, look: &Look<'_>) {
        if self.shut {
            discard(socket);
        }
        let Use::Owned { keep, .. } = &mut self.using else { return };
        match socket.state() {
            State::Closed if self.seen != State::Closed && self.fault.is_none() => {
                self.fault = fault(look.phase, self.seen, socket.send_queue());
                if let Some(fault) = self.fault {
                    log!(debug, "network: a connection has failed: {}", fault);
                } else {
                    log!(debug, "network: a connection has closed");
                }
            }
            State::CloseWait | State::Closing | State::LastAck => self.finished = true,
            State::TimeWait => {
                self.finished = true;
                // The socket's own timer has the runner look in time: slots are looked at before timers.
                let until = *keep.get_or_insert(look.now + KEEP);
                if look.now >= until && socket.can_recv() {
                    // Costs the peer, if it is still there, a needless reset, and keeps what came before.
                    socket.abort();
                }
            }
            _ => {}
        }
    }

    fn follow_closing(&mut self, socket: &mut Socket<'_>, look: &mut Look<'_>) {
        let Use::Closing { until, unsent } = &mut self.using else { return };
        // Nobody will read it, and the peer must not wait for room.
        discard(socket);
        let left = socket.send_queue();
        let state = socket.state();
        if left < *unsent || state != self.seen {
            *unsent = left;
            *until = look.now + look.config.linger;
        } else if look.now >= *until {
            log!(debug, "network: a peer does not take what is left for it: the connection is reset");
            socket.abort();
        }
        if matches!(socket.state(), State::Closed | State::TimeWait) {
            self.rest(socket, look);
        }
    }
}

/// A half of a connection.
#[derive(Clone, Copy)]
pub(super) enum Half {
    Reader,
    Writer,
}

/// Why a connection in state `seen` closed.
fn fault(phase: Phase, seen: State, unsent: usize) -> Option<Error> {
    match (phase, seen) {
        // The peer acknowledged the end, or time was up for late packets: the good order.
        (Phase::Ingress, State::LastAck) if unsent == 0 => None,
        (_, State::TimeWait) => None,
        (Phase::Ingress, State::SynSent | State::SynReceived) => Some(Error::Refused),
        (Phase::Ingress, _) => Some(Error::Reset),
        (Phase::Start | Phase::Egress, _) => Some(Error::TimedOut),
    }
}

/// Drops what was received.
fn discard(socket: &mut Socket<'_>) {
    while let Ok(1..) = socket.recv(|data| (data.len(), data.len())) {}
}

/// Whether the socket is closed and has nothing to tell the peer.
fn is_forgotten(socket: &Socket<'_>) -> bool {
    socket.state() == State::Closed && socket.remote_endpoint().is_none()
}

/// Has a closed socket not tell the peer of its reset. smoltcp clears the socket when it begins to listen.
fn forget(socket: &mut Socket<'_>) {
    let _ = socket.listen(1);
    socket.abort();
}
