use std::error::Error;
use std::fmt;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use socket2::{Domain, SockAddr, Socket, Type};

use super::Snapshot;
use super::protocol::{Answer, VERSION, Versioned, request};

/// No answer is longer than that: a million tasks, about.
const LONGEST: u64 = 1 << 30;

/// Who waits for a place in the line of a listener looks again after this time.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks the program that [serves](super::serve) at the Unix socket `path` for a snapshot of its loop.
///
/// It blocks for up to `timeout`, so call it where that is no harm: not in a loop, but by
/// [`to_thread`](fn@crate::to_thread).
///
/// # Errors
/// See [`FetchError`].
pub fn fetch(path: impl AsRef<Path>, timeout: Duration) -> Result<Snapshot, FetchError> {
    let deadline = Deadline(Instant::now().checked_add(timeout));
    let mut stream = connect(path.as_ref(), deadline).map_err(FetchError::of(FetchError::Connect))?;
    let answer = ask(&mut stream, deadline).map_err(FetchError::of(FetchError::Answer))?;
    let unreadable = |error: serde_json::Error| FetchError::Unreadable(error.to_string());
    let Versioned { version } = serde_json::from_slice(&answer).map_err(unreadable)?;
    if version != VERSION {
        return Err(FetchError::Version { theirs: version });
    }
    match serde_json::from_slice(&answer).map_err(unreadable)? {
        Answer { snapshot: Some(snapshot), .. } => Ok(snapshot),
        Answer { error: Some(error), .. } => Err(FetchError::Refused(error)),
        _ => Err(FetchError::Unreadable("neither a snapshot nor an error".to_owned())),
    }
}

/// `None` if it is so far that no clock reaches it.
#[derive(Clone, Copy)]
struct Deadline(Option<Instant>);

impl Deadline {
    /// The time that is left.
    fn left(self) -> io::Result<Option<Duration>> {
        let Some(at) = self.0 else { return Ok(None) };
        let left = at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

/// A listener whose line is full makes a connect that blocks wait for as long as that is so, so this does not block.
fn connect(path: &Path, deadline: Deadline) -> io::Result<UnixStream> {
    let address = SockAddr::unix(path)?;
    loop {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        match socket.connect(&address) {
            Ok(()) => {
                socket.set_nonblocking(false)?;
                return Ok(socket.into());
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let left = deadline.left()?;
                std::thread::sleep(left.map_or(PAUSE, |left| left.min(PAUSE)));
            }
            Err(error) => return Err(error),
        }
    }
}

fn ask(stream: &mut UnixStream, deadline: Deadline) -> io::Result<Vec<u8>> {
    stream.set_write_timeout(deadline.left()?)?;
    if let Err(error) = stream.write_all(request().as_bytes())
        // Then it has hung up, and may have said why.
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return Err(error);
    }
    let mut answer = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        stream.set_read_timeout(deadline.left()?)?;
        match stream.read(&mut piece) {
            Ok(0) if answer.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(0) => return Ok(answer),
            Ok(_) if answer.len() as u64 > LONGEST => return Err(io::ErrorKind::FileTooLarge.into()),
            Ok(count) => answer.extend_from_slice(&piece[..count]),
            // It has hung up on something that it did not read; what it said came before.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset && !answer.is_empty() => {
                return Ok(answer);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Why [`fetch`] gave no snapshot.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// No connection to the path was made.
    Connect(io::Error),
    /// The connection broke before there was an answer.
    Answer(io::Error),
    /// The time was over before there was an answer.
    TimedOut,
    /// The program speaks another version of the protocol.
    Version {
        /// That version.
        theirs: u32,
    },
    /// The program refused to answer, and says why.
    Refused(String),
    /// What came is no answer, for this reason.
    Unreadable(String),
}

impl FetchError {
    fn of(kind: fn(io::Error) -> Self) -> impl Fn(io::Error) -> Self {
        move |error| match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::TimedOut,
            _ => kind(error),
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(_) => f.write_str("could not connect; is the path that of a program that calls `inspect::serve`?"),
            Self::Answer(_) => f.write_str("the connection broke before there was an answer"),
            Self::TimedOut => f.write_str(
                "no answer in time: the loop is between two runs, or one poll of a task takes long; try again, or give it more time",
            ),
            Self::Version { theirs } => {
                write!(f, "the program speaks version {theirs} of the protocol and this version {VERSION}: take the everloop-ps of its release of everloop")
            }
            Self::Refused(why) => write!(f, "the program refused: {}", super::human::Plain(why)),
            Self::Unreadable(why) => {
                write!(f, "what came is no answer, so another program serves there: {}", super::human::Plain(why))
            }
        }
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Connect(error) | Self::Answer(error) => Some(error),
            _ => None,
        }
    }
}
