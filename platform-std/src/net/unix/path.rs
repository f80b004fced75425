//! Where a Unix socket is: a path in the file system, or on Linux a name without one.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket as RawSocket, Type};

use super::PathError;

/// Whether names that begin with a NUL byte are in a space of their own.
const ABSTRACT: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// So often, and so far apart, a folder that is locked is tried: about a second. To start takes some ten microseconds, but
/// who does so may have to wait for a processor.
const TRIES: u32 = 4000;
const PAUSE: Duration = Duration::from_micros(200);

/// The address of a path.
pub(super) fn address(path: &Path) -> io::Result<SockAddr> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() || (!is_abstract(path) && bytes.contains(&0)) {
        return Err(PathError::Malformed.into());
    }
    SockAddr::unix(path)
}

pub(super) fn is_abstract(path: &Path) -> bool {
    ABSTRACT && path.as_os_str().as_bytes().first() == Some(&0)
}

/// Binds a new socket, and listens. What a listener that is gone has left at the path is removed; all else there is an
/// error.
pub(super) fn listen(path: &Path, backlog: i32) -> io::Result<RawSocket> {
    let address = address(path)?;
    let socket = RawSocket::new(Domain::UNIX, Type::STREAM, None)?;
    let _turn = if is_abstract(path) { None } else { turn(path) };
    let in_use = || io::Error::from(PathError::InUse(path.to_owned()));
    if !bind(&socket, &address)? {
        if is_abstract(path) {
            return Err(in_use());
        }
        remove_stale(path, &address)?;
        if !bind(&socket, &address)? {
            return Err(in_use());
        }
    }
    socket.listen(backlog)?;
    Ok(socket)
}

/// False if something is at the address.
fn bind(socket: &RawSocket, address: &SockAddr) -> io::Result<bool> {
    match socket.bind(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(false),
        result => result.map(|()| true),
    }
}

/// The turn to start at a path in this folder, until it is dropped. Of two who start at once, one could take the other's
/// socket, which does not listen yet, for one that was left behind, and remove it. So they lock their folder, which leaves
/// no file there.
///
/// None where a folder can't be locked, or somebody else keeps it locked: that must not keep a loop waiting.
fn turn(path: &Path) -> Option<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new("."))).ok()?;
    for _ in 0..TRIES {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

fn remove_stale(path: &Path, address: &SockAddr) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => Err(PathError::NotASocket(path.to_owned()).into()),
        Ok(_) if is_alive(address)? => Err(PathError::InUse(path.to_owned()).into()),
        Ok(_) => fs::remove_file(path).or_else(ignore_missing),
        Err(error) => ignore_missing(error),
    }
}

/// Whether somebody listens, or it can't be told. There is no other way to ask than to connect.
fn is_alive(address: &SockAddr) -> io::Result<bool> {
    let probe = RawSocket::new(Domain::UNIX, Type::STREAM, None)?;
    // A listener whose queue is full must not hold this up.
    probe.set_nonblocking(true)?;
    Ok(match probe.connect(address) {
        Ok(()) => true,
        Err(error) => !matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound),
    })
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// The file that a listener is bound to. Removed when this is dropped, if it is still the same one: its number is not
/// given to another while the listener is open.
pub(in crate::net) struct Bound {
    path: PathBuf,
    /// The numbers of its device and on it; `None` once it is to stay.
    file: Option<(u64, u64)>,
}

impl Bound {
    /// The file at `path`, which a socket was just bound to.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        // The process may change its directory.
        let path = std::path::absolute(path)?;
        let found = fs::symlink_metadata(&path)?;
        Ok(Self { path, file: Some((found.dev(), found.ino())) })
    }

    /// Leaves the file where it is.
    pub(super) fn keep(mut self) {
        self.file = None;
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let Some(file) = self.file else { return };
        let found = fs::symlink_metadata(&self.path);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == file) {
            // Nobody is here to be told of an error, and a file that stays is stale: the next listener removes it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
