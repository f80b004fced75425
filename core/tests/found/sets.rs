//! The kinds of sets that can be gathered.
#![cfg(feature = "alloc")]

use everloop_core::try_gather;

/// Gathers both as a tuple (0), an array (1) or a `Vec`.
pub async fn try_gather_as<F: Future<Output = Result<T, ()>>, T>(set: u32, parts: [F; 2]) {
    match set {
        0 => {
            let [one, two] = parts;
            let _ = try_gather((one, two)).await;
        }
        1 => drop(try_gather(parts).await),
        _ => drop(try_gather(Vec::from(parts)).await),
    }
}
