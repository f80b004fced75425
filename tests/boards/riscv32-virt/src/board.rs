//! The board as a whole.

use crate::virtio_net::VirtioNet;
use crate::{clint, plic, time};
use everloop_board_common::Singleton;
use riscv::interrupt::{self, Interrupt};

/// What the board has to give.
#[non_exhaustive]
pub struct Board {
    /// The network device, if the machine was given one.
    pub ethernet: Option<VirtioNet>,
}

static INITIALISED: Singleton<()> = Singleton::new(());

/// Starts the clock and the network device and lets their interrupts in, and the one that software raises.
///
/// # Panics
///
/// At a second call, and if there is a network device that can't be used.
pub fn init() -> Board {
    INITIALISED.take().expect("the board is initialised once");
    time::start();
    clint::clear_soft();
    let ethernet = VirtioNet::find();
    if let Some(device) = &ethernet {
        plic::unmask(device.source());
    }
    // SAFETY: no critical section is built on masking single interrupts, and this is not called in one: it would be
    // called for the second time.
    unsafe {
        interrupt::enable_interrupt(Interrupt::MachineTimer);
        interrupt::enable_interrupt(Interrupt::MachineSoft);
        interrupt::enable_interrupt(Interrupt::MachineExternal);
        interrupt::enable();
    }
    Board { ethernet }
}
