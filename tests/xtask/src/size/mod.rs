//! `cargo xtask size`: flash and RAM of the firmware images, also beside embassy's, and the sizes of the primitives.

mod firmware;
mod memory;
mod primitives;

use crate::artifact;
use crate::images::SIZED;
use anyhow::Result;
use memory::Memory;

/// Builds the images and prints the table.
pub fn run() -> Result<bool> {
    let mut rows = Vec::new();
    let mut complete = true;
    for image in SIZED {
        match artifact::image(image).and_then(|path| Memory::of(&path)) {
            Ok(memory) => rows.push((format!("{} {}", image.package, image.bin), memory)),
            Err(error) => {
                eprintln!("error: {}: {error:#}", image.package);
                complete = false;
            }
        }
    }
    print(&rows);
    complete &= firmware::print();
    Ok(primitives::print()? && complete)
}

/// Flash is what has to be stored; RAM is what is taken before the program starts, so without the stack.
fn print(rows: &[(String, Memory)]) {
    println!();
    println!(
        "{:<46} {:>8} {:>8} {:>8} {:>8} | {:>8} {:>8}",
        "image", "text", "rodata", "data", "bss", "flash", "RAM"
    );
    for (name, memory) in rows {
        println!(
            "{name:<46} {:>8} {:>8} {:>8} {:>8} | {:>8} {:>8}",
            memory.text,
            memory.rodata,
            memory.data,
            memory.bss,
            memory.flash(),
            memory.ram()
        );
    }
    println!("\nbytes; flash = text + rodata + data, RAM = data + bss, both without the stack");
}
