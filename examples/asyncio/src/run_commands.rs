//! Two commands at once.
//!
//! `cargo run -p asyncio-examples --bin run_commands`

use std::io;

use everloop::try_gather;

use crate::run_command::run;

/// `main` of the Python.
///
/// # Errors
/// As `run`.
pub async fn main() -> io::Result<()> {
    try_gather((
        run("ls /zzz"), //
        run("sleep 1; echo \"hello\""),
    ))
    .await?;
    Ok(())
}
