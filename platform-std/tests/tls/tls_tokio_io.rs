//! Streams with TLS by tokio's traits.
#![allow(missing_docs)]

use crate::support::tls::{patterned, tls_pair};
use everloop::{create_task, gather};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};

#[test]
fn it_goes_both_ways_at_once_through_the_traits() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        // Sends back all that comes.
        let echo = create_task(async move {
            let (mut reader, mut writer) = tokio::io::split(&mut far);
            let count = copy(&mut reader, &mut writer).await.unwrap();
            writer.shutdown().await.unwrap();
            count
        });
        let (mut reader, mut writer) = near.split();
        let data = patterned(0..1_000_000);
        let mut back = Vec::new();
        let (sent, received) = gather((
            async {
                AsyncWriteExt::write_all(&mut writer, &data).await?;
                AsyncWriteExt::shutdown(&mut writer).await
            },
            AsyncReadExt::read_to_end(&mut reader, &mut back),
        ))
        .await;
        sent.unwrap().unwrap();
        received.unwrap().unwrap();
        assert_eq!(back, data);
        assert_eq!(echo.await.unwrap(), data.len() as u64);
    })
    .unwrap();
}
