use super::*;

/// A program with an allocator is at hand: this one.
#[test]
fn an_allocator_is_found_where_there_is_one() {
    let here = std::env::current_exe().unwrap();
    let symbols = symbols(&here).unwrap();
    assert!(absent(&symbols, "__rust_alloc").is_err());
    assert!(absent(&symbols, "__rust_dealloc").is_err());
    assert!(absent(&symbols, "__rdl_").is_err());
    assert!(absent(&symbols, "no such name anywhere").is_ok());
}

#[test]
fn what_is_no_image_is_an_error() {
    assert!(symbols(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).is_err());
}
