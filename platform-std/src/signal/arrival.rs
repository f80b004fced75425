//! Which signals have come, and which loops are told.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use libc::c_int;

use super::action::{Action, Handler};
use super::ring::{self, Ring};

/// No system has a larger number.
const SIGNALS: usize = 129;

/// What is known of one signal.
struct Arrival {
    /// How often it came.
    count: AtomicUsize,
    /// A bit for each ring that it sounds.
    rings: AtomicUsize,
}

static ARRIVALS: [Arrival; SIGNALS] =
    [const { Arrival { count: AtomicUsize::new(0), rings: AtomicUsize::new(0) } }; SIGNALS];

// SAFETY: HANDLER: `note` only touches atomics, sounds rings and puts `errno` back.
const NOTE: Handler = unsafe { Handler::new(note) };

extern "C" fn note(signum: c_int) {
    let errno = errno::errno();
    if let Some(arrival) = ARRIVALS.get(signum as usize) {
        // Counted before the ring is sounded: who hears it finds the count.
        arrival.count.fetch_add(1, Ordering::SeqCst);
        let mut rings = arrival.rings.load(Ordering::SeqCst);
        while rings != 0 {
            ring::sound(rings.trailing_zeros() as usize);
            rings &= rings - 1;
        }
    }
    errno::set_errno(errno);
}

/// Whether the number can be a signal's.
pub(super) fn is_valid(signum: c_int) -> bool {
    usize::try_from(signum).is_ok_and(|number| (1..SIGNALS).contains(&number))
}

/// How often a signal came; only good to see whether it did again.
pub(super) fn count(signum: c_int) -> usize {
    ARRIVALS[signum as usize].count.load(Ordering::SeqCst)
}

/// The signals that are caught.
static CAUGHT: Mutex<BTreeMap<c_int, Caught>> = Mutex::new(BTreeMap::new());

struct Caught {
    /// What the signal did before, and will do again.
    former: Action,
    /// How many loops want it.
    loops: usize,
}

fn caught() -> MutexGuard<'static, BTreeMap<c_int, Caught>> {
    CAUGHT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While it lives, a signal is counted and sounds a ring, and does nothing else. When the last one of the signal is
/// dropped, the signal does again what it did before the first.
pub(super) struct Catch {
    signum: c_int,
    bit: usize,
}

impl Catch {
    /// Catches a signal for the loop that has `ring`, once.
    pub(super) fn new(signum: c_int, ring: &Ring) -> io::Result<Self> {
        let bit = 1 << ring.number();
        let mut caught = caught();
        ARRIVALS[signum as usize].rings.fetch_or(bit, Ordering::SeqCst);
        // From here on its drop undoes what was done.
        match caught.get_mut(&signum) {
            Some(caught) => caught.loops += 1,
            None => match Action::calls(NOTE).set(signum) {
                Ok(former) => {
                    caught.insert(signum, Caught { former, loops: 1 });
                }
                Err(error) => {
                    ARRIVALS[signum as usize].rings.fetch_and(!bit, Ordering::SeqCst);
                    return Err(error);
                }
            },
        }
        Ok(Self { signum, bit })
    }
}

impl Drop for Catch {
    fn drop(&mut self) {
        let mut caught = caught();
        ARRIVALS[self.signum as usize].rings.fetch_and(!self.bit, Ordering::SeqCst);
        if let Some(entry) = caught.get_mut(&self.signum) {
            entry.loops -= 1;
            if entry.loops == 0 {
                // A handler that the program has installed meanwhile stays.
                if Action::current(self.signum).is_ok_and(|action| action.is(NOTE)) {
                    let _ = entry.former.set(self.signum);
                }
                caught.remove(&self.signum);
            }
        }
    }
}

/// Gives a signal its default effect in place of `handler`, now or, if it is caught meanwhile, when it no longer is.
pub(crate) fn withdraw(signum: c_int, handler: Handler) {
    let mut caught = caught();
    if let Some(entry) = caught.get_mut(&signum)
        && entry.former.is(handler)
    {
        entry.former = Action::default();
    }
    // A handler that the program has installed meanwhile stays.
    if Action::current(signum).is_ok_and(|action| action.is(handler)) {
        let _ = Action::default().set(signum);
    }
}
