//! Gives the linker the script of the runtime; the memory layout comes from the board's crate.

fn main() {
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
}
