//! Another program is asked for the date.
//!
//! The Python asks itself, by `sys.executable`; here it is `date` that knows.
//!
//! `cargo run -p asyncio-examples --bin get_date`

use std::error::Error;

use everloop::create_subprocess_exec;
use everloop::process::Stdio;

/// `get_date` of the Python.
///
/// # Errors
/// The operating system's, and what a reader of lines may come across, where the Python raises them.
pub async fn get_date() -> Result<String, Box<dyn Error>> {
    // Create the subprocess; redirect the standard output
    // into a pipe.
    let mut proc = create_subprocess_exec("date", ["+%F %T"]).stdout(Stdio::Pipe).await?;

    // Read one line of output.
    let stdout = proc.stdout.as_mut().expect("it is a pipe");
    let data = stdout.readline().await?;
    let line = str::from_utf8(data)?.trim_end().to_owned();

    // Wait for the subprocess exit.
    proc.wait().await;
    Ok(line)
}

/// What the Python does with it.
///
/// # Errors
/// As `get_date`.
pub async fn main() -> Result<(), Box<dyn Error>> {
    let date = get_date().await?;
    println!("Current date: {date}");
    Ok(())
}
