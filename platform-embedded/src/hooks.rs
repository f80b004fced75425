//! The slot of the current loop, which core finds by name: see `slot_hooks.rs` there.

use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use crate::{Context, arch};

/// So many loops at most run on top of each other on one core, each at a higher interrupt level.
const DEPTH: usize = 8;

/// A level as it is stored. Zero is no level, so that the statics are all zeros.
fn encode(level: Option<u16>) -> u32 {
    level.map_or(0, |level| u32::from(level) + 1)
}

/// A loop and the level it runs at.
struct Entry {
    event_loop: AtomicPtr<()>,
    level: AtomicU32,
}

impl Entry {
    const fn new() -> Self {
        Self { event_loop: AtomicPtr::new(ptr::null_mut()), level: AtomicU32::new(0) }
    }

    fn get(&self) -> (*mut (), u32) {
        (self.event_loop.load(Ordering::Relaxed), self.level.load(Ordering::Relaxed))
    }

    /// A handler that no critical section holds back (NMI, HardFault) may look at any moment. It finds an old entry, a
    /// new one, or none, all of other levels than its own; never a loop with another's level.
    fn set(&self, (event_loop, level): (*mut (), u32)) {
        self.level.store(0, Ordering::Release);
        self.event_loop.store(event_loop, Ordering::Release);
        self.level.store(level, Ordering::Release);
    }
}

/// The loops of one core: the innermost, and those below it, which wait for it to end.
///
/// Loads and stores suffice: only its own core touches it, code that preempts the code that looks at it puts it back
/// as it was before it returns, and changes are made in critical sections.
struct Core {
    top: Entry,
    depth: AtomicUsize,
    below: [Entry; DEPTH],
}

impl Core {
    const fn new() -> Self {
        Self { top: Entry::new(), depth: AtomicUsize::new(0), below: [const { Entry::new() }; DEPTH] }
    }
}

static CORES: [Core; Context::CORES] = [const { Core::new() }; Context::CORES];

/// The loop that the calling context runs. Whoever runs at another level than the innermost loop was set at is a
/// handler on top of it: nothing below that loop can run before it ends.
#[unsafe(no_mangle)]
fn _everloop_current() -> *const () {
    let context = arch::context();
    let level = encode(context.level);
    let top = &CORES[usize::from(context.core)].top;
    if level != 0 && top.level.load(Ordering::Relaxed) == level {
        top.event_loop.load(Ordering::Relaxed)
    } else {
        ptr::null()
    }
}

/// Sets the loop of the calling context and gives back the one before in the same context.
#[unsafe(no_mangle)]
fn _everloop_set_current(new: *const ()) -> *const () {
    // Before the critical section, in which RISC-V can't tell.
    let context = arch::context();
    let level = encode(context.level);
    critical_section::with(|_| {
        let core = &CORES[usize::from(context.core)];
        let (old, old_level) = core.top.get();
        let depth = core.depth.load(Ordering::Relaxed);
        if new.is_null() {
            // A loop ends: what it ran on top of is the innermost again.
            match depth.checked_sub(1) {
                Some(rest) => {
                    core.depth.store(rest, Ordering::Relaxed);
                    core.top.set(core.below[rest].get());
                }
                None => core.top.set((ptr::null_mut(), 0)),
            }
            return old.cast_const();
        }
        assert!(
            level != 0,
            "can't tell whether this is an interrupt handler: run the loop with interrupts enabled, and not in a handler"
        );
        if old_level == level {
            core.top.set((new.cast_mut(), level));
            return old.cast_const();
        }
        if old_level != 0 {
            assert!(depth < DEPTH, "more than {DEPTH} event loops run on top of each other");
            core.below[depth].set((old, old_level));
            core.depth.store(depth + 1, Ordering::Relaxed);
        }
        core.top.set((new.cast_mut(), level));
        ptr::null()
    })
}
