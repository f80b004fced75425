use super::*;
use object::elf::SHT_PROGBITS;

#[test]
fn each_kind_of_section_is_put_where_it_belongs() {
    let mut memory = Memory::default();
    memory.add(SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1000);
    memory.add(SHT_PROGBITS, SHF_ALLOC, 200);
    memory.add(SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 30);
    memory.add(SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 4);
    memory.add(SHT_PROGBITS, elf::SectionFlags(0), 1_000_000);
    assert_eq!(memory, Memory { text: 1000, rodata: 200, data: 30, bss: 4 });
    assert_eq!((memory.flash(), memory.ram()), (1230, 34));
}

#[test]
fn an_elf_file_is_read() {
    let memory = Memory::of(&std::env::current_exe().unwrap()).unwrap();
    assert!(memory.text > 0 && memory.rodata > 0 && memory.data > 0 && memory.bss > 0, "{memory:?}");
}

#[test]
fn what_is_no_elf_file_is_an_error() {
    assert!(Memory::of(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).is_err());
    assert!(Memory::of(Path::new("/nowhere")).is_err());
}
