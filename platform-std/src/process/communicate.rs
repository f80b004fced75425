use std::io;

use everloop_core::try_gather;

use super::stdio::{ProcessReader, ProcessWriter, invalid};

/// So much room is made for output at first.
const ROOM: usize = 8 * 1024;

/// So much is written at once, so that no more is kept than the writer's high-water mark and this.
const PIECE: usize = 64 * 1024;

/// How far a communication has come. It outlives the future, so that a second one can go on.
#[derive(Default)]
pub(super) struct Progress {
    fed: Fed,
    pub(super) stdout: Gathered,
    pub(super) stderr: Gathered,
}

enum Fed {
    /// So much of the input was taken by the writer.
    Bytes(usize),
    /// The standard input is closed: there is no more to feed, whatever there was.
    All,
}

impl Default for Fed {
    fn default() -> Self {
        Self::Bytes(0)
    }
}

/// Feeds and reads all there is, at once.
pub(super) async fn all(
    stdin: &mut Option<ProcessWriter>,
    stdout: &mut Option<ProcessReader>,
    stderr: &mut Option<ProcessReader>,
    progress: &mut Progress,
    input: &[u8],
) -> io::Result<()> {
    if stdin.is_none() && !input.is_empty() && matches!(progress.fed, Fed::Bytes(_)) {
        return Err(invalid(
            "there is input, and no standard input: make it a pipe, and leave that in its place",
        ));
    }
    let feeding = feed(stdin, input, &mut progress.fed);
    let reading = (progress.stdout.read_all(stdout), progress.stderr.read_all(stderr));
    try_gather((feeding, reading.0, reading.1)).await?;
    Ok(())
}

/// Feeds the input, and closes the writer.
async fn feed(stdin: &mut Option<ProcessWriter>, input: &[u8], fed: &mut Fed) -> io::Result<()> {
    let outcome = match stdin {
        Some(writer) => feed_open(writer, input, fed).await,
        None => Ok(()),
    };
    *fed = Fed::All;
    *stdin = None;
    match outcome {
        Err(error) if is_broken(&error) => Ok(()),
        outcome => outcome,
    }
}

async fn feed_open(writer: &ProcessWriter, input: &[u8], fed: &mut Fed) -> io::Result<()> {
    while let Fed::Bytes(done) = fed {
        // Also what somebody wrote before.
        writer.drain().await?;
        let rest = input.get(*done..).unwrap_or_default();
        let piece = &rest[..rest.len().min(PIECE)];
        // Refused if somebody has ended it before.
        if piece.is_empty() || writer.write(piece).is_err() {
            break;
        }
        *done += piece.len();
    }
    writer.close();
    writer.wait_closed().await?;
    Ok(())
}

/// The process does not want any more.
fn is_broken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

/// What was read so far.
#[derive(Default)]
pub(super) struct Gathered {
    /// Longer than what was read: behind that is room, so that a read that is dropped leaves nothing to undo.
    bytes: Vec<u8>,
    length: usize,
}

impl Gathered {
    async fn read_all(&mut self, reader: &mut Option<ProcessReader>) -> io::Result<()> {
        let Some(reader) = reader else { return Ok(()) };
        loop {
            if self.length == self.bytes.len() {
                self.bytes.resize((self.length * 2).max(ROOM), 0);
            }
            match reader.read(&mut self.bytes[self.length..]).await? {
                0 => return Ok(()),
                count => self.length += count,
            }
        }
    }
}

impl From<Gathered> for Vec<u8> {
    fn from(gathered: Gathered) -> Self {
        let mut bytes = gathered.bytes;
        bytes.truncate(gathered.length);
        bytes
    }
}
