//! `posix_spawn`, with what the standard library's does not ask of it: to close all descriptors but the standard streams,
//! and to begin a session. Done between `fork` and `exec` instead, either costs a copy of this process's page tables.
//!
//! Invariant **SPAWN**: the lists of actions and attributes are given to no function before their `init` and after
//! their `destroy`, and stay where they are. What they and `posix_spawn` are handed by pointer lives until that returns,
//! and ends with the zero that it is read up to.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsStr, OsString, c_void};
use std::io;
use std::mem::{MaybeUninit, transmute};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

use libc::{c_char, c_int, posix_spawn_file_actions_t, posix_spawnattr_t, sigset_t};

use super::Program;
use crate::process::stdio::Theirs;

/// Where programs are looked up if there is no `PATH`, as the C library does.
const PATH: &str = "/bin:/usr/bin";
/// The first descriptor that is no standard stream.
const OTHERS: c_int = 3;

type CloseFrom = unsafe extern "C" fn(*mut posix_spawn_file_actions_t, c_int) -> c_int;
type Chdir = unsafe extern "C" fn(*mut posix_spawn_file_actions_t, *const c_char) -> c_int;

/// The functions that the C library has from 2.34 on. A program that named them outright would not start with an older
/// one.
#[derive(Clone, Copy)]
struct Late {
    close_from: CloseFrom,
    chdir: Chdir,
}

impl Late {
    fn find() -> Option<Self> {
        static FOUND: OnceLock<Option<Late>> = OnceLock::new();
        *FOUND.get_or_init(|| {
            let close_from = symbol(c"posix_spawn_file_actions_addclosefrom_np")?;
            let chdir = symbol(c"posix_spawn_file_actions_addchdir_np")?;
            // SAFETY: they are the functions that the C library documents by these names, with these types.
            let (close_from, chdir) = unsafe {
                (
                    transmute::<NonNull<c_void>, CloseFrom>(close_from),
                    transmute::<NonNull<c_void>, Chdir>(chdir),
                )
            };
            Some(Self { close_from, chdir })
        })
    }
}

fn symbol(name: &CStr) -> Option<NonNull<c_void>> {
    // SAFETY: the name ends with zero.
    NonNull::new(unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) })
}

/// Whether the C library is new enough.
pub(super) fn is_there() -> bool {
    Late::find().is_some()
}

/// A set of signals.
#[derive(Clone, Copy)]
pub(in crate::process) struct Signals(sigset_t);

impl Signals {
    /// Those that this thread blocks.
    pub(super) fn blocked() -> Option<Self> {
        let mut signals = MaybeUninit::uninit();
        // SAFETY: no set is given; what is written is initialized, unless there is an error.
        unsafe {
            let asked = libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), signals.as_mut_ptr());
            (asked == 0).then(|| Self(signals.assume_init()))
        }
    }
}

/// Starts the program, if the C library is new enough.
pub(super) fn start(program: &Program, stdio: &[Theirs; 3]) -> Option<io::Result<u32>> {
    Late::find().map(|late| spawn(late, program, stdio))
}

fn spawn(late: Late, program: &Program, stdio: &[Theirs; 3]) -> io::Result<u32> {
    let command = &program.command;
    let path = c_string(find(command.get_program(), program)?.into_os_string())?;
    let mut arguments = Strings::default();
    for argument in [command.get_program()].into_iter().chain(command.get_args()) {
        arguments.add(&[argument])?;
    }
    let (arguments, environment) = (arguments.end(), environment(program)?.end());
    let directory = command.get_current_dir().map(|path| c_string(path.into())).transpose()?;

    let mut actions = Actions::new()?;
    for (stream, theirs) in (0..).zip(stdio) {
        actions.stream(stream, theirs)?;
    }
    if let Some(directory) = &directory {
        // SAFETY: SPAWN.
        check(unsafe { (late.chdir)(actions.0.as_mut_ptr(), directory.as_ptr()) })?;
    }
    if program.close_fds {
        // SAFETY: SPAWN.
        check(unsafe { (late.close_from)(actions.0.as_mut_ptr(), OTHERS) })?;
    }
    let attributes = Attributes::new(program.start_new_session, program.blocked)?;
    let mut pid = 0;
    // SAFETY: SPAWN.
    check(unsafe {
        libc::posix_spawn(
            &raw mut pid,
            path.as_ptr(),
            actions.0.as_ptr(),
            attributes.0.as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
        )
    })?;
    Ok(pid as u32)
}

/// All variables of the program.
fn environment(program: &Program) -> io::Result<Strings> {
    let changes: BTreeMap<_, _> = program.command.get_envs().collect();
    let mut all = Strings::default();
    let mut add = |name: &OsStr, value: &OsStr| all.add(&[name, OsStr::new("="), value]);
    if !program.env_clear {
        for (name, value) in std::env::vars_os() {
            if !changes.contains_key(&*name) {
                add(&name, &value)?;
            }
        }
    }
    for (name, value) in changes {
        if let Some(value) = value {
            add(name, value)?;
        }
    }
    Ok(all)
}

/// One variable of the program.
fn variable(program: &Program, name: &str) -> Option<OsString> {
    match program.command.get_envs().find(|(changed, _)| *changed == name) {
        Some((_, value)) => value.map(OsStr::to_os_string),
        None if program.env_clear => None,
        None => std::env::var_os(name),
    }
}

