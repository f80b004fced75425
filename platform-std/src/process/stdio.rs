use std::fs::File;
use std::io;
use std::process::Stdio as StdStdio;
use std::rc::Rc;

use everloop_core::stream::Background;
use everloop_core::{StreamReader, StreamWriter};

use super::pipe::{PipeReader, PipeWriter};
use crate::reactor::Driver;

/// The end of a pipe to read from, with a buffer of [`CreateSubprocess::limit`](super::CreateSubprocess::limit) bytes.
pub type ProcessReader = StreamReader<PipeReader, Box<[u8]>>;

/// The end of a pipe to write to, sent in the background. [`close`](StreamWriter::close) closes it after that.
pub type ProcessWriter = StreamWriter<PipeWriter, Background>;

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
    /// `OwnedFd`.
    File(File),
}

impl From<File> for Stdio {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}

#[cfg(unix)]
type Owned = std::os::fd::OwnedFd;
#[cfg(windows)]
type Owned = std::os::windows::io::OwnedHandle;

/// A standard stream on the child's side.
pub(super) enum Theirs {
    Inherit,
    Null,
    /// The standard output of this process, for standard error.
    Stdout,
    Given(Owned),
}

impl Theirs {
    fn given(it: impl Into<Owned>) -> io::Result<Self> {
        let it = it.into();
        // A program may have closed its own standard streams. What was opened in their place must be moved out of the
        // way, or one of the child's would be put over another; a duplicate is.
        #[cfg(unix)]
        let it = if std::os::fd::AsRawFd::as_raw_fd(&it) > 2 { it } else { it.try_clone()? };
        Ok(Self::Given(it))
    }

    /// The same for standard error.
    fn again(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Inherit | Self::Stdout => Self::Stdout,
            Self::Null => Self::Null,
            Self::Given(it) => Self::Given(it.try_clone()?),
        })
    }
}

impl From<Theirs> for StdStdio {
    fn from(theirs: Theirs) -> Self {
        match theirs {
            Theirs::Inherit => Self::inherit(),
            Theirs::Null => Self::null(),
            Theirs::Stdout => io::stdout().into(),
            Theirs::Given(it) => it.into(),
        }
    }
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
) -> io::Result<([Theirs; 3], Ours)> {
    if limit == 0 {
        return Err(invalid("the limit of a stream is at least one byte"));
    }
    let (stdin, our_stdin) = match stdin {
        Stdio::Pipe => {
            let (theirs, ours) = io::pipe()?;
            let ours = PipeWriter::new(Rc::clone(driver), ours)?;
            (Theirs::given(theirs)?, Some(StreamWriter::background(ours)))
        }
        other => (no_pipe(other)?, None),
    };
    let (stdout, our_stdout) = output(stdout, limit, driver)?;
    let (stderr, our_stderr) = match stderr {
        Stdio::Stdout => (stdout.again()?, None),
        other => output(other, limit, driver)?,
    };
    Ok(([stdin, stdout, stderr], Ours { stdin: our_stdin, stdout: our_stdout, stderr: our_stderr }))
}

/// Opens a stream that the child writes to.
fn output(stdio: Stdio, limit: usize, driver: &Rc<Driver>) -> io::Result<(Theirs, Option<ProcessReader>)> {
    match stdio {
        Stdio::Pipe => {
            let (ours, theirs) = io::pipe()?;
            let ours = PipeReader::new(Rc::clone(driver), ours)?;
            Ok((Theirs::given(theirs)?, Some(StreamReader::new(ours, vec![0; limit].into()))))
        }
        other => Ok((no_pipe(other)?, None)),
    }
}

fn no_pipe(stdio: Stdio) -> io::Result<Theirs> {
    match stdio {
        Stdio::Inherit => Ok(Theirs::Inherit),
        Stdio::Null => Ok(Theirs::Null),
        Stdio::File(file) => Theirs::given(file),
        Stdio::Stdout | Stdio::Pipe => Err(invalid("`Stdio::Stdout` is for standard error only")),
    }
}

pub(super) fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
