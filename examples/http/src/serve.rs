//! The server.

use std::convert::Infallible;
use std::io;
use std::pin::pin;

use everloop::interop::hyper::Timer;
use everloop::net::{TcpListener, TcpStream};
use everloop::{Duration, Unbounded, catch_cancel, sleep, task_group};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;

use crate::Site;

/// How long the server rests when no connection can be accepted, most likely for want of descriptors.
const REST: Duration = Duration::from_millis(100);

/// Serves `site` to whoever connects, until it is cancelled. Then it accepts no more, and ends when every request that has
/// begun is answered.
///
/// `wrap` makes of a connection what HTTP is spoken over: itself, or TLS in it.
pub async fn serve<I, W>(listener: TcpListener, wrap: W, site: &Site) -> Infallible
where
    I: Read + Write + Unpin,
    W: AsyncFn(TcpStream) -> io::Result<I>,
{
    // Each connection is a child that borrows `wrap` and `site`. Whoever cancels the group cancels them all.
    let served = task_group(Unbounded, async |group| -> Result<Infallible, Infallible> {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let (wrap, site) = (&wrap, &site);
                    group.create_task(async move {
                        let ended = match wrap(stream).await {
                            Ok(io) => serve_connection(io, site).await.map_err(|error| error.to_string()),
                            Err(error) => Err(error.to_string()),
                        };
                        if let Err(error) = ended {
                            eprintln!("{peer}: {error}");
                        }
                        Ok(())
                    });
                }
                Err(error) => {
                    eprintln!("no connection can be accepted: {error}");
                    sleep(REST).await;
                }
            }
        }
    });
    match served.await {
        Ok(never) => match never {},
        Err(_) => unreachable!("nothing in the group gives an error"),
    }
}

/// Serves `site` on one connection, until the other end closes it or sends no request for half a minute. When it is
/// cancelled, the request that has begun is still answered.
///
/// # Errors
/// What came was not HTTP, or the connection broke.
pub async fn serve_connection<I: Read + Write + Unpin>(io: I, site: &Site) -> hyper::Result<()> {
    site.count_connection();
    let service = service_fn(|request| site.answer(request));
    let mut connection = pin!(http1::Builder::new().timer(Timer).serve_connection(io, service));
    match catch_cancel(connection.as_mut()).await {
        Ok(ended) => ended,
        Err(cancelled) => {
            connection.as_mut().graceful_shutdown();
            connection.await?;
            match cancelled.resume().await {}
        }
    }
}
