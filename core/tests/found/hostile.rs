//! Polls what waits for one primitive, by wakers that do anything else in the middle of it.

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

const SLOTS: usize = 6;
const STEPS: usize = if cfg!(miri) { 20 } else { 60 };
const PROGRAMS: u32 = if cfg!(miri) { 1 } else { 500 };

/// Fewer where a watcher makes each take long.
fn programs() -> u32 {
    let cases = std::env::var("CASES").ok().and_then(|value| value.parse().ok());
    cases.unwrap_or(PROGRAMS).min(PROGRAMS)
}

/// How deep wakers call each other, and how much they do in one program.
const DEPTH: u32 = 4;
const CALLS: u32 = 3000;

pub type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// What is waited for.
pub trait Subject: Default + 'static {
    /// What one who waited has, until it is dropped.
    type Gain: 'static;

    fn wait(&'static self, random: u32) -> Boxed<Self::Gain>;

    /// Does something else with it.
    fn act(&'static self, random: u32);

    /// Whether all who wait now are to be woken already.
    fn is_to_be_had(&self) -> bool;

    /// Has those who wait come to an end, as far as others do not have what they wait for.
    fn let_go(&'static self) {}

    /// Nobody waits or has anything, but for so many who were forgotten.
    fn check(&self, forgotten: usize);
}

/// What a waker panics with.
struct Hostile;

/// Runs `f`, in which wakers may panic; nothing else may.
fn caught<T>(f: impl FnOnce() -> T) -> Option<T> {
    let result = catch_unwind(AssertUnwindSafe(f));
    if result.as_ref().is_err_and(|payload| !payload.is::<Hostile>()) {
        FAULTS.set(FAULTS.get() + 1);
    }
    result.ok()
}

/// One who waits.
struct Slot<T> {
    future: RefCell<Option<Boxed<T>>>,
    /// By which of its wakers it was polled last, in which poll, and whether that waker was woken since.
    waker: Cell<usize>,
    poll: Cell<u32>,
    woken: Cell<bool>,
}

struct World<S: Subject> {
    subject: &'static S,
    slots: [Slot<S::Gain>; SLOTS],
    gains: RefCell<Vec<S::Gain>>,
    random: Cell<u32>,
    forgets: bool,
    forgotten: Cell<usize>,
    /// Whether wakers do anything, how deep they are in each other, and how often they did.
    hostile: Cell<bool>,
    depth: Cell<u32>,
    calls: Cell<u32>,
}

/// Told the number of a waker, and whether it is woken.
type Hook = Rc<dyn Fn(usize, bool)>;

thread_local! {
    /// What wakers call.
    static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
    /// How many wakers there are.
    static WAKERS: Cell<isize> = const { Cell::new(0) };
    /// How often something else than a waker panicked.
    static FAULTS: Cell<u32> = const { Cell::new(0) };
}

fn hook(number: *const (), woken: bool) {
    let hook = HOOK.with_borrow(Clone::clone);
    if let Some(hook) = hook {
        hook(number.addr(), woken);
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(
    |number| {
        hook(number, false);
        WAKERS.set(WAKERS.get() + 1);
        RawWaker::new(number, &TABLE)
    },
    |number| {
        WAKERS.set(WAKERS.get() - 1);
        hook(number, true);
    },
    |number| hook(number, true),
    |number| {
        WAKERS.set(WAKERS.get() - 1);
        hook(number, false);
    },
);

impl<S: Subject> World<S> {
    fn new(subject: &'static S, seed: u32, forgets: bool) -> Self {
        Self {
            subject,
            slots: std::array::from_fn(|_| Slot {
                future: RefCell::new(None),
                waker: Cell::new(0),
                poll: Cell::new(0),
                woken: Cell::new(false),
            }),
            gains: RefCell::default(),
            random: Cell::new(seed.wrapping_mul(2_654_435_761) | 1),
            forgets,
            forgotten: Cell::new(0),
            hostile: Cell::new(true),
            depth: Cell::new(0),
            calls: Cell::new(0),
        }
    }

    fn random(&self) -> u32 {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.random.set(x);
        x >> 3
    }

    fn below(&self, n: usize) -> usize {
        self.random() as usize % n
    }

    /// Something at random.
    fn act(&self) {
        let at = self.below(SLOTS);
        match self.below(16) {
            0..=6 => self.poll(at),
            7 => drop(self.take(at)),
            8 if self.forgets => {
                if let Some(future) = self.take(at) {
                    self.forgotten.set(self.forgotten.get() + 1);
                    mem::forget(future);
                }
            }
            8..=12 => {
                let mut gains = self.gains.borrow_mut();
                let len = gains.len();
                let gain = (len > 0).then(|| gains.swap_remove(self.below(len)));
                // Its drop wakes.
                drop(gains);
                drop(gain);
            }
            _ => self.subject.act(self.random()),
        }
    }

    fn take(&self, at: usize) -> Option<Boxed<S::Gain>> {
        self.slots[at].future.take()
    }

    /// Polls who waits there; one who comes, if nobody does.
    fn poll(&self, at: usize) {
        let slot = &self.slots[at];
        let mut future = self.take(at).unwrap_or_else(|| self.subject.wait(self.random()));
        let number = 2 * at + self.below(2);
        let poll = slot.poll.get() + 1;
        slot.poll.set(poll);
        slot.waker.set(number);
        slot.woken.set(false);
        // SAFETY: it refers to nothing.
        let waker = unsafe { Waker::new(std::ptr::without_provenance(number), &TABLE) };
        // Whoever polls has it, and it is dropped by nobody.
        let waker = mem::ManuallyDrop::new(waker);
        match caught(|| future.as_mut().poll(&mut Context::from_waker(&waker))) {
            Some(Poll::Ready(gain)) => self.gains.borrow_mut().push(gain),
            Some(Poll::Pending) => {
                let other = slot.future.replace(Some(future));
                if slot.poll.get() != poll {
                    // Another waited there meanwhile, and may have had the wake of this one.
                    slot.waker.set(number);
                    slot.woken.set(true);
                }
                drop(other);
            }
            None => drop(future),
        }
    }

    /// A waker is cloned, woken or dropped.
    fn called(&self, number: usize, woken: bool) {
        let slot = &self.slots[number / 2];
        if woken && slot.waker.get() == number {
            slot.woken.set(true);
        }
        if !self.hostile.get()
            || self.depth.get() > DEPTH
            || self.calls.get() > CALLS
            || std::thread::panicking()
        {
            return;
        }
        self.calls.set(self.calls.get() + 1);
        self.depth.set(self.depth.get() + 1);
        for _ in 0..self.below(3) {
            caught(|| self.act());
        }
        self.depth.set(self.depth.get() - 1);
        if self.below(20) == 0 {
            resume_unwind(Box::new(Hostile));
        }
    }

    fn program(&self, seed: u32) {
        for step in 0..STEPS {
            caught(|| self.act());
            if self.forgotten.get() == 0 && self.subject.is_to_be_had() {
                self.assert_woken(&format!("program {seed}, step {step}"));
            }
        }
        self.hostile.set(false);
        if self.forgotten.get() == 0 {
            // Each lets the next one go, and some wait again.
            for _ in 0..6 * SLOTS {
                self.subject.let_go();
                self.gains.take();
                for at in 0..SLOTS {
                    if self.slots[at].woken.get() && self.slots[at].future.borrow().is_some() {
                        self.poll(at);
                    }
                }
            }
            assert!(self.slots.iter().all(|slot| slot.future.borrow().is_none()), "program {seed}: stuck");
        }
        self.gains.take();
        for at in 0..SLOTS {
            drop(self.take(at));
        }
        self.subject.check(self.forgotten.get());
    }

    fn assert_woken(&self, when: &str) {
        for slot in &self.slots {
            assert!(slot.future.borrow().is_none() || slot.woken.get(), "{when}: it was not woken");
        }
    }
}

/// Random programs.
pub fn run<S: Subject>() {
    for seed in 1..=programs() {
        let subject = Box::into_raw(Box::<S>::default());
        // SAFETY: all that borrows it is dropped before it is.
        let world = Rc::new(World::new(unsafe { &*subject }, seed, false));
        programmed(&world, seed);
        assert_eq!(WAKERS.get(), 0, "program {seed}: not all wakers were dropped");
        drop(world);
        // SAFETY: as above, and it was a box.
        drop(unsafe { Box::from_raw(subject) });
    }
}

/// Random programs which forget some who wait.
pub fn forget_some<S: Subject>() {
    for seed in 1..=programs() {
        let world = Rc::new(World::new(Box::leak(Box::<S>::default()), seed, true));
        programmed(&world, seed);
        WAKERS.set(0);
    }
}

fn programmed<S: Subject>(world: &Rc<World<S>>, seed: u32) {
    let called = world.clone();
    HOOK.set(Some(Rc::new(move |number, woken| called.called(number, woken))));
    world.program(seed);
    HOOK.set(None);
    assert_eq!(FAULTS.get(), 0, "program {seed}");
}
