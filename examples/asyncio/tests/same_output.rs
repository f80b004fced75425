//! Every example prints what the Python it was written after prints.
//!
//! What CPython printed is in `expected`; where there is a `python3`, the Python is run as well, so that what is in
//! there can be trusted. Times of day and dates are compared by the whole seconds between them, which may be more than
//! they were, on a machine that is busy, and never less.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

mod stamp;

macro_rules! programs {
    ($($name:ident)*) => {
        &[$((stringify!($name), env!(concat!("CARGO_BIN_EXE_", stringify!($name))))),*]
    };
}

/// Each example and the program it was built into.
static PROGRAMS: &[(&str, &str)] = programs! {
    as_completed background_tasks cancel_me display_date event gather get_date hello_world nested nested_task register_socket run
    run_command run_commands run_coroutine_threadsafe runner say_after say_after_task_group say_after_tasks shield
    terminate_task_group timeout timeout_at timeout_reschedule to_thread wait wait_for work_queue
};

/// The first Python with all that the examples use: 3.11 brought the last of it.
static PYTHON: LazyLock<bool> = LazyLock::new(|| {
    let asks = "import asyncio, sys; sys.exit(sys.version_info < (3, 11))";
    let status = Command::new("python3").args(["-c", asks]).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
});

const NO_PYTHON: &str = "there is no python3 of at least 3.11 with asyncio";

fn main() {
    let mut arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for &(name, program) in PROGRAMS {
        trials.push(Trial::test(format!("rust::{name}"), move || same(name, || Command::new(program))));
        trials.push(Trial::ignorable_test(format!("python::{name}"), move || {
            if !*PYTHON {
                return Ok(Completion::ignored_with(NO_PYTHON));
            }
            let python = || {
                let mut command = Command::new("python3");
                command.arg("-u").arg(path("python", name, "py"));
                command
            };
            same(name, python).map(|()| Completion::Completed)
        }));
    }
    if !*PYTHON {
        eprintln!("{NO_PYTHON}: the Python examples are NOT run against `expected`");
    }
    // They do little but sleep.
    arguments.test_threads.get_or_insert(trials.len());
    libtest_mimic::run(&arguments, trials).exit();
}

fn path(folder: &str, name: &str, extension: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name).with_extension(extension)
}

/// How often a program may be tried: one that counts seconds by the clock prints less on a machine that stood still.
const TRIES: u32 = 3;

fn same(name: &str, command: impl Fn() -> Command) -> Result<(), Failed> {
    let expected = std::fs::read_to_string(path("expected", name, "txt"))?;
    let mut outcome = Ok(());
    for _ in 0..TRIES {
        // What programs of the system say is in their own language.
        let output = command().env("LC_ALL", "C").stderr(Stdio::piped()).output()?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(Failed::from(format!("{}\n{errors}", output.status)));
        }
        outcome = stamp::compare(&expected, std::str::from_utf8(&output.stdout)?);
        // Only what shows the time depends on it.
        if outcome.is_ok() || !stamp::any_in(&expected) {
            break;
        }
    }
    outcome.map_err(Failed::from)
}
