//! The wait for what happens to sources, and what it was.

#[cfg(target_os = "linux")]
mod epoll;
#[cfg(not(target_os = "linux"))]
mod portable;

#[cfg(target_os = "linux")]
pub(super) use epoll::Events;
#[cfg(not(target_os = "linux"))]
pub(super) use portable::Events;

/// So many events are taken from the system in one call; the rest comes with the next.
const BATCH: usize = 1024;

/// What the system says of a source.
#[derive(Clone, Copy)]
pub(super) struct Signs {
    /// A read gives something.
    pub(super) readable: bool,
    /// Reads give the end or an error, when what came before is read, for ever.
    pub(super) read_finished: bool,
    /// A write takes something, or gives an error.
    pub(super) writable: bool,
    /// There is urgent data, at which reads stop short.
    pub(super) urgent: bool,
}
