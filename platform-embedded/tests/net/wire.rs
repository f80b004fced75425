use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Waker};

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use smoltcp::wire::{EthernetFrame, EthernetProtocol, Ipv4Packet, TcpPacket};

use crate::lossy::{Counts, Faults};

/// A cable with a port at each end. Frames arrive at once, and all that were sent are kept to be looked at.
#[derive(Clone)]
pub struct Wire(Rc<RefCell<State>>);

struct State {
    ports: [PortState; 2],
    sent: Vec<(usize, Vec<u8>)>,
    up: bool,
    /// Frames from this side vanish.
    cut: [bool; 2],
    /// One in so many frames vanishes.
    lose: Option<usize>,
    /// So many frames may wait at a port before its peer has no room to send.
    room: usize,
    ip: bool,
    looks: usize,
    answer: Option<Answer>,
    /// How many frames each side has sent.
    count: [usize; 2],
    faults: Option<Faults>,
    /// What was sent is not kept.
    forgetful: bool,
}

/// Somebody else on the wire: sees a frame and answers with others.
pub type Answer = Box<dyn FnMut(&[u8]) -> Vec<Vec<u8>>>;

#[derive(Default)]
struct PortState {
    waiting: VecDeque<Vec<u8>>,
    receiver: Option<Waker>,
    sender: Option<Waker>,
}

/// What a TCP packet says.
pub struct Tcp {
    pub from: usize,
    pub syn: bool,
    pub rst: bool,
}

impl Wire {
    pub fn new() -> Self {
        Self(Rc::new(RefCell::new(State {
            ports: Default::default(),
            sent: Vec::new(),
            up: true,
            cut: [false; 2],
            lose: None,
            room: usize::MAX,
            ip: false,
            looks: 0,
            answer: None,
            count: [0; 2],
            faults: None,
            forgetful: false,
        })))
    }

    pub fn port(&self, side: usize) -> Port {
        Port { wire: self.clone(), side }
    }

    pub fn cut(&self, cut: bool) {
        self.0.borrow_mut().cut = [cut; 2];
    }

    /// Cuts one way only.
    pub fn cut_from(&self, side: usize) {
        self.0.borrow_mut().cut[side] = true;
    }

    pub fn lose(&self, one_in: usize) {
        self.0.borrow_mut().lose = Some(one_in);
    }

    /// From now on this goes wrong on the way.
    pub fn set_faults(&self, faults: Faults) {
        self.0.borrow_mut().faults = Some(faults);
    }

    /// All goes well from now on. Tells what went wrong, and loses what is held back.
    pub fn heal(&self) -> Counts {
        self.0.borrow_mut().faults.take().map_or(Counts::default(), |faults| faults.counts)
    }

    /// Keeps nothing of what is sent from now on.
    pub fn forget(&self) {
        let mut state = self.0.borrow_mut();
        state.forgetful = true;
        state.sent.clear();
    }

    pub fn set_room(&self, room: usize) {
        self.0.borrow_mut().room = room;
    }

    /// The frames are IP packets, without an Ethernet header.
    pub fn set_ip(&self) {
        self.0.borrow_mut().ip = true;
    }

    pub fn set_up(&self, up: bool) {
        self.0.borrow_mut().up = up;
        for side in 0..2 {
            self.wake(side);
        }
    }

    /// How many frames wait at a port.
    pub fn waiting(&self, side: usize) -> usize {
        self.0.borrow().ports[side].waiting.len()
    }

    /// How many frames this side has sent.
    pub fn count(&self, from: usize) -> usize {
        self.0.borrow().count[from]
    }

    /// How often ports were asked for frames.
    pub fn looks(&self) -> usize {
        self.0.borrow().looks
    }

    /// Puts a frame on the wire as if the port on the other side had sent it.
    pub fn inject(&self, to: usize, frame: Vec<u8>) {
        self.0.borrow_mut().ports[to].waiting.push_back(frame);
        self.wake(to);
    }

    /// Has somebody else see all frames of the client, and answer it.
    #[cfg(any(feature = "dhcpv4", feature = "slaac"))]
    pub fn set_answer(&self, answer: Answer) {
        self.0.borrow_mut().answer = Some(answer);
    }

