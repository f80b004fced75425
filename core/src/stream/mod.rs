//! Buffered byte streams over anything that speaks [`embedded_io_async`]: a platform's sockets, a serial port, a pipe.

mod error;
mod reader;
mod writer;

#[cfg(feature = "alloc")]
pub use error::{FlushError, LimitsError};
pub use error::{IncompleteReadError, LimitOverrunError, ReadError, WriteError};
#[cfg(feature = "alloc")]
pub use reader::Growing;
pub use reader::{ReadBuffer, StreamReader};
#[cfg(feature = "alloc")]
pub use writer::Background;
pub use writer::{StreamWriter, WriteBuffer};
