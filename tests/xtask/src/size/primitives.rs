//! Sizes of the primitives and of the futures that wait for them, beside those of other crates: read from what
//! `tests/measure/sizes` compiles to, which is never run.

#[cfg(test)]
mod tests;

use crate::bench::Table;
use crate::images::THUMBV7M;
use crate::{artifact, workspace};
use anyhow::{Context, Result, ensure};
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection};
use std::path::Path;

/// Whose primitives, and where the library is that tells of them.
struct Owner {
    name: &'static str,
    folder: &'static str,
    library: &'static str,
    features: &'static [&'static str],
}

const OURS: Owner =
    Owner { name: "everloop", folder: "tests/measure/sizes", library: "everloop_sizes", features: &[] };
const OWNERS: [Owner; 3] = [OURS, peer("embassy-sync", &["embassy"]), peer("maitake-sync", &["maitake"])];

/// Another crate, and the feature that brings it.
const fn peer(name: &'static str, features: &'static [&'static str]) -> Owner {
    Owner { name, folder: PEERS, library: "everloop_peer_sizes", features }
}

/// The package that depends on other crates: of no workspace, so that what can't be had harms nothing else.
const PEERS: &str = "tests/measure/sizes/peers";
/// Where the libraries keep their entries.
const SECTION: &str = ".everloop_sizes";

/// The bytes of an entry: three texts, four numbers.
const TEXTS: [usize; 3] = [24, 24, 48];
const ENTRY: usize = 24 + 24 + 48 + 4 * 4;

/// A primitive.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    owner: String,
    lock: String,
    name: String,
    size: u32,
    align: u32,
    future_size: u32,
    future_align: u32,
}

/// Prints the table. False if ours are missing: those of others are an extra.
pub fn print() -> Result<bool> {
    let mut table = Table::new(["", "bytes", "align", "waiter", "align"]);
    let mut complete = true;
    let mut notes = Vec::new();
    for owner in OWNERS {
        let library = artifact::library(owner.folder, owner.library, &THUMBV7M, owner.features);
        match library.and_then(|path| read(&path, owner.name)) {
            Ok(entries) => {
                let title = match version(owner.name) {
                    Some(version) => format!("{} {version}", owner.name),
                    None => owner.name.to_owned(),
                };
                for Entry { lock, name, size, align, future_size, future_align, .. } in entries {
                    let numbers = [size, align, future_size, future_align].map(|n| Some(u64::from(n)));
                    table.line(&format!("{title:<19} {lock:<23} {name}"), numbers);
                }
            }
            Err(error) => {
                complete &= owner.name != OURS.name;
                notes.push(format!("{} is left out: {error:#}", owner.name));
            }
        }
    }
    println!("\n{table}");
    for note in notes {
        eprintln!("{note}");
    }
    println!(
        "bytes on {} of a primitive and of the future that waits for it, which includes the waiter's place \
         in\nthe list; with `embassy-sync` the places for wakers are in the primitive instead, as many as its type \
         says, else one",
        THUMBV7M.triple
    );
    Ok(complete)
}

/// Reads an owner's entries from a library, in the order of their names.
fn read(path: &Path, owner: &str) -> Result<Vec<Entry>> {
    let bytes = std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    let archive = ArchiveFile::parse(&*bytes).with_context(|| format!("{} is no library", path.display()))?;
    let mut entries = Vec::new();
    for member in archive.members() {
        // The compiler's own notes are members too.
        let Ok(file) = object::File::parse(member?.data(&*bytes)?) else { continue };
        for section in file.sections().filter(|section| section.name() == Ok(SECTION)) {
            entries.extend(parse(section.data()?)?);
        }
    }
    entries.retain(|entry| entry.owner == owner);
    ensure!(!entries.is_empty(), "{} says nothing of {owner}", path.display());
    // The compiler puts them in any order.
    entries.sort_by(|a, b| (&a.lock, &a.name).cmp(&(&b.lock, &b.name)));
    Ok(entries)
}

fn parse(section: &[u8]) -> Result<Vec<Entry>> {
    ensure!(section.len().is_multiple_of(ENTRY), "{SECTION} is no whole number of entries");
    section.chunks_exact(ENTRY).map(entry).collect()
}

fn entry(bytes: &[u8]) -> Result<Entry> {
    let mut rest = bytes;
    let mut texts = TEXTS.map(|length| {
        let (text, behind) = rest.split_at(length);
        rest = behind;
        String::from_utf8_lossy(text).trim_end_matches('\0').to_owned()
    });
    let numbers: Vec<_> =
        rest.chunks_exact(4).map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]])).collect();
    let [size, align, future_size, future_align] = numbers[..] else {
        anyhow::bail!("an entry has {} numbers", numbers.len())
    };
    let [owner, lock, name] = texts.each_mut().map(std::mem::take);
    Ok(Entry { owner, lock, name, size, align, future_size, future_align })
}

/// The version that is built, by the lock file; none of our own.
fn version(owner: &str) -> Option<String> {
    let locked = std::fs::read_to_string(workspace::root().join(PEERS).join("Cargo.lock")).ok()?;
    workspace::locked_version(&locked, owner)
}