    fn wake(&self, side: usize) {
        let waker = self.0.borrow_mut().ports[side].receiver.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn send(&self, from: usize, frame: Vec<u8>) {
        let mut state = self.0.borrow_mut();
        state.count[from] += 1;
        if !state.forgetful {
            state.sent.push((from, frame.clone()));
        }
        let count = state.count[0] + state.count[1];
        if state.cut[from] || state.lose.is_some_and(|one_in| count.is_multiple_of(one_in)) {
            return;
        }
        let answer = if from == 1 { state.answer.take() } else { None };
        if let Some(mut answer) = answer {
            let frames = answer(&frame);
            state.answer = Some(answer);
            state.ports[from].waiting.extend(frames);
        }
        match &mut state.faults {
            Some(faults) => {
                let arrive = faults.pass(from, frame);
                state.ports[1 - from].waiting.extend(arrive);
            }
            None => state.ports[1 - from].waiting.push_back(frame),
        }
        drop(state);
        self.wake(1 - from);
        self.wake(from);
    }

    /// The TCP packets sent so far.
    pub fn tcp(&self) -> Vec<Tcp> {
        let state = self.0.borrow();
        let parse = |(from, frame): &(usize, Vec<u8>)| {
            let ip = if state.ip {
                &frame[..]
            } else {
                let ethernet = EthernetFrame::new_checked(&frame[..]).ok()?;
                if ethernet.ethertype() == EthernetProtocol::Arp {
                    return None;
                }
                &frame[14..]
            };
            let payload = match ip[0] >> 4 {
                4 => Ipv4Packet::new_checked(ip).ok()?.payload(),
                // The next header of IPv6.
                _ if ip[6] == 6 => &ip[40..],
                _ => return None,
            };
            let tcp = TcpPacket::new_checked(payload).ok()?;
            Some(Tcp { from: *from, syn: tcp.syn(), rst: tcp.rst() })
        };
        state.sent.iter().filter_map(parse).collect()
    }

    /// How many resets this side has sent.
    pub fn resets(&self, from: usize) -> usize {
        self.tcp().iter().filter(|tcp| tcp.from == from && tcp.rst).count()
    }

    /// The frames that this side has sent.
    pub fn sent(&self, from: usize) -> Vec<Vec<u8>> {
        let state = self.0.borrow();
        state.sent.iter().filter(|(side, _)| *side == from).map(|(_, frame)| frame.clone()).collect()
    }
}

pub struct Port {
    wire: Wire,
    side: usize,
}

pub struct Received(Vec<u8>);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, f: F) -> R {
        f(&mut self.0)
    }
}

pub struct Sender {
    wire: Wire,
    side: usize,
}

impl TxToken for Sender {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; len];
        let result = f(&mut frame);
        self.wire.send(self.side, frame);
        result
    }
}

impl Port {
    fn sender(&self) -> Sender {
        Sender { wire: self.wire.clone(), side: self.side }
    }
}

impl Driver for Port {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sender;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received, Sender)> {
        let mut state = self.wire.0.borrow_mut();
        state.looks += 1;
        let port = &mut state.ports[self.side];
        let frame = port.waiting.pop_front();
        let sender = if frame.is_some() { port.sender.take() } else { None };
        if frame.is_none() {
            port.receiver = Some(cx.waker().clone());
        }
        drop(state);
        if let Some(sender) = sender {
            sender.wake();
        }
        frame.map(|frame| (Received(frame), self.sender()))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Sender> {
        let mut state = self.wire.0.borrow_mut();
        let room = state.room;
        let peer = &mut state.ports[1 - self.side];
        if peer.waiting.len() >= room {
            peer.sender = Some(cx.waker().clone());
            return None;
        }
        drop(state);
        Some(self.sender())
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        let mut state = self.wire.0.borrow_mut();
        state.ports[self.side].receiver = Some(cx.waker().clone());
        if state.up { LinkState::Up } else { LinkState::Down }
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = 1514;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        if self.wire.0.borrow().ip {
            HardwareAddress::Ip
        } else {
            HardwareAddress::Ethernet([2, 0, 0, 0, 0, self.side as u8 + 1])
        }
    }
}
