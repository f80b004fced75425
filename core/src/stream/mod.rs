//! Buffered byte streams over anything that speaks [`embedded_io_async`]: a platform's sockets, a serial port, a pipe.

mod error;
mod reader;
mod writer;

pub use error::{IncompleteReadError, LimitOverrunError, ReadError, WriteError};
pub use reader::StreamReader;
pub use writer::StreamWriter;
