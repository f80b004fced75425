//! Feature `hyper`: what hyper 1 asks of a runtime. HTTP by `hyper` on everloop's sockets, tasks and timers.
//!
//! The sockets are `hyper::rt::Read` and `Write`, also through a `TcpStream` that a listener has just given; an
//! [`Executor`] makes tasks of what hyper starts (its HTTP/2), and a [`Timer`] is for its timeouts. Nothing need be `Send`,
//! so services and bodies may use `Rc`. `examples/http` is a server and a client.
//!
//! hyper's `with_upgrades` is the one thing that asks for sockets to be `Send`, so it can't be had; for another protocol on the
//! same connection there is its `without_shutdown`, which gives the socket back.
//!
//! A connection's future is awaited in a task of its own. To let it finish what it has begun when that task is cancelled:
//!
//! ```
//! use everloop::catch_cancel;
//! use everloop::interop::hyper::Timer;
//! use everloop::net::TcpStream;
//! use hyper::server::conn::http1;
//! use hyper::service::service_fn;
//! # use http_body_util::Empty;
//! # use hyper::{Request, Response, body::{Bytes, Incoming}};
//! # async fn answer(_: Request<Incoming>) -> Result<Response<Empty<Bytes>>, std::convert::Infallible> {
//! #     Ok(Response::new(Empty::new()))
//! # }
//!
//! async fn serve(stream: TcpStream) -> hyper::Result<()> {
//!     let connection = http1::Builder::new().timer(Timer).serve_connection(stream, service_fn(answer));
//!     let mut connection = std::pin::pin!(connection);
//!     match catch_cancel(connection.as_mut()).await {
//!         Ok(done) => done,
//!         Err(cancelled) => {
//!             connection.as_mut().graceful_shutdown();
//!             connection.await?;
//!             match cancelled.resume().await {}
//!         }
//!     }
//! }
//! ```

mod executor;
mod home;
mod io;
mod timer;

pub use executor::Executor;
pub use timer::{Sleep, Timer};
