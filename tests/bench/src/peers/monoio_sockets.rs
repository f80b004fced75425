//! monoio's sockets, which are the same on epoll and on io_uring: included by either.

#[path = "owned.rs"]
mod owned;

use ::monoio::buf::IoBuf;
use ::monoio::io::{AsyncReadRent, AsyncWriteRentExt};
use std::future::Future;
use std::net::Ipv4Addr;

pub use ::monoio::net::{TcpListener as Listener, TcpStream as Stream};
pub use ::monoio::spawn;
pub use owned::*;

pub fn output<T>(done: T) -> T {
    done
}

pub fn detach<T: 'static>(task: impl Future<Output = T> + 'static) {
    drop(spawn(task));
}

pub fn count(count: &crate::measure::Count) -> u64 {
    count.one_local()
}

pub async fn listen() -> Listener {
    Listener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

pub fn port(listener: &Listener) -> u16 {
    listener.local_addr().unwrap().port()
}

pub async fn accept(listener: &mut Listener) -> Stream {
    listener.accept().await.unwrap().0
}

pub async fn connect(port: u16) -> Stream {
    Stream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap()
}

pub async fn read(stream: &mut Stream, buffer: Vec<u8>) -> (usize, Vec<u8>) {
    let (count, buffer) = stream.read(buffer).await;
    (count.unwrap(), buffer)
}

/// So much of it.
pub async fn write(stream: &mut Stream, buffer: Vec<u8>, count: usize) -> Vec<u8> {
    let (done, slice) = stream.write_all(buffer.slice(..count)).await;
    done.unwrap();
    slice.into_inner()
}
