//! What an image takes of flash and RAM, read from its ELF file.

#[cfg(test)]
mod tests;

use anyhow::{Context, Result, ensure};
use object::elf::{self, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS};
use object::{Object, ObjectSection, SectionFlags};
use std::path::Path;

/// Bytes by kind of section.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Code.
    pub text: u64,
    /// Constants, the vector table among them.
    pub rodata: u64,
    /// Variables with a first value: stored in flash, copied to RAM.
    pub data: u64,
    /// Variables that start at zero or with nothing: RAM only.
    pub bss: u64,
}

impl Memory {
    /// Reads an ELF file.
    pub fn of(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
        let file =
            object::File::parse(&*bytes).with_context(|| format!("{} is no ELF file", path.display()))?;
        let mut memory = Self::default();
        for section in file.sections() {
            // As riscv-rt has it, all memory that is left.
            if section.name() == Ok(".stack") {
                continue;
            }
            let SectionFlags::Elf { sh_type, sh_flags } = section.flags() else { continue };
            memory.add(sh_type, sh_flags, section.size());
        }
        ensure!(memory.flash() > 0, "{} has nothing to load", path.display());
        Ok(memory)
    }

    fn add(&mut self, kind: elf::SectionType, flags: elf::SectionFlags, size: u64) {
        if !flags.contains(SHF_ALLOC) {
            // Symbols and what a debugger reads: not on the board at all.
        } else if kind == SHT_NOBITS {
            self.bss += size;
        } else if flags.contains(SHF_WRITE) {
            self.data += size;
        } else if flags.contains(SHF_EXECINSTR) {
            self.text += size;
        } else {
            self.rodata += size;
        }
    }

    /// What is stored.
    pub fn flash(&self) -> u64 {
        self.text + self.rodata + self.data
    }

    /// What is taken of RAM before the stack.
    pub fn ram(&self) -> u64 {
        self.data + self.bss
    }
}
