use alloc::rc::Rc;
use core::fmt;
use core::marker::PhantomData;

use super::flight::AT_ONCE;
use super::inner::{End, Handle, Inner};
use super::{StreamWriter, WriteBuffer};
use crate::net::ConnectionWriter;
use crate::stream::error::{FlushError, LimitsError, WriteError};

/// Stands in a [`StreamWriter`] for a buffer on the heap that a task of the loop sends. `I` is what is known of the
/// connection besides, which [`get_extra_info`](StreamWriter::get_extra_info) lends.
pub struct Background<I = ()>(PhantomData<I>);

impl<W: ConnectionWriter + 'static, I: 'static> WriteBuffer<W> for Background<I> {
    type State = Handle<W, I>;
}

/// Sent in the background. Its methods take `&self`: several tasks may share it, in an `Rc`.
///
/// What is written goes to the connection at once, if that takes it. What it does not take is kept, and a task of the
/// loop (named `stream writer`) sends it, until nothing is left; memory is taken only for as long. So it goes out
/// whether or not anybody awaits anything, also after the writer was dropped; cancelling that task does not keep it from
/// that. When the loop ends, tasks that clean up may still write and be waited for; what is not sent when they are done
/// is lost, as in asyncio.
///
/// Nothing limits what is kept but [`drain`](Self::drain): who awaits that after a write keeps no more than the
/// high-water mark and one write.
///
/// A connection that fails is told of by `drain` and [`wait_closed`](Self::wait_closed), and not by `write`: what is
/// written to it is dropped.
///
/// # Differs from asyncio
/// Dropping it sends the rest and gives this half up; the connection closes when the other half is dropped, too.
impl<W: ConnectionWriter + 'static> StreamWriter<W, Background> {
    /// A writer to `sink`.
    pub fn background(sink: W) -> Self {
        Self::with_info(sink, ())
    }
}

impl<W: ConnectionWriter + 'static, I: 'static> StreamWriter<W, Background<I>> {
    /// A writer to `sink` that knows `info` of it.
    pub fn with_info(sink: W, info: I) -> Self {
        Self { state: Handle(Rc::new(Inner::new(sink, info))) }
    }

    /// Writes `data`. It never waits.
    ///
    /// # Errors
    /// After [`write_eof`](Self::write_eof), [`close`](Self::close) and [`abort`](Self::abort).
    pub fn write(&self, data: &[u8]) -> Result<(), WriteError> {
        self.state.write(&[data])
    }

    /// Writes all of `lines`, one after the other; with one call of the system for several, if the connection has that.
    /// Nothing is put between them.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn writelines(&self, lines: &[impl AsRef<[u8]>]) -> Result<(), WriteError> {
        if lines.is_empty() {
            return self.write(&[]);
        }
        for some in lines.chunks(AT_ONCE) {
            let mut slices = [&[][..]; AT_ONCE];
            for (slice, line) in slices.iter_mut().zip(some) {
                *slice = line.as_ref();
            }
            self.state.write(&slices[..some.len()])?;
        }
        Ok(())
    }

    /// How many bytes were written and not yet sent. asyncio's `transport.get_write_buffer_size()`.
    pub fn pending(&self) -> usize {
        self.state.0.size.get()
    }

    /// The low and the high-water mark.
    pub fn get_write_buffer_limits(&self) -> (usize, usize) {
        self.state.0.limits()
    }

    /// Sets the high-water mark, above which [`drain`](Self::drain) waits, and the low one, up to which it does. What is
    /// not given follows from the other: the low one is a quarter of the high one. If neither is, they are 64 KiB and
    /// 16 KiB, as at first.
    ///
    /// # Errors
    /// The low one is above the high one.
    pub fn set_write_buffer_limits(
        &self,
        high: Option<usize>,
        low: Option<usize>,
    ) -> Result<(), LimitsError> {
        let high = high.or_else(|| low.map(|low| low.saturating_mul(4))).unwrap_or(64 * 1024);
        let low = low.unwrap_or(high / 4);
        if low > high {
            return Err(LimitsError { low, high });
        }
        self.state.0.set_limits(low, high);
        Ok(())
    }

    /// Waits until there is little enough to be sent that more may be written: if it is above the high-water mark, until
    /// it is at the low one; else not at all. Any number may wait.
    ///
    /// After a write of which the connection took 128 KiB or more at once, it lets other tasks and input have their turn
    /// first, where the connection [has that](ConnectionWriter::wake_after_look): the pipes of subprocesses do.
    ///
    /// # Errors
    /// The connection has failed, or was closed.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing; what was written is sent all the same.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the connection.
    pub async fn drain(&self) -> Result<(), FlushError<W::Error>> {
        // Written when there was no loop.
        self.state.send(false);
        self.state.0.drained().await?;
        self.state.let_others().await;
        Ok(())
    }

    /// Sends the end of the stream after what was written: the peer then reads it, while this side can still read.
    /// Nothing can be written after it. It never waits; done twice, or after [`close`](Self::close), it does nothing.
    pub fn write_eof(&self) {
        self.state.end(End::EofAsked);
    }

    /// Closes the connection, also under its reader, once all that was written was sent. It never waits, see
    /// [`wait_closed`](Self::wait_closed); done twice it does nothing.
    pub fn close(&self) {
        self.state.end(End::CloseAsked);
    }

    /// Whether the connection is closed or about to be: `close` or `abort` was called, or it has failed.
    pub fn is_closing(&self) -> bool {
        self.state.0.end.get() >= End::CloseAsked
    }

    /// Waits until the connection is closed, after [`close`](Self::close), or has failed. Any number may wait.
    ///
    /// # Errors
    /// The connection has failed: what was written may not all have been sent.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing; the connection is closed all the same.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the connection.
    pub async fn wait_closed(&self) -> Result<(), FlushError<W::Error>> {
        self.state.send(false);
        self.state.0.closed().await
    }

    /// Resets the connection. What was not sent is lost. asyncio's `transport.abort()`.
    pub fn abort(&self) {
        self.state.end(End::AbortAsked);
    }

    /// The sink, once all that was written was sent: for who goes on by himself, for instance with another protocol.
    ///
    /// # Errors
    /// The connection has failed, or was closed.
    ///
    /// # Cancel safety
    /// Dropping the future drops the writer: what was written is sent all the same.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the connection.
    pub async fn into_inner(self) -> Result<W, FlushError<W::Error>> {
        self.state.send(false);
        self.state.0.sink_at_rest().await
    }

    /// What is known of the connection.
    pub fn get_extra_info(&self) -> &I {
        &self.state.0.info
    }
}

/// As [`write`](StreamWriter::write).
impl<W: ConnectionWriter + 'static, I: 'static> fmt::Write for StreamWriter<W, Background<I>> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes()).map_err(|_ended| fmt::Error)
    }
}

impl<W: ConnectionWriter + 'static, I: fmt::Debug + 'static> fmt::Debug for Handle<W, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamWriter")
            .field("info", &self.0.info)
            .field("pending", &self.0.size.get())
            .field("end", &self.0.end.get())
            .finish_non_exhaustive()
    }
}

impl<I> fmt::Debug for Background<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Background")
    }
}
