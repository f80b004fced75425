//! How large is what goes through sockets and pipes.

/// A message of an echo.
pub const MESSAGE: usize = 64;

/// How many connections there are, if nothing else is said.
pub const CONNECTIONS: u64 = 64;

/// What is written to a pipe, and read from it, at once.
pub const BLOCK: usize = 256 * 1024;
