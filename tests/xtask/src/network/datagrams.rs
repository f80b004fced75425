//! Datagrams, and lines at the other port.

use super::Test;
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The conversation with who answers datagrams.
pub const DATAGRAMS: (&str, Test) = ("datagrams", datagrams);
/// The one with who serves lines, by `start_server`.
pub const LINES: (&str, Test) = ("lines", lines);

const PATIENCE: Duration = Duration::from_secs(10);

/// Sends datagrams back; dropping it ends it.
pub struct Echo {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl Echo {
    /// Answers from here on, at any port.
    pub fn start() -> Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let address = socket.local_addr()?;
        let over = Arc::new(AtomicBool::new(false));
        let shared = over.clone();
        thread::spawn(move || {
            let mut buffer = [0; 2000];
            // An error tells of an answer that nobody was there for.
            while !shared.load(Ordering::SeqCst) {
                if let Ok((count, peer)) = socket.recv_from(&mut buffer) {
                    let _ = socket.send_to(&buffer[..count], peer);
                }
            }
        });
        Ok(Self { address, over })
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // It learns of it by a datagram.
        if let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) {
            let _ = socket.send_to(&[], self.address);
        }
    }
}

fn datagrams(server: SocketAddr) -> Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut heard = [0; 300];
    for size in [1, 2, 100, 255, 256] {
        let sent = vec![size as u8; size];
        socket.send(&sent)?;
        let count = socket.recv(&mut heard).with_context(|| format!("{size} bytes do not come back"))?;
        ensure!(heard[..count] == sent[..], "{count} bytes of {size} come back, or others");
    }
    Ok(())
}

fn lines(server: SocketAddr) -> Result<()> {
    let visits = (0..3).map(|_| -> Result<_> {
        let stream = TcpStream::connect_timeout(&server, PATIENCE).context("could not connect")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    });
    let visits = visits.collect::<Result<Vec<_>>>()?;
    let mut heard = String::new();
    for round in 0..5 {
        for (number, mut stream) in visits.iter().enumerate() {
            let line = format!("line {round} of {number}\n");
            stream.write_all(line.as_bytes())?;
            heard.clear();
            BufReader::with_capacity(1, stream).read_line(&mut heard).context("no line")?;
            ensure!(heard == line, "another line: {heard}");
        }
    }
    for stream in visits {
        stream.shutdown(Shutdown::Write)?;
        heard.clear();
        if BufReader::new(&stream).read_line(&mut heard).context("no end")? > 0 {
            bail!("`{heard}` instead of the end");
        }
    }
    Ok(())
}
