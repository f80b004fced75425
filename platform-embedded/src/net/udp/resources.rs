use core::fmt;
use core::mem::MaybeUninit;

use smoltcp::iface::{SocketSet, SocketStorage};
use smoltcp::socket::udp::{PacketBuffer, PacketMetadata, Socket};
use static_cell::ConstStaticCell;

use super::table::{DATAGRAMS, Signals, Slot, Table};

/// The memory of `N` UDP sockets, each with a buffer of `RX` bytes for datagrams that came and were not yet taken, and
/// one of `TX` bytes for those that did not go yet. At most eight datagrams wait in each, and no datagram may be longer
/// than the buffer. For a `static`, of all zeros; given to a stack with [`Stack::add_udp`](crate::net::Stack::add_udp).
pub struct UdpResources<const N: usize, const RX: usize, const TX: usize> {
    memory: ConstStaticCell<Memory<N, RX, TX>>,
}

/// What is not zero at the start stays uninitialized until then, so that all of it is in `.bss` and takes no flash.
struct Memory<const N: usize, const RX: usize, const TX: usize> {
    rx: [[u8; RX]; N],
    tx: [[u8; TX]; N],
    waiting: MaybeUninit<[[[PacketMetadata; DATAGRAMS]; 2]; N]>,
    sockets: MaybeUninit<[SocketStorage<'static>; N]>,
    slots: MaybeUninit<[Slot; N]>,
    signals: MaybeUninit<[Signals; N]>,
}

impl<const N: usize, const RX: usize, const TX: usize> UdpResources<N, RX, TX> {
    /// Memory that serves no stack yet.
    pub const fn new() -> Self {
        const { assert!(N > 0 && RX > 0 && TX > 0, "there must be sockets, and they need buffers") };
        Self {
            memory: ConstStaticCell::new(Memory {
                rx: [[0; RX]; N],
                tx: [[0; TX]; N],
                waiting: MaybeUninit::uninit(),
                sockets: MaybeUninit::uninit(),
                slots: MaybeUninit::uninit(),
                signals: MaybeUninit::uninit(),
            }),
        }
    }

    /// None if it was taken before.
    pub(in super::super) fn take(&'static self) -> Option<(Table, &'static mut [Signals])> {
        let Memory { rx, tx, waiting, sockets, slots, signals } = self.memory.try_take()?;
        let waiting = waiting.write([const { [[PacketMetadata::EMPTY; DATAGRAMS]; 2] }; N]);
        let mut sockets = SocketSet::new(&mut sockets.write([const { SocketStorage::EMPTY }; N])[..]);
        let mut buffers = rx.iter_mut().zip(tx).zip(waiting);
        let slots = slots.write(core::array::from_fn(|_| {
            // There are N of each.
            let Some(((rx, tx), [received, sent])) = buffers.next() else { unreachable!() };
            let rx = PacketBuffer::new(&mut received[..], &mut rx[..]);
            let tx = PacketBuffer::new(&mut sent[..], &mut tx[..]);
            Slot::new(sockets.add(Socket::new(rx, tx)))
        }));
        Some((Table::new(sockets, slots), &mut signals.write([const { Signals::new() }; N])[..]))
    }
}

impl<const N: usize, const RX: usize, const TX: usize> Default for UdpResources<N, RX, TX> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, const RX: usize, const TX: usize> fmt::Debug for UdpResources<N, RX, TX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpResources").field("sockets", &N).finish_non_exhaustive()
    }
}
