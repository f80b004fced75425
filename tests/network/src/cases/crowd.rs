//! Many connections.

use crate::client::{Client, Reader, Writer, end, exchange};
use crate::failure::{During, Failure, Outcome, ensure};
use core::pin::pin;
use everloop_core::net::{ConnectionWriter, Network};
use everloop_core::{Duration, wait_for};
use heapless::Vec;

/// How many come one after another.
const VISITORS: u32 = 40;
/// How many there are at once, if there are places for them.
const SEVERAL: usize = 4;
/// The most places that a server may have whose house is filled.
const MOST: usize = 8;
/// How long is waited to see that one more is not served.
const UNSERVED: Duration = Duration::from_millis(300);

type Halves<N> = (Reader<N>, Writer<N>);

pub async fn one_after_another<N: Network>(client: &Client<'_, N>) -> Outcome {
    for _ in 0..VISITORS {
        client.echo().await?;
    }
    Ok(())
}

/// So many connections, each of which is being served.
async fn guests<N: Network>(client: &Client<'_, N>, count: usize) -> Result<Vec<Halves<N>, MOST>, Failure> {
    let mut guests = Vec::new();
    for _ in 0..count {
        let (mut reader, mut writer) = client.open(format_args!("echo")).await?;
        exchange(&mut reader, &mut writer, b"here").await?;
        ensure!(guests.push((reader, writer)).is_ok(), "{count} are more than {MOST}");
    }
    Ok(guests)
}

async fn leave<N: Network>((mut reader, mut writer): Halves<N>) -> Outcome {
    writer.write_eof().await.during("end")?;
    end(&mut reader).await
}

pub async fn several_at_once<N: Network>(client: &Client<'_, N>) -> Outcome {
    let mut guests = guests(client, SEVERAL).await?;
    for _ in 0..10 {
        for (reader, writer) in &mut guests {
            exchange(reader, writer, b"one of several").await?;
        }
    }
    for guest in guests {
        leave::<N>(guest).await?;
    }
    Ok(())
}

/// It waits until a place is free, and then is served.
pub async fn one_more_than_places<N: Network>(client: &Client<'_, N>) -> Outcome {
    let [places] = client.ask("places").await?;
    if places == 0 {
        // As many as we can be sure to have ourselves.
        return several_at_once(client).await;
    }
    let mut guests = guests(client, places as usize).await?;
    {
        let mut one_more = pin!(client.echo());
        let served = wait_for(one_more.as_mut(), UNSERVED).await;
        ensure!(served.is_err(), "one more than {places} was served");
        for (reader, writer) in &mut guests {
            exchange(reader, writer, b"undisturbed").await?;
        }
        if let Some(guest) = guests.pop() {
            leave::<N>(guest).await?;
        }
        one_more.await?;
    }
    for guest in guests {
        leave::<N>(guest).await?;
    }
    Ok(())
}
