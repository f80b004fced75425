//! The registers themselves, filled by hand and looked at after interrupts that fill them otherwise.

use board::selftest::{Outcome, Report};
use board::{Interrupt, ensure, interrupt, metronome};
use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering};
use cortex_m::peripheral::NVIC;
use everloop_board_mps2_an385 as board;

const REGISTERS: usize = 32;
/// How long registers are held, in rounds of an empty loop.
const LONG: u32 = 200_000;
/// How often they are interrupted meanwhile.
const BEAT: u32 = 4_000;
/// Rounds towards zero, which is not what a handler begins with.
const TO_ZERO: u32 = 0b11 << 22;
/// So do the bits that say how to round, and nothing else that arithmetic changes.
const ROUNDING: u32 = TO_ZERO;

static BEATS: AtomicU32 = AtomicU32::new(0);
/// How many registers another handler lost; more than there are until it has run.
static LOST: AtomicU32 = AtomicU32::new(u32::MAX);

pub fn run(report: &mut Report) {
    report.test("registers::survive_a_handler_that_uses_them", survive_a_handler);
    report.test("registers::survive_a_handler_that_does_not", survive_a_handler_without_floats);
    report.test("registers::of_a_handler_survive_one_above_it", survive_in_a_handler);
    report.test("registers::the_way_to_round_survives", rounding_survives);
}

/// Values that tell the registers and the users apart.
fn values(user: u32) -> [u32; REGISTERS] {
    core::array::from_fn(|n| user << 24 | (n as u32) << 8 | 0x5a)
}

/// Fills the registers, leaves time for interrupts, and gives what is then in the registers.
fn hold(values: &[u32; REGISTERS], rounds: u32) -> [u32; REGISTERS] {
    let mut found = [0; REGISTERS];
    // SAFETY: reads and writes as many words as there are, and tells of every register that it uses.
    unsafe {
        asm!(
            "vldmia {from}, {{s0-s31}}",
            "2:",
            "subs {rounds}, {rounds}, #1",
            "bne 2b",
            "vstmia {to}, {{s0-s31}}",
            from = in(reg) values.as_ptr(),
            to = in(reg) found.as_mut_ptr(),
            rounds = inout(reg) rounds => _,
            out("d0") _, out("d1") _, out("d2") _, out("d3") _,
            out("d4") _, out("d5") _, out("d6") _, out("d7") _,
            out("d8") _, out("d9") _, out("d10") _, out("d11") _,
            out("d12") _, out("d13") _, out("d14") _, out("d15") _,
            options(nostack)
        )
    };
    found
}

/// How many of the registers hold something else after a time.
fn lost(user: u32, rounds: u32) -> u32 {
    let before = values(user);
    let after = hold(&before, rounds);
    before.iter().zip(&after).filter(|(before, after)| before != after).count() as u32
}

fn beat_with_floats() {
    BEATS.fetch_add(1, Ordering::Relaxed);
    lost(0xaa, 1);
    // And it has another way to round when it goes.
    set_status(status() & !ROUNDING);
}

fn beat_without_floats() {
    BEATS.fetch_add(1, Ordering::Relaxed);
}

/// Runs something while interrupts beat; gives how many came meanwhile.
fn interrupted(beat: fn(), f: impl FnOnce()) -> u32 {
    let before = BEATS.load(Ordering::Relaxed);
    metronome::start(BEAT, beat);
    f();
    metronome::stop();
    BEATS.load(Ordering::Relaxed) - before
}

fn survive_a_handler() -> Outcome {
    let mut lost_here = 0;
    let beats = interrupted(beat_with_floats, || lost_here = lost(1, LONG));
    ensure!(beats > 10, "only {beats} interrupts came");
    ensure!(lost_here == 0, "{lost_here} registers were lost in {beats} interrupts");
    Ok(())
}

fn survive_a_handler_without_floats() -> Outcome {
    let mut lost_here = 0;
    let beats = interrupted(beat_without_floats, || lost_here = lost(2, LONG));
    ensure!(beats > 10, "only {beats} interrupts came");
    ensure!(lost_here == 0, "{lost_here} registers were lost in {beats} interrupts");
    Ok(())
}

/// Below the clock's interrupts.
#[interrupt]
fn GPIO0_2() {
    LOST.store(lost(3, LONG), Ordering::Relaxed);
}

fn survive_in_a_handler() -> Outcome {
    // SAFETY: nothing else uses the NVIC's priorities now, and no critical section is built on masking this.
    unsafe {
        cortex_m::Peripherals::steal().NVIC.set_priority(Interrupt::GPIO0_2, 0x80);
        NVIC::unmask(Interrupt::GPIO0_2);
    }
    let mut lost_here = 0;
    let beats = interrupted(beat_with_floats, || {
        let before = values(4);
        // The handler comes while the thread holds its own.
        NVIC::pend(Interrupt::GPIO0_2);
        let after = hold(&before, 1000);
        lost_here = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    });
    let lost_there = LOST.load(Ordering::Relaxed);
    ensure!(beats > 10, "only {beats} interrupts came");
    ensure!(lost_there == 0, "{lost_there} registers were lost in the handler");
    ensure!(lost_here == 0, "{lost_here} registers were lost in the thread");
    Ok(())
}

fn status() -> u32 {
    let status;
    // SAFETY: reads a register.
    unsafe { asm!("vmrs {}, fpscr", out(reg) status, options(nomem, nostack, preserves_flags)) };
    status
}

fn set_status(status: u32) {
    // SAFETY: how it rounds is looked at, and set back, by those who change it; here there is no other arithmetic.
    unsafe { asm!("vmsr fpscr, {}", in(reg) status, options(nomem, nostack, preserves_flags)) };
}

fn rounding_survives() -> Outcome {
    let before = status();
    set_status(before | TO_ZERO);
    let beats = interrupted(beat_with_floats, || {
        hold(&values(5), LONG);
    });
    let after = status();
    set_status(before);
    ensure!(beats > 10, "only {beats} interrupts came");
    ensure!(after & ROUNDING == TO_ZERO, "{after:#x} after rounding towards zero");
    Ok(())
}
