//! What is measured, and how it is told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What came of a workload: keys with numbers.
///
/// `ps` is picoseconds an operation, `bytes` is memory for one, `peak` is bytes of memory at the most.
pub type Report = Vec<(&'static str, u64)>;

/// A kind of work.
pub struct Workload {
    /// As on the command line.
    pub name: &'static str,
    /// How much of it unless something else is said; what is counted, each workload says.
    pub n: u64,
    /// Does so much.
    pub run: fn(u64) -> Report,
}

/// Since when something is measured.
#[derive(Clone, Copy)]
pub struct Began {
    wall: Instant,
    cpu: Duration,
}

/// From now on.
pub fn begin() -> Began {
    Began { wall: Instant::now(), cpu: processor() }
}

impl Began {
    /// The picoseconds of each of `n` operations: of the clock, or of the processor if that is less, since other programs
    /// may keep this one waiting. Nothing that is measured so has anything to wait for itself.
    pub fn each(self, n: u64) -> u64 {
        per(self.wall.elapsed().min(processor() - self.cpu), n)
    }

    /// Likewise by the clock alone.
    pub fn each_by_clock(self, n: u64) -> u64 {
        per(self.wall.elapsed(), n)
    }
}

fn per(time: Duration, n: u64) -> u64 {
    u64::try_from(time.as_nanos() * 1000 / u128::from(n.max(1))).unwrap_or(u64::MAX)
}

/// A line of `/proc/self/status` that is in kilobytes, in bytes.
fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kib =
        line.and_then(|line| line.trim_start_matches(':').split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// The memory that this process holds.
pub fn resident() -> u64 {
    status("VmRSS")
}

/// The most that it has held.
pub fn peak() -> u64 {
    status("VmHWM")
}

/// The bytes that the allocator has given out and not got back, by its own count.
pub fn allocated() -> u64 {
    // SAFETY: it takes no pointer.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as u64
}

/// The processor time that this process has taken, with what the system did for it.
pub fn processor() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a `timespec`.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// How many tasks have come to some point. On one thread a count costs a plain load and store ([`Count::one_local`]), which
/// is what a program would have there; on several it is an atomic addition.
pub struct Count(AtomicU64);

impl Count {
    /// None.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more, while only one thread counts; gives how many there are.
    pub fn one_local(&self) -> u64 {
        let n = self.0.load(Ordering::Relaxed) + 1;
        self.0.store(n, Ordering::Relaxed);
        n
    }

    /// One more.
    pub fn one(&self) -> u64 {
        self.0.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// How many.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// A place that lasts as long as the program, so that a task holds no count of it.
pub fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
