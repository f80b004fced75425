use std::fs::File;
use std::io;
use std::process::Stdio as StdStdio;
use std::rc::Rc;

use everloop_core::{StreamReader, StreamWriter};

use super::pipe::{PipeReader, PipeWriter};
use crate::reactor::Driver;

/// The end of a pipe to read from, with a buffer of [`CreateSubprocess::limit`](super::CreateSubprocess::limit) bytes.
pub type ProcessReader = StreamReader<PipeReader, Box<[u8]>>;

/// The end of a pipe to write to, with a buffer of 64 KiB. [`close`](StreamWriter::close) sends the rest and closes it.
pub type ProcessWriter = StreamWriter<PipeWriter, Box<[u8]>>;

/// What is written to a process is collected in as much as a pipe of Linux holds.
const WRITER: usize = 64 * 1024;

/// What a standard stream of a subprocess is.
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum Stdio {
    /// That of this process.
    #[default]
    Inherit,
    /// Empty to read, and what is written is dropped. asyncio's `DEVNULL`.
    Null,
    /// A pipe, whose other end is the [`Process`](super::Process)'s. asyncio's `PIPE`.
    Pipe,
    /// For standard error only: the same as standard output. asyncio's `STDOUT`.
    Stdout,
    /// A file, read or written from where it stands. On Unix it may be made of any descriptor, by way of
    /// [`OwnedFd`](std::os::fd::OwnedFd).
    File(File),
}

impl From<File> for Stdio {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}

/// All three, on the child's side.
pub(super) struct Theirs {
    pub(super) stdin: StdStdio,
    pub(super) stdout: StdStdio,
    pub(super) stderr: StdStdio,
}

/// All three, on this side.
pub(super) struct Ours {
    pub(super) stdin: Option<ProcessWriter>,
    pub(super) stdout: Option<ProcessReader>,
    pub(super) stderr: Option<ProcessReader>,
}

/// Opens what the three take.
pub(super) fn open(
    [stdin, stdout, stderr]: [Stdio; 3],
    limit: usize,
    driver: &Rc<Driver>,
) -> io::Result<(Theirs, Ours)> {
    if limit == 0 {
        return Err(invalid("the limit of a stream is at least one byte"));
    }
    let (stdin, our_stdin) = match stdin {
        Stdio::Inherit => (StdStdio::inherit(), None),
        Stdio::Null => (StdStdio::null(), None),
        Stdio::Pipe => {
            let (theirs, ours) = io::pipe()?;
            let ours = PipeWriter::new(Rc::clone(driver), ours)?;
            (theirs.into(), Some(StreamWriter::new(ours, vec![0; WRITER].into())))
        }
        Stdio::Stdout => return Err(invalid("`Stdio::Stdout` is for standard error only")),
        Stdio::File(file) => (file.into(), None),
    };
    let merged = matches!(stderr, Stdio::Stdout);
    let output = |stdio, both| Output::open(stdio, both, limit, driver);
    let stdout = output(stdout, merged)?;
    let stderr = match stdout.again {
        Some(again) => Output { theirs: again, again: None, ours: None },
        None => output(stderr, false)?,
    };
    Ok((
        Theirs { stdin, stdout: stdout.theirs, stderr: stderr.theirs },
        Ours { stdin: our_stdin, stdout: stdout.ours, stderr: stderr.ours },
    ))
}

/// A stream that the child writes to.
struct Output {
    theirs: StdStdio,
    /// The same once more.
    again: Option<StdStdio>,
    ours: Option<ProcessReader>,
}

impl Output {
    fn open(stdio: Stdio, both: bool, limit: usize, driver: &Rc<Driver>) -> io::Result<Self> {
        let (theirs, again, ours) = match stdio {
            Stdio::Inherit => (StdStdio::inherit(), both.then(|| io::stdout().into()), None),
            Stdio::Null => (StdStdio::null(), both.then(StdStdio::null), None),
            Stdio::Pipe => {
                let (ours, theirs) = io::pipe()?;
                let again = if both { Some(theirs.try_clone()?.into()) } else { None };
                let ours = PipeReader::new(Rc::clone(driver), ours)?;
                (theirs.into(), again, Some(StreamReader::new(ours, vec![0; limit].into())))
            }
            Stdio::Stdout => return Err(invalid("`Stdio::Stdout` is for standard error only")),
            Stdio::File(file) => {
                let again = if both { Some(file.try_clone()?.into()) } else { None };
                (file.into(), again, None)
            }
        };
        Ok(Self { theirs, again, ours })
    }
}

pub(super) fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
