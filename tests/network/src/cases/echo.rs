//! What is sent comes back.

use crate::client::{Client, end, exchange};
use crate::failure::{During, Outcome, ensure};
use crate::pattern::{Dice, byte_at, fill};
use everloop_core::embedded_io_async::{Read, Write};
use everloop_core::net::{ConnectionWriter, Network};
use everloop_core::{Duration, sleep, try_gather};

/// The longest of the random sizes: more than the buffers between the two ends hold on a board.
const LONGEST: u32 = 5000;
const ROUNDS: u32 = 30;

/// Sizes of what is sent and of what is read at once have nothing to do with each other.
pub async fn of_random_sizes<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("echo")).await?;
    let mut dice = Dice::new(1);
    for round in 0..ROUNDS {
        let size = dice.roll(LONGEST);
        let (longest_write, longest_read) = (dice.roll(300), dice.roll(300));
        let write = async {
            let mut chunk = [0; 300];
            let mut sent = 0;
            while sent < size {
                let chunk = &mut chunk[..longest_write.min(size - sent) as usize];
                fill(chunk, round, sent);
                writer.write_all(chunk).await.during("write")?;
                sent += chunk.len() as u32;
            }
            writer.flush().await.during("flush")
        };
        let read = async {
            let mut chunk = [0; 300];
            let mut heard = 0;
            while heard < size {
                let chunk = &mut chunk[..longest_read.min(size - heard) as usize];
                let count = reader.read(chunk).await.during("read")? as u32;
                ensure!(count > 0, "the end after {heard} of {size} bytes");
                let wrong = (0..count).find(|at| chunk[*at as usize] != byte_at(round, heard + at));
                ensure!(wrong.is_none(), "wrong contents {wrong:?} bytes after {heard} of {size}");
                heard += count;
            }
            Ok(())
        };
        try_gather((write, read)).await?;
    }
    writer.write_eof().await.during("end")?;
    end(&mut reader).await
}

pub async fn after_idling<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("echo")).await?;
    for _ in 0..2 {
        exchange(&mut reader, &mut writer, b"awake").await?;
        sleep(Duration::from_millis(700)).await;
    }
    exchange(&mut reader, &mut writer, b"still awake").await?;
    writer.write_eof().await.during("end")?;
    end(&mut reader).await
}
