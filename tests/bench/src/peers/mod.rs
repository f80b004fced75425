//! The runtimes. Each module says how one does what the workloads ask for, in its own way and with its defaults, and
//! compiles them against that: their source is the same for all.

mod compio;
mod embassy;
mod everloop;
mod futures_pool;
mod glommio;
mod kanal;
mod monoio;
mod monoio_uring;
mod raw;
mod smol_local;
mod smol_threads;
mod tokio_current;
mod tokio_local;
mod tokio_threads;

use crate::measure::Workload;

/// By their names on the command line.
pub const ALL: &[(&str, &[&[Workload]])] = &[
    ("everloop", everloop::ALL),
    ("raw", raw::ALL),
    ("raw-uring", raw::uring::ALL),
    ("raw-spin", raw::wake::SPINNING),
    ("tokio", tokio_current::ALL),
    ("tokio-local", tokio_local::ALL),
    ("tokio-mt", tokio_threads::ALL),
    ("smol", smol_local::ALL),
    ("smol-mt", smol_threads::ALL),
    ("monoio", monoio::ALL),
    ("monoio-uring", monoio_uring::ALL),
    ("glommio", glommio::ALL),
    ("compio", compio::ALL),
    ("localpool", futures_pool::ALL),
    ("embassy", embassy::ALL),
    ("kanal", kanal::ALL),
];
