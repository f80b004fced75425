//! Sockets for hyper.
#![allow(unsafe_code)]

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};

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
        impl<K: Kind> Read for $socket<K> {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                mut buf: ReadBufCursor<'_>,
            ) -> Poll<io::Result<()>> {
                // SAFETY: it is only written to.
                let room = unsafe { buf.as_mut() };
                let count = ready!($socket::poll_receive(&mut self, cx, room))?;
                // SAFETY: RECEIVED.
                unsafe { buf.advance(count) };
                Poll::Ready(Ok(()))
            }
        }
    };
}

macro_rules! write {
    ($socket:ident) => {
        /// `poll_flush` has something to do only with TLS: what is written to a socket is the kernel's, and on its way. `poll_shutdown` ends what is
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
        impl<K: Kind> Write for $socket<K> {
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

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                $socket::poll_flush(&mut self, cx)
            }

            fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
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
