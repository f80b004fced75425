//! A station in plain threads, right or wrong on purpose: it shows that the conversations hold where they should and
//! fail where they should.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What is wrong with a fake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Answers an overlong line as if it were several.
    CutsLongLines,
    /// Keeps the place of a client that died.
    LosesPlaces,
    /// Serves any number at once.
    NoLimit,
    /// The number stands still.
    StandsStill,
    /// Ends everything when one client is reset.
    DiesOfReset,
    /// Goes on with a subscription after the next command.
    NeverUnsubscribes,
}

const PLACES: usize = 8;
const PERIOD: Duration = Duration::from_millis(100);

struct State {
    fault: Fault,
    start: Instant,
    free: Mutex<usize>,
    freed: Condvar,
    dead: AtomicBool,
    served: AtomicUsize,
}

/// Starts one; it lives as long as the test program.
pub fn start(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let state = Arc::new(State {
        fault,
        start: Instant::now().checked_sub(Duration::from_secs(2)).unwrap(),
        free: Mutex::new(PLACES),
        freed: Condvar::new(),
        dead: AtomicBool::new(false),
        served: AtomicUsize::new(0),
    });
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let state = state.clone();
            // Taken before the next is accepted, so that clients wait in the order they came.
            if fault != Fault::NoLimit {
                let free = state.free.lock().unwrap();
                *state.freed.wait_while(free, |free| *free == 0).unwrap() -= 1;
            }
            if state.dead.load(Ordering::SeqCst) {
                return;
            }
            thread::spawn(move || {
                state.served.fetch_add(1, Ordering::SeqCst);
                let clean = serve(&stream, &state);
                drop(stream);
                if !clean && fault == Fault::DiesOfReset {
                    state.dead.store(true, Ordering::SeqCst);
                }
                if clean || fault != Fault::LosesPlaces {
                    *state.free.lock().unwrap() += 1;
                    state.freed.notify_one();
                }
            });
        }
    });
    address
}

/// Whether the client ended well.
fn serve(stream: &TcpStream, state: &State) -> bool {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    let mut period = None;
    loop {
        stream.set_read_timeout(period).unwrap();
        match reader.read_until(b'\n', &mut line) {
            Ok(_) if line.last() == Some(&b'\n') => {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                if state.fault != Fault::NeverUnsubscribes {
                    period = None;
                }
                if text.is_empty() {
                    continue;
                }
                let text = text.to_ascii_uppercase();
                let replies = if text.len() > 64 && state.fault == Fault::CutsLongLines {
                    "ERR line too long\n".repeat(text.len() / 64)
                } else {
                    reply(&text, state, &mut period)
                };
                if (&*stream).write_all(replies.as_bytes()).is_err() {
                    return false;
                }
                if text == "QUIT" {
                    return true;
                }
            }
            Ok(_) => return line.is_empty(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if (&*stream).write_all(state.reading().as_bytes()).is_err() {
                    return false;
                }
            }
            Err(_) => return false,
        }
        if state.dead.load(Ordering::SeqCst) {
            return false;
        }
    }
}

fn reply(line: &str, state: &State, period: &mut Option<Duration>) -> String {
    let words: Vec<_> = line.split(' ').collect();
    match words.as_slice() {
        _ if line.len() > 64 => "ERR line too long\n".to_owned(),
        ["GET"] => state.reading(),
        ["STATS"] => format!("STATS count={} min=-5 max=7 mean=1 dropped=0\n", state.seq()),
        ["TASKS"] => "TASK 1 main ready\nTASK 2 sampler waiting\nEND\n".to_owned(),
        ["QUIT"] => "BYE\n".to_owned(),
        ["SUB", millis] => match millis.parse::<u64>() {
            Ok(millis) if (10..=60_000).contains(&millis) => {
                *period = Some(Duration::from_millis(millis));
                "OK\n".to_owned()
            }
            _ => "ERR bad period\n".to_owned(),
        },
        _ => "ERR unknown command\n".to_owned(),
    }
}

impl State {
    fn seq(&self) -> u128 {
        if self.fault == Fault::StandsStill {
            1
        } else {
            self.start.elapsed().as_millis() / PERIOD.as_millis()
        }
    }

    fn reading(&self) -> String {
        let seq = self.seq();
        format!("READING {seq} {} 21437\n", seq * PERIOD.as_millis())
    }
}
