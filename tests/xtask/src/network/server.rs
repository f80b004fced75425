//! The services by plain sockets, each connection in a thread.

use super::pattern::{bytes, tally};
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a client may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server; dropping it ends it.
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    over: AtomicBool,
    /// As the service `last` tells it.
    memory: Mutex<[u32; 4]>,
}

impl Server {
    /// Serves from here on, at any port of this address.
    pub fn start(ip: IpAddr) -> Result<Self> {
        let listener = TcpListener::bind((ip, 0)).context("no free port")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                let state = shared.clone();
                // A connection that breaks is the client's to notice.
                thread::spawn(move || serve(&stream, &state).unwrap_or_default());
            }
        });
        Ok(Self { address, state })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        // It learns of it by a visit.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: &TcpStream, state: &State) -> Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let words: Vec<_> = line.split_ascii_whitespace().collect();
    match words.as_slice() {
        ["echo"] => {
            let mut chunk = [0; 1000];
            while let count @ 1.. = reader.read(&mut chunk)? {
                writer.write_all(&chunk[..count])?;
            }
            stream.shutdown(Shutdown::Write)?;
        }
        ["count"] => count(reader, stream)?,
        ["stall", milliseconds] => {
            thread::sleep(Duration::from_millis(milliseconds.parse()?));
            count(reader, stream)?;
        }
        ["give", count, seed] => {
            writer.write_all(&bytes(count.parse()?, seed.parse()?))?;
            stream.shutdown(Shutdown::Write)?;
            state.hear(&mut reader);
        }
        ["drop", count, seed] => writer.write_all(&bytes(count.parse()?, seed.parse()?))?,
        ["swallow"] => state.hear(&mut reader),
        ["abort"] => {
            writer.write_all(b"!")?;
            reader.read_exact(&mut [0])?;
            socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
        }
        ["last"] => {
            let memory = *state.memory.lock().unwrap_or_else(PoisonError::into_inner);
            say(stream, &memory)?;
        }
        ["places"] => say(stream, &[0])?,
        // A thread that accepts can't be made to drop its waiting.
        ["hasty", _] => say(stream, &[])?,
        _ => {}
    }
    Ok(())
}

fn count(mut reader: BufReader<&TcpStream>, stream: &TcpStream) -> Result<()> {
    let mut all = Vec::new();
    reader.read_to_end(&mut all)?;
    say(stream, &tally(&all))
}

fn say(mut stream: &TcpStream, numbers: &[u32]) -> Result<()> {
    let words: String = numbers.iter().map(|number| format!("{number} ")).collect();
    stream.write_all(format!("{words}\n").as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    Ok(())
}

impl State {
    fn hear(&self, reader: &mut impl Read) {
        let mut all = Vec::new();
        let end = match reader.read_to_end(&mut all).map_err(|error| error.kind()) {
            Ok(_) => 0,
            Err(ErrorKind::ConnectionReset) => 1,
            Err(_) => 2,
        };
        let [count, sum] = tally(&all);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        *memory = [memory[0] + 1, count, sum, end];
    }
}
