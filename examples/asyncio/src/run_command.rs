//! A shell runs a command, and what it wrote is shown.
//!
//! `cargo run -p asyncio-examples --bin run_command`

use std::io;

use everloop::create_subprocess_shell;
use everloop::process::Stdio;

/// `run` of the Python.
///
/// # Errors
/// The operating system's, where the Python raises them.
pub async fn run(cmd: &str) -> io::Result<()> {
    let mut proc = create_subprocess_shell(cmd).stdout(Stdio::Pipe).stderr(Stdio::Pipe).await?;

    let (stdout, stderr) = proc.communicate(b"").await?;

    println!("['{cmd}' exited with {}]", proc.returncode().unwrap());
    for (name, output) in [("stdout", stdout), ("stderr", stderr)] {
        if let Some(output) = output
            && !output.is_empty()
        {
            println!("[{name}]\n{}", String::from_utf8_lossy(&output));
        }
    }
    Ok(())
}

/// What the Python runs.
///
/// # Errors
/// As `run`.
pub async fn main() -> io::Result<()> {
    run("ls /zzz").await
}
