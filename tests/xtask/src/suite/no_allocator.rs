//! An image that is promised to do without an allocator holds none.
//!
//! Looked up in the symbols of the linked image: code that allocates cannot be linked without the names that stand
//! between `alloc` and an allocator.

#[cfg(test)]
mod tests;

use super::Cases;
use crate::artifact;
use crate::images::WITHOUT_ALLOCATOR;
use anyhow::{Context, Result, bail, ensure};
use object::{Object, ObjectSymbol};
use std::path::Path;

/// The test's name and the text that no symbol's name may contain.
///
/// Names are mangled, but every mangling keeps the plain name inside.
const FORBIDDEN: [(&str, &str); 5] = [
    ("allocation", "__rust_alloc"),
    ("deallocation", "__rust_dealloc"),
    ("reallocation", "__rust_realloc"),
    ("global-allocator", "__rg_"),
    ("default-allocator", "__rdl_"),
];

/// Every image, every name.
pub fn run(cases: &mut Cases<'_>) -> Result<()> {
    for image in WITHOUT_ALLOCATOR {
        let names: Vec<_> =
            FORBIDDEN.iter().map(|(test, text)| (format!("{}-no-{test}", image.bin), *text)).collect();
        if !names.iter().any(|(name, _)| cases.wants(name)) {
            continue;
        }
        let symbols = symbols(&artifact::image(image)?)?;
        for (name, text) in &names {
            cases.run(name, || absent(&symbols, text));
        }
    }
    Ok(())
}

/// The names of everything in an image.
fn symbols(path: &Path) -> Result<Vec<String>> {
    let data = std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    let file = object::File::parse(&*data).with_context(|| format!("{} is no ELF file", path.display()))?;
    let symbols: Vec<_> = file.symbols().filter_map(|symbol| Some(symbol.name().ok()?.to_owned())).collect();
    // A stripped image would pass every test.
    ensure!(symbols.iter().any(|name| !name.is_empty()), "{} has no symbols", path.display());
    Ok(symbols)
}

fn absent(symbols: &[String], text: &str) -> Result<()> {
    match symbols.iter().find(|name| name.contains(text)) {
        None => Ok(()),
        Some(name) => bail!("the image contains `{name}`"),
    }
}
