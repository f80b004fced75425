//! Answering and asking where a task gives its buffer away and gets it back: included by each runtime of that kind, which
//! has `read` and `write` as functions.

use super::{Stream, read, write};
use crate::sizes::MESSAGE;

/// Sends back whatever comes, to its end.
pub async fn answer(mut stream: Stream) {
    let mut buffer = vec![0; MESSAGE];
    loop {
        let (count, filled) = read(&mut stream, buffer).await;
        if count == 0 {
            return;
        }
        buffer = write(&mut stream, filled, count).await;
    }
}

/// Sends a message and waits for it to come back, so many times.
pub async fn ask(stream: &mut Stream, times: u64) {
    let mut buffer = vec![7; MESSAGE];
    for _ in 0..times {
        buffer = write(stream, buffer, MESSAGE).await;
        let mut left = MESSAGE;
        while left > 0 {
            let (count, filled) = read(stream, buffer).await;
            assert_ne!(count, 0);
            (left, buffer) = (left - count, filled);
        }
    }
}
