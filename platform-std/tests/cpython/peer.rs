//! CPython's process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use everloop::to_thread;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cpython/peer.py");

/// Whether there is a CPython with all that the script needs.
pub fn is_there() -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", "import asyncio, ssl, sys; sys.exit(sys.version_info < (3, 11))"]);
    python.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// One side of a dialogue. Killed when this is dropped.
pub struct Peer {
    child: Option<Child>,
}

impl Peer {
    fn start(role: &str, dialogue: &str, transport: &str, address: &str, folder: Option<&Path>) -> Self {
        let mut python = Command::new("python3");
        python.args([SCRIPT, role, dialogue, transport, address]).args(folder);
        python.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { child: Some(python.spawn().unwrap()) }
    }

    pub fn client(dialogue: &str, transport: &str, address: &str, folder: Option<&Path>) -> Self {
        Self::start("client", dialogue, transport, address, folder)
    }

    /// When this returns it listens, at the port that it gives.
    pub fn server(dialogue: &str, transport: &str, address: &str, folder: Option<&Path>) -> (Self, u16) {
        let mut peer = Self::start("server", dialogue, transport, address, folder);
        let mut said = BufReader::new(peer.child.as_mut().unwrap().stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        // A path has none.
        (peer, line.trim().parse().unwrap_or_default())
    }

    /// Waits until it has ended, as it should.
    pub async fn ends_well(mut self) {
        let child = self.child.take().unwrap();
        let output = to_thread(move || child.wait_with_output()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "CPython's side failed: {said}");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // What it says when it ends by itself may say why this side has failed.
            if !std::thread::panicking() {
                let _ = child.kill();
            }
            if let Ok(output) = child.wait_with_output()
                && std::thread::panicking()
            {
                eprintln!("CPython's side says: {}", String::from_utf8_lossy(&output.stderr));
            }
        }
    }
}
