//! Makes the programs, and with each the digest of what comes of it on the host.

use everloop_difftest::code::encode;
use everloop_difftest::host::{everloop, generate};

const SEED: u64 = 1;
const PROGRAMS: usize = 1_000;

fn main() {
    // The host's loop says of some programs that they never end by a panic, which a board does not survive.
    everloop::silence_panics();
    let mut file = Vec::new();
    let mut count = 0;
    let mut nth = 0;
    while count < PROGRAMS {
        let program = generate::program(SEED, nth);
        nth += 1;
        let Some(trace) = everloop::run(&program).ok().filter(|trace| !trace.deadlock) else { continue };
        let mut bytes = Vec::new();
        encode(&program, &mut bytes);
        file.extend((bytes.len() as u32).to_le_bytes());
        file.extend(bytes);
        file.extend(trace.digest().to_le_bytes());
        count += 1;
    }
    let folder = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(format!("{folder}/programs.bin"), file).expect("the folder is there to be written to");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rerun-if-changed=build.rs");
}
