//! Writing to a pipe and reading from one where a task lends its buffer: included as `borrowed.rs` is.

use super::{Reading as _, Stdin, Stdout, Writing as _};
use crate::sizes::BLOCK;

/// So many bytes, then the end.
pub async fn feed(mut stdin: Stdin, bytes: u64) {
    let block = vec![7; BLOCK];
    for _ in 0..bytes / BLOCK as u64 {
        stdin.write_all(&block).await.unwrap();
    }
}

/// All that comes; gives how much that was.
pub async fn drain(mut stdout: Stdout) -> u64 {
    let (mut block, mut came) = (vec![0; BLOCK], 0);
    loop {
        match stdout.read(&mut block).await.unwrap() {
            0 => return came,
            count => came += count as u64,
        }
    }
}
