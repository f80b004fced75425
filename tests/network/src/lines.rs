//! A server of streams: `start_server` on every platform.

use everloop_core::net::{Buffers, Streams};

/// The longest line, with its end.
const LINE: usize = 64;

/// Serves lines, each of which is sent back.
pub async fn serve<N: Streams>(network: &N, port: u16) -> Result<N::Server, N::StartError> {
    network
        .start_server(
            async |mut reader, mut writer| {
                while let Ok(line @ [_, ..]) = reader.readline().await {
                    if writer.write(line).is_err() || writer.drain().await.is_err() {
                        break;
                    }
                }
            },
            "",
            port,
            Buffers::<LINE, LINE>,
        )
        .await
}
