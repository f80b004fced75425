/// What the measurements need of a board.
#[derive(Debug)]
pub struct Board {
    /// Has an interrupt handler run a function, and comes back when it has.
    pub in_interrupt: fn(fn()),
    /// Has an interrupt handler run a function every so many nanoseconds, which are instructions.
    pub metronome: fn(u32, fn()),
    /// Ends that; how often the interval was over before the handler was.
    pub stop: fn() -> u32,
    /// Intervals are multiples of this.
    pub grain: u32,
}
