//! Answering and asking where a task lends its buffer, which reads the same by the traits of any runtime: included by each,
//! which has its traits in scope as `Reading` and `Writing`.

use super::{Reading as _, Stream, Writing as _};
use crate::sizes::MESSAGE;

/// Sends back whatever comes, to its end.
pub async fn answer(mut stream: Stream) {
    let mut buffer = [0; MESSAGE];
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        if count == 0 {
            return;
        }
        stream.write_all(&buffer[..count]).await.unwrap();
    }
}

/// Sends a message and waits for it to come back, so many times.
#[allow(dead_code, reason = "only on one thread")]
pub async fn ask(stream: &mut Stream, times: u64) {
    let mut buffer = [7; MESSAGE];
    for _ in 0..times {
        stream.write_all(&buffer).await.unwrap();
        stream.read_exact(&mut buffer).await.unwrap();
    }
}
