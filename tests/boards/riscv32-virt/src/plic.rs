//! The platform's interrupt controller (PLIC): the devices' interrupts, for the one hart in machine mode.

use crate::virtio_net;
use riscv::interrupt::Interrupt;
use tock_registers::interfaces::{ReadWriteable, Readable, Writeable};
use tock_registers::registers::ReadWrite;
use tock_registers::{register_bitfields, register_structs};

register_bitfields! { u32,
    ENABLE [
        /// One bit for each of the first 32 sources.
        SOURCES OFFSET(0) NUMBITS(32) [],
    ],
}

register_structs! {
    Registers {
        /// Each source's; 0 is never.
        (0x00_0000 => priorities: [ReadWrite<u32>; 32]),
        (0x00_0080 => _more_sources),
        (0x00_2000 => enable: ReadWrite<u32, ENABLE::Register>),
        (0x00_2004 => _other_contexts),
        /// Only what has a higher priority comes.
        (0x20_0000 => threshold: ReadWrite<u32>),
        /// Read, the source that is up and now taken, 0 for none; written, the source that has been seen to.
        (0x20_0004 => claim: ReadWrite<u32>),
        (0x20_0008 => @END),
    }
}

fn registers() -> &'static Registers {
    // SAFETY: the registers are always there, and are only accessed as volatile.
    unsafe { &*(0x0c00_0000 as *const Registers) }
}

/// Lets the interrupt of a source in, one of the first 32, of which 0 is none. The hart has to let in those of devices.
pub fn unmask(source: u32) {
    let plic = registers();
    plic.threshold.set(0);
    plic.priorities[source as usize].set(1);
    plic.enable.modify(ENABLE::SOURCES.val(plic.enable.get() | 1 << source));
}

#[riscv_rt::core_interrupt(Interrupt::MachineExternal)]
fn machine_external() {
    loop {
        let source = registers().claim.get();
        if source == 0 {
            return;
        }
        assert!(virtio_net::on_interrupt(source), "no handler for the interrupt of source {source}");
        registers().claim.set(source);
    }
}
