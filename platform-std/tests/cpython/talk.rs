//! This side of the dialogues, over any kind of connection.

use std::io;

use everloop::embedded_io_async::{Read, Write};
use everloop::net::ConnectionWriter;
use everloop::{gather, sleep};

/// As in the script.
const SIZE: usize = 700_000;

/// Numbers that differ from run to run.
struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        let seed = RandomState::new().hash_one(1) | 1;
        Self { seed, state: seed }
    }

    fn one_of<const N: usize>(&mut self, choices: [usize; N]) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        choices[(self.state % N as u64) as usize]
    }
}

impl Drop for Random {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with the seed {}", self.seed);
        }
    }
}

fn pattern(range: std::ops::Range<usize>) -> Vec<u8> {
    range.map(|place| (place % 251) as u8).collect()
}

/// Sends and receives all at once, and sees the other's end, before or after its own. (Over TLS, asyncio takes one for the
/// end of both.)
pub async fn both(
    reader: &mut impl Read<Error = io::Error>,
    writer: &mut impl ConnectionWriter<Error = io::Error>,
    is_first_to_end: bool,
) {
    let sending = async {
        let mut random = Random::new();
        let mut sent = 0;
        while sent < SIZE {
            let part = pattern(sent..SIZE.min(sent + random.one_of([1, 9, 1000, 16_384, 100_000])));
            writer.write_all(&part).await.unwrap();
            sent += part.len();
            if random.one_of([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) == 0 {
                sleep(everloop::Duration::from_micros(100)).await;
            }
        }
        writer.flush().await.unwrap();
    };
    let receiving = async {
        let mut random = Random::new();
        let mut received = 0;
        let mut buf = vec![0; 70_000];
        while received < SIZE {
            let room = random.one_of([1, 100, 5000, 70_000]).min(SIZE - received);
            let count = reader.read(&mut buf[..room]).await.unwrap();
            assert!(count > 0, "the end after {received} bytes");
            assert_eq!(buf[..count], pattern(received..received + count), "at {received}");
            received += count;
        }
    };
    let (sent, received) = gather((sending, receiving)).await;
    sent.unwrap();
    received.unwrap();
    // Each is done.
    writer.write_all(b".").await.unwrap();
    reader.read_exact(&mut [0]).await.unwrap();
    if is_first_to_end {
        writer.write_eof().await.unwrap();
    }
    assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 0);
    if !is_first_to_end {
        writer.write_eof().await.unwrap();
    }
}

/// Reads to the end.
pub async fn all(reader: &mut impl Read<Error = io::Error>) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = [0; 100];
    loop {
        match reader.read(&mut buf).await.unwrap() {
            0 => return all,
            count => all.extend_from_slice(&buf[..count]),
        }
    }
}

/// Says hello and hears it.
pub async fn greet(reader: &mut impl Read<Error = io::Error>, writer: &mut impl Write<Error = io::Error>) {
    writer.write_all(b"hello").await.unwrap();
    let mut heard = [0; 5];
    reader.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"hello");
}
