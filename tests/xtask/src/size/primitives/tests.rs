use super::*;

fn bytes(texts: [&str; 3], numbers: [u32; 4]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (text, length) in texts.into_iter().zip(TEXTS) {
        bytes.extend(text.bytes().chain(std::iter::repeat(0)).take(length));
    }
    bytes.extend(numbers.into_iter().flat_map(u32::to_le_bytes));
    bytes
}

#[test]
fn entries_are_read() {
    let section = [
        bytes(["everloop", "Local", "Event"], [16, 4, 32, 8]),
        bytes(["other", "-", "Queue<u32, 8>, get"], [1, 1, 0, 1]),
    ];
    let entries = parse(&section.concat()).unwrap();
    assert_eq!(entries.len(), 2);
    let Entry { owner, lock, name, size, align, future_size, future_align } = entries[0].clone();
    assert_eq!((&*owner, &*lock, &*name), ("everloop", "Local", "Event"));
    assert_eq!((size, align, future_size, future_align), (16, 4, 32, 8));
    assert_eq!(entries[1].name, "Queue<u32, 8>, get");
}

#[test]
fn half_an_entry_is_an_error() {
    assert!(parse(&bytes(["a", "b", "c"], [1; 4])[1..]).is_err());
    assert_eq!(parse(&[]).unwrap(), []);
}

#[test]
fn what_is_no_library_is_an_error() {
    assert!(read(&workspace::root().join("Cargo.toml"), "everloop").is_err());
    assert!(read(Path::new("/nowhere"), "everloop").is_err());
}

#[test]
fn the_version_is_that_of_the_lock_file() {
    let locked =
        "[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"b\"\nversion = \"4.5.6\"\n";
    assert_eq!(workspace::locked_version(locked, "b").as_deref(), Some("4.5.6"));
    assert_eq!(workspace::locked_version(locked, "c"), None);
}
