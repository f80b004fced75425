//! What a loop's time goes into.

use core::cell::Cell;

use everloop_core::Duration;

use crate::time_driver::from_driver;

/// What the time since a loop's first run or start has gone into.
///
/// The three together are that time. Two of them give the load of what lies between:
///
/// ```no_run
/// use everloop_embedded::{Duration, Loop, sleep};
///
/// static LOOP: Loop = Loop::new();
///
/// LOOP.run(&[], async {
///     let mut before = LOOP.load();
///     loop {
///         sleep(Duration::from_secs(1)).await;
///         let now = LOOP.load();
///         let second = now.since(before);
///         before = now;
///         // For a log: the processor was busy for so many of a thousand parts.
///         let _ = second.permille();
///     }
/// }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Load {
    /// The loop's tasks ran, or interrupt handlers that are no loop on top of them.
    pub busy: Duration,
    /// Of a [`Loop`](crate::Loop): the processor slept. Of an [`InterruptLoop`](crate::InterruptLoop): it had nothing to do.
    pub idle: Duration,
    /// Interrupt loops of higher priority ran, on top of it or while it would have slept, in turns that have ended.
    pub preempted: Duration,
}

impl Load {
    /// What has been added since `earlier`, of the same loop.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            busy: self.busy.saturating_sub(earlier.busy),
            idle: self.idle.saturating_sub(earlier.idle),
            preempted: self.preempted.saturating_sub(earlier.preempted),
        }
    }

    /// The part that was not idle, in thousandths, rounded down; 0 if no time has passed.
    pub fn permille(self) -> u16 {
        let [busy, idle, preempted] =
            [self.busy, self.idle, self.preempted].map(|part| u128::from(part.as_ticks()));
        let used = busy + preempted;
        u16::try_from((used * 1000).checked_div(used + idle).unwrap_or(0)).unwrap_or(1000)
    }

    fn new(total: u64, idle: u64, preempted: u64) -> Self {
        // From the ends and not from the parts, so that the sum is exact.
        let ticks = |driver: u64| from_driver(driver).as_ticks();
        let (idle, preempted) = (ticks(idle), ticks(preempted));
        let busy = ticks(total).saturating_sub(idle).saturating_sub(preempted);
        Self {
            busy: Duration::from_ticks(busy),
            idle: Duration::from_ticks(idle),
            preempted: Duration::from_ticks(preempted),
        }
    }
}

/// A few numbers that several contexts use.
struct Guarded<T: Copy> {
    #[cfg(not(feature = "std"))]
    cell: critical_section::Mutex<Cell<T>>,
    #[cfg(feature = "std")]
    cell: std::sync::Mutex<Cell<T>>,
}

impl<T: Copy> Guarded<T> {
    const fn new(value: T) -> Self {
        #[cfg(not(feature = "std"))]
        return Self { cell: critical_section::Mutex::new(Cell::new(value)) };
        #[cfg(feature = "std")]
        return Self { cell: std::sync::Mutex::new(Cell::new(value)) };
    }

