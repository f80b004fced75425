//! Feature `futures-io`: sockets are read and written by the traits of that crate, which `futures`, `async-tungstenite`,
//! `futures-rustls` and many more are written to.
//!
//! `poll_close` ends what is written, as `write_eof` does; the connection closes when it is dropped.

use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::net::{Kind, ReadHalf, StreamSocket, WriteHalf};
#[cfg(feature = "tls")]
use crate::tls::{TlsReadHalf, TlsStream, TlsWriteHalf};

macro_rules! read {
    ($socket:ident) => {
        /// # Cancel safety
        /// A read that was not ready has taken no byte.
        ///
        /// # Allocation
        /// As that of the stream.
        ///
        /// # Wakes from interrupts
        /// None; the reactor wakes it on its own thread.
        impl<K: Kind> AsyncRead for $socket<K> {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                $socket::poll_read(&mut self, cx, buf)
            }

            fn poll_read_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                $socket::poll_read_vectored(&mut self, cx, bufs)
            }
        }
    };
}

macro_rules! write {
    ($socket:ident) => {
        /// `poll_flush` has something to do only with TLS: what is written to a socket is the kernel's, and on its way. `poll_close` ends what is
        /// written, and this side can still read.
        ///
        /// # Cancel safety
        /// A write that was not ready has written no byte.
        ///
        /// # Allocation
        /// As that of the stream.
        ///
        /// # Wakes from interrupts
        /// None; the reactor wakes it on its own thread.
        impl<K: Kind> AsyncWrite for $socket<K> {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                $socket::poll_write(&mut self, cx, buf)
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                $socket::poll_write_vectored(&mut self, cx, bufs)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                $socket::poll_flush(&mut self, cx)
            }

            fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                $socket::poll_write_eof(&mut self, cx)
            }
        }
    };
}

read!(StreamSocket);
read!(ReadHalf);
write!(StreamSocket);
write!(WriteHalf);

#[cfg(feature = "tls")]
mod tls {
    use super::*;

    read!(TlsStream);
    read!(TlsReadHalf);
    write!(TlsStream);
    write!(TlsWriteHalf);
}
