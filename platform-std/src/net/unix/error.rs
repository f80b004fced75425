use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

/// Why a [`UnixListener`](super::UnixListener) can't take a path, nor can anybody connect to it. Inside an
/// [`io::Error`], where [`io::Error::get_ref`] finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// Something that is no socket is there. It was left alone.
    NotASocket(PathBuf),
    /// Another listener is there, and is alive. It was left alone.
    InUse(PathBuf),
    /// It is empty or has a NUL byte in it. Only the first byte may be one, on Linux: the rest is then an abstract name.
    Malformed,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASocket(path) => write!(
                f,
                "{} is there and is no socket: move it away, or listen at another path",
                path.display()
            ),
            Self::InUse(path) => {
                write!(f, "somebody listens at {}: stop that one, or listen at another path", path.display())
            }
            Self::Malformed => {
                f.write_str("a socket's path is not empty and has no NUL byte (but on Linux at its start)")
            }
        }
    }
}

impl Error for PathError {}

impl From<PathError> for io::Error {
    fn from(error: PathError) -> Self {
        let kind = match error {
            PathError::NotASocket(_) => io::ErrorKind::AlreadyExists,
            PathError::InUse(_) => io::ErrorKind::AddrInUse,
            PathError::Malformed => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
