//! Puts the linker scripts where the linker of every image for this board finds them.

fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    // A search path goes to the packages that depend on this one as well. An argument does not: each image's own
    // build script has to give `-Tlink.x`.
    println!("cargo:rustc-link-search={here}/link");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rerun-if-changed=link");
    println!("cargo:rerun-if-changed=build.rs");
}
