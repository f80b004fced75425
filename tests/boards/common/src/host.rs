//! The host behind semihosting: its standard output, its command line, its wait for our exit code.

use crate::arch::call_host;
use core::cell::Cell;
use critical_section::Mutex;

const SYS_OPEN: usize = 0x01;
const SYS_WRITE: usize = 0x05;
const SYS_GET_CMDLINE: usize = 0x15;
const SYS_EXIT: usize = 0x18;
const SYS_EXIT_EXTENDED: usize = 0x20;

/// A mode of `SYS_OPEN`: "w".
const WRITE: usize = 4;

/// "The application ended by itself", as opposed to a fault or a breakpoint.
const ADP_STOPPED_APPLICATION_EXIT: usize = 0x20026;
/// "The application ended with an error"; QEMU's exit code is then 1.
const ADP_STOPPED_RUN_TIME_ERROR: usize = 0x20023;

/// How often a write is repeated that got nowhere: for seconds. A host whose standard output is full takes nothing for
/// a while; one whose standard output is gone never does, and must not hang us.
const IDLE_WRITES: u32 = 1_000_000;

#[derive(Clone, Copy)]
enum Stdout {
    Unopened,
    Open(usize),
    /// It cannot be opened, or takes nothing any more.
    Gone,
}

static STDOUT: Mutex<Cell<Stdout>> = Mutex::new(Cell::new(Stdout::Unopened));

fn open() -> Stdout {
    // The name that means "the console", which opened for writing is standard output.
    let name = c":tt";
    let block = [name.as_ptr() as usize, WRITE, name.count_bytes()];
    // SAFETY: the call reads a block of three words, and `count_bytes` bytes and the zero after them from a C string.
    let handle = unsafe { call_host(SYS_OPEN, (&raw const block) as usize) };
    if handle == usize::MAX { Stdout::Gone } else { Stdout::Open(handle) }
}

/// Writes to the host's standard output; what the host does not take is lost.
pub(crate) fn write(bytes: &[u8]) {
    critical_section::with(|cs| {
        let stdout = STDOUT.borrow(cs);
        if let Stdout::Unopened = stdout.get() {
            stdout.set(open());
        }
        if let Stdout::Open(handle) = stdout.get()
            && !write_all(handle, bytes)
        {
            stdout.set(Stdout::Gone);
        }
    });
}

fn write_all(handle: usize, mut bytes: &[u8]) -> bool {
    let mut idle = 0;
    while !bytes.is_empty() {
        let block = [handle, bytes.as_ptr() as usize, bytes.len()];
        // SAFETY: the call reads a block of three words, and `len` bytes from a slice of that length.
        let left = unsafe { call_host(SYS_WRITE, (&raw const block) as usize) };
        // The answer is how much was *not* written, or an error, which is a number larger than any length.
        if left > bytes.len() {
            return false;
        }
        idle = if left == bytes.len() { idle + 1 } else { 0 };
        if idle == IDLE_WRITES {
            return false;
        }
        bytes = &bytes[bytes.len() - left..];
    }
    true
}

/// Ends the run: QEMU exits with this code, after what was printed has reached its standard output.
pub fn exit(code: u32) -> ! {
    if cfg!(not(feature = "silent")) {
        crate::console::flush();
    }
    loop {
        if code == 0 {
            // SAFETY: on a 32-bit machine the argument is the reason itself, no pointer.
            unsafe { call_host(SYS_EXIT, ADP_STOPPED_APPLICATION_EXIT) };
        } else {
            let block = [ADP_STOPPED_APPLICATION_EXIT, code as usize];
            // SAFETY: the call reads a block of two words.
            unsafe { call_host(SYS_EXIT_EXTENDED, (&raw const block) as usize) };
            // We come here only on a host that does not know the call: then at least say that it went wrong.
            // SAFETY: as above.
            unsafe { call_host(SYS_EXIT, ADP_STOPPED_RUN_TIME_ERROR) };
        }
    }
}

/// The words that the host passes to the firmware, separated by spaces: QEMU's `-semihosting-config arg=…`, or
/// without any the path of the image. The first word is the program's name.
///
/// `None` if `buffer` is too small (the host also wants a byte for a terminating zero), if there is no such line, or
/// if it is no UTF-8.
pub fn command_line(buffer: &mut [u8]) -> Option<&str> {
    #[repr(C)]
    struct Block {
        text: *mut u8,
        len: usize,
    }
    let mut block = Block { text: buffer.as_mut_ptr(), len: buffer.len() };
    // SAFETY: the call writes at most `len` bytes to `text`, both from one slice, and then the length to the block.
    let failed = unsafe { call_host(SYS_GET_CMDLINE, (&raw mut block) as usize) };
    if failed != 0 {
        return None;
    }
    let line = core::str::from_utf8(buffer.get(..block.len)?).ok()?;
    Some(line.trim_end_matches('\0'))
}