    fn with<R>(&self, f: impl FnOnce(&Cell<T>) -> R) -> R {
        #[cfg(not(feature = "std"))]
        return critical_section::with(|cs| f(self.cell.borrow(cs)));
        #[cfg(feature = "std")]
        return f(&self.cell.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

/// The time that went into the turns of all interrupt loops of a core, each tick counted once.
#[cfg(not(feature = "std"))]
static IN_TURNS: [Guarded<u64>; crate::Context::CORES] = [const { Guarded::new(0) }; crate::Context::CORES];

/// The turns of the core that this runs on. On a host loops do not preempt one another: they are threads.
fn in_turns() -> Option<&'static Guarded<u64>> {
    #[cfg(not(feature = "std"))]
    return IN_TURNS.get(usize::from(crate::arch::context().core));
    #[cfg(feature = "std")]
    return None;
}

fn total(turns: Option<&Guarded<u64>>) -> u64 {
    turns.map_or(0, |turns| turns.with(Cell::get))
}

fn spent() -> u64 {
    total(in_turns())
}

fn now() -> u64 {
    embassy_time_driver::now()
}

/// The time without these turns of interrupt loops, as a loop in thread mode has it. Only what two of these are apart means
/// anything.
fn own_time(turns: Option<&Guarded<u64>>) -> u64 {
    now().wrapping_sub(total(turns))
}

/// The sleeps of a loop.
pub(crate) struct Sleeps {
    since: Guarded<Option<Begin>>,
    slept: Guarded<Slept>,
}

/// When a loop was first run.
#[derive(Clone, Copy)]
struct Begin {
    at: u64,
    /// The turns of its core, which it stays on; who asks for its load may be on another.
    turns: Option<&'static Guarded<u64>>,
    /// What had gone into these by then.
    spent: u64,
}

#[derive(Clone, Copy)]
struct Slept {
    /// The sum of all sleeps. During one it is less by the own time at which that began, and makes sense only together
    /// with the own time: interrupts are masked when a sleep is counted, so that takes as little as can be.
    sum: u64,
    asleep: bool,
}

impl Sleeps {
    pub(crate) const fn new() -> Self {
        Self { since: Guarded::new(None), slept: Guarded::new(Slept { sum: 0, asleep: false }) }
    }

    /// The loop runs.
    pub(crate) fn begin(&self) {
        let turns = in_turns();
        let begin = || Begin { at: now(), turns, spent: total(turns) };
        self.since.with(|since| since.set(since.get().or_else(|| Some(begin()))));
    }

    pub(crate) fn fall_asleep(&self) {
        self.slept.with(|slept| {
            slept.set(Slept { sum: slept.get().sum.wrapping_sub(own_time(in_turns())), asleep: true });
        });
    }

    pub(crate) fn wake_up(&self) {
        self.slept.with(|slept| {
            slept.set(Slept { sum: slept.get().sum.wrapping_add(own_time(in_turns())), asleep: false });
        });
    }

    pub(crate) fn load(&self) -> Load {
        let Some(begin) = self.since.with(Cell::get) else { return Load::default() };
        // All at once, so that nothing changes between the readings.
        self.slept.with(|slept| {
            let Slept { sum, asleep } = slept.get();
            let idle = if asleep { sum.wrapping_add(own_time(begin.turns)) } else { sum };
            Load::new(now() - begin.at, idle, total(begin.turns) - begin.spent)
        })
    }
}

/// The turns of an interrupt loop.
pub(crate) struct Turns(Guarded<Turned>);

#[derive(Clone, Copy)]
struct Turned {
    since: Option<u64>,
    busy: u64,
    preempted: u64,
}

impl Turns {
    pub(crate) const fn new() -> Self {
        Self(Guarded::new(Turned { since: None, busy: 0, preempted: 0 }))
    }

    /// Runs a turn.
    pub(crate) fn count<R>(&self, turn: impl FnOnce() -> R) -> R {
        let (begin, before) = (now(), spent());
        let result = turn();
        // All at once, so that no turn comes between the readings.
        self.0.with(|cell| {
            let end = now();
            let inner = spent() - before;
            let own = (end - begin).saturating_sub(inner);
            let mut turned = cell.get();
            turned.since = turned.since.or(Some(begin));
            turned.busy += own;
            turned.preempted += inner;
            cell.set(turned);
            if let Some(spent) = in_turns() {
                spent.with(|spent| spent.set(spent.get() + own));
            }
        });
        result
    }

    pub(crate) fn load(&self) -> Load {
        self.0.with(|cell| {
            let turned = cell.get();
            let Some(since) = turned.since else { return Load::default() };
            let total = now() - since;
            Load::new(total, total.saturating_sub(turned.busy + turned.preempted), turned.preempted)
        })
    }
}
