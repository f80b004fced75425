//! Runs random programs on the emulated board mps2-an385: the same data as on the host, and so the same outcomes.
#![no_std]
#![no_main]

use core::mem::MaybeUninit;

use embedded_alloc::LlffHeap;
use everloop_board_mps2_an385 as board;
use everloop_difftest::code::decode;
use everloop_difftest::interpret::Run;
use everloop_embedded::OwnedLoop;
use everloop_embedded::virtual_time::UNPARKER;

/// Each with its length before it and the digest of its trace behind it.
static PROGRAMS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/programs.bin"));

const HEAP_BYTES: usize = 1 << 20;

#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();
static mut MEMORY: [MaybeUninit<u8>; HEAP_BYTES] = [MaybeUninit::uninit(); HEAP_BYTES];

#[board::entry]
fn main() -> ! {
    let _board = board::init();
    // SAFETY: called once, before anything is allocated, and nothing else names the memory.
    unsafe { HEAP.init((&raw mut MEMORY).addr(), HEAP_BYTES) };
    let mut rest = PROGRAMS;
    let mut count = 0;
    let mut unlike = 0;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (bytes, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        let (digest, after) = after.split_first_chunk::<8>().expect("a digest follows each program");
        rest = after;
        if digest_of(bytes) != u64::from_le_bytes(*digest) {
            board::println!("program {count} does not agree with the host");
            unlike += 1;
        }
        count += 1;
    }
    board::print!("test difftest::{count} programs come to what they come to on the host ... ");
    if unlike > 0 {
        board::println!("FAILED");
        panic!("{unlike} programs do not agree");
    }
    board::println!("ok");
    board::println!("1 passed, 0 failed");
    board::exit(0)
}

fn digest_of(bytes: &[u8]) -> u64 {
    let run = Run::new(decode(bytes).expect("the build script made it"));
    let clock = run.clock();
    let main = run.main();
    assert_eq!(OwnedLoop::new(UNPARKER).run(&clock, &[], main), Ok(()));
    run.finish(&clock).digest()
}
