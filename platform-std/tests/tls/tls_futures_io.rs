//! Streams with TLS by the traits of futures-io.
#![allow(missing_docs)]

use crate::support::tls::{patterned, tls_pair};
use everloop::{create_task, gather};
use futures_util::io::{AsyncReadExt, AsyncWriteExt, copy};

#[test]
fn it_goes_both_ways_at_once_through_the_traits() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        // Sends back all that comes, with halves of that crate's making.
        let echo = create_task(async move {
            let (reader, mut writer) = AsyncReadExt::split(far);
            let count = copy(reader, &mut writer).await.unwrap();
            writer.close().await.unwrap();
            count
        });
        let (mut reader, mut writer) = AsyncReadExt::split(near);
        let data = patterned(0..1_000_000);
        let mut back = Vec::new();
        let (sent, received) = gather((
            async {
                writer.write_all(&data).await?;
                writer.close().await
            },
            reader.read_to_end(&mut back),
        ))
        .await;
        sent.unwrap().unwrap();
        received.unwrap().unwrap();
        assert_eq!(back, data);
        assert_eq!(echo.await.unwrap(), data.len() as u64);
    })
    .unwrap();
}

#[test]
fn the_halves_speak_the_traits_too() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let ((_near_reader, mut writer), (mut reader, _far_writer)) = (near.split(), far.split());
        let pieces = [std::io::IoSlice::new(b"in "), std::io::IoSlice::new(b"pieces")];
        assert_eq!(AsyncWriteExt::write_vectored(&mut writer, &pieces).await.unwrap(), 9);
        AsyncWriteExt::flush(&mut writer).await.unwrap();
        AsyncWriteExt::close(&mut writer).await.unwrap();
        let mut all = Vec::new();
        AsyncReadExt::read_to_end(&mut reader, &mut all).await.unwrap();
        assert_eq!(all, b"in pieces");
    })
    .unwrap();
}