/// Where the program is: a bare name is looked up in the `PATH` that it will have.
fn find(name: &OsStr, program: &Program) -> io::Result<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Ok(name.into());
    }
    let path = variable(program, "PATH").unwrap_or_else(|| PATH.into());
    let mut missing = io::Error::from_raw_os_error(libc::ENOENT);
    if name.is_empty() {
        return Err(missing);
    }
    for directory in std::env::split_paths(&path) {
        // It need not be absolute, and the program may start in another one.
        let candidate = std::path::absolute(Path::new(".").join(directory).join(name))?;
        if candidate.is_file() {
            let checked = c_string(candidate.clone().into_os_string())?;
            // SAFETY: the call reads a string that ends with zero.
            if unsafe { libc::access(checked.as_ptr(), libc::X_OK) } == 0 {
                return Ok(candidate);
            }
            missing = io::Error::from_raw_os_error(libc::EACCES);
        }
    }
    Err(missing)
}

fn c_string(text: OsString) -> io::Result<CString> {
    // Its error is of the kind `InvalidInput`.
    Ok(CString::new(text.into_vec())?)
}

fn check(code: c_int) -> io::Result<()> {
    if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(code)) }
}

/// Strings to be made such as C has them, one behind the other.
#[derive(Default)]
struct Strings {
    bytes: Vec<u8>,
    starts: Vec<usize>,
}

impl Strings {
    /// One more, of several pieces.
    fn add(&mut self, pieces: &[&OsStr]) -> io::Result<()> {
        self.starts.push(self.bytes.len());
        for piece in pieces.iter().map(|piece| piece.as_bytes()) {
            if piece.contains(&0) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            self.bytes.extend_from_slice(piece);
        }
        self.bytes.push(0);
        Ok(())
    }

    fn end(mut self) -> Pointers {
        // Nobody writes to them: the type is that of `exec`, which is older than `const`.
        let first: *mut c_char = self.bytes.as_mut_ptr().cast();
        let pointers = self.starts.iter().map(|&start| first.wrapping_add(start));
        Pointers { pointers: pointers.chain([ptr::null_mut()]).collect(), _bytes: self.bytes }
    }
}

/// Strings as C has them: pointers, and a null pointer at the end.
struct Pointers {
    pointers: Vec<*mut c_char>,
    _bytes: Vec<u8>,
}

impl Pointers {
    fn as_ptr(&self) -> *const *mut c_char {
        self.pointers.as_ptr()
    }
}

/// What the child does before it runs the program.
struct Actions(Box<MaybeUninit<posix_spawn_file_actions_t>>);

impl Actions {
    fn new() -> io::Result<Self> {
        let mut actions = Box::new(MaybeUninit::uninit());
        // SAFETY: SPAWN.
        check(unsafe { libc::posix_spawn_file_actions_init(actions.as_mut_ptr()) })?;
        Ok(Self(actions))
    }

    fn stream(&mut self, stream: c_int, theirs: &Theirs) -> io::Result<()> {
        const NULL: &CStr = c"/dev/null";
        let actions = self.0.as_mut_ptr();
        // SAFETY: SPAWN.
        check(unsafe {
            match theirs {
                Theirs::Inherit => 0,
                Theirs::Null => {
                    let mode = if stream == 0 { libc::O_RDONLY } else { libc::O_WRONLY };
                    libc::posix_spawn_file_actions_addopen(actions, stream, NULL.as_ptr(), mode, 0)
                }
                Theirs::Stdout => libc::posix_spawn_file_actions_adddup2(actions, 1, stream),
                Theirs::Given(fd) => libc::posix_spawn_file_actions_adddup2(actions, fd.as_raw_fd(), stream),
            }
        })
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: SPAWN.
        unsafe { libc::posix_spawn_file_actions_destroy(self.0.as_mut_ptr()) };
    }
}

struct Attributes(Box<MaybeUninit<posix_spawnattr_t>>);

impl Attributes {
    /// SIGPIPE gets its default effect back, which Rust's runtime took from it; so does the standard library.
    fn new(start_new_session: bool, blocked: Option<Signals>) -> io::Result<Self> {
        let mut attributes = Box::new(MaybeUninit::uninit());
        // SAFETY: SPAWN.
        check(unsafe { libc::posix_spawnattr_init(attributes.as_mut_ptr()) })?;
        let mut attributes = Self(attributes);
        let mut flags = libc::POSIX_SPAWN_SETSIGDEF;
        if start_new_session {
            flags |= c_int::from(libc::POSIX_SPAWN_SETSID);
        }
        if let Some(Signals(blocked)) = blocked {
            flags |= libc::POSIX_SPAWN_SETSIGMASK;
            // SAFETY: SPAWN.
            check(unsafe {
                libc::posix_spawnattr_setsigmask(attributes.0.as_mut_ptr(), &raw const blocked)
            })?;
        }
        // SAFETY: SPAWN; the set of signals is written before it is read.
        unsafe {
            let mut signals = MaybeUninit::uninit();
            libc::sigemptyset(signals.as_mut_ptr());
            libc::sigaddset(signals.as_mut_ptr(), libc::SIGPIPE);
            check(libc::posix_spawnattr_setsigdefault(attributes.0.as_mut_ptr(), signals.as_ptr()))?;
            check(libc::posix_spawnattr_setflags(attributes.0.as_mut_ptr(), flags as _))?;
        }
        Ok(attributes)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: SPAWN.
        unsafe { libc::posix_spawnattr_destroy(self.0.as_mut_ptr()) };
    }
}
