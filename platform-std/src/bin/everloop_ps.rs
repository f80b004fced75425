//! `everloop-ps`: the tasks of a running program, as a table or as a tree of who awaits whom.

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    unix::main()
}

#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    eprintln!("everloop-ps: there are no Unix sockets on this system to ask a program by");
    std::process::ExitCode::FAILURE
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsString;
    use std::io::{self, Write};
    use std::path::PathBuf;
    use std::process::ExitCode;
    use std::time::Duration;

    use everloop::inspect::fetch;

    const USAGE: &str = "\
Shows the tasks of a running program that calls everloop::inspect::serve(PATH).

usage: everloop-ps ps PATH [--timeout SECONDS]
       everloop-ps pstree PATH [--timeout SECONDS]
       everloop-ps json PATH [--timeout SECONDS]

  ps      a table of the tasks: number, name, state, what each waits on, polls, longest poll, time since the last poll,
          where it was created
  pstree  a tree of who awaits whom, with the scopes that each task is in
  json    all that is known, for other programs

The program is given 5 seconds to answer, if nothing else is said.
";

    /// What the command line asks for.
    enum Command {
        Help,
        Show(Form, PathBuf, Duration),
    }

    enum Form {
        Table,
        Tree,
        Json,
    }

    /// What goes wrong with the command line itself.
    const BAD_USAGE: u8 = 2;

    pub fn main() -> ExitCode {
        match read(std::env::args_os().skip(1)) {
            Ok(Command::Help) => print(USAGE),
            Ok(Command::Show(form, path, timeout)) => show(&form, &path, timeout),
            Err(wrong) => {
                eprint!("everloop-ps: {wrong}\n\n{USAGE}");
                ExitCode::from(BAD_USAGE)
            }
        }
    }

    fn read(words: impl Iterator<Item = OsString>) -> Result<Command, String> {
        let mut words = words.peekable();
        let mut timeout = Duration::from_secs(5);
        let mut plain = Vec::new();
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("-h" | "--help") => return Ok(Command::Help),
                Some("--timeout") => {
                    let value = words.next().ok_or("--timeout needs a number of seconds")?;
                    let seconds = value.to_str().and_then(|value| value.parse().ok());
                    timeout = seconds
                        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                        .ok_or_else(|| format!("`{}` is no number of seconds", value.display()))?;
                }
                Some(option) if option.starts_with('-') => return Err(format!("what is `{option}`?")),
                _ => plain.push(word),
            }
        }
        let mut plain = plain.into_iter();
        let form = plain.next().ok_or("say what is to be shown")?;
        let form = match form.to_str() {
            Some("ps") => Form::Table,
            Some("pstree") => Form::Tree,
            Some("json") => Form::Json,
            _ => return Err(format!("what is `{}`?", form.display())),
        };
        let path = plain.next().ok_or("say at which path the program serves")?;
        match plain.next() {
            Some(word) => Err(format!("what is `{}`?", word.display())),
            None => Ok(Command::Show(form, path.into(), timeout)),
        }
    }

    fn show(form: &Form, path: &std::path::Path, timeout: Duration) -> ExitCode {
        let snapshot = match fetch(path, timeout) {
            Ok(snapshot) => snapshot,
            Err(error) => {
                eprint!("everloop-ps: {}: {error}", path.display());
                match std::error::Error::source(&error) {
                    Some(source) => eprintln!(": {source}"),
                    None => eprintln!(),
                }
                return ExitCode::FAILURE;
            }
        };
        print(&match form {
            Form::Table => snapshot.table().to_string(),
            Form::Tree => snapshot.tree().to_string(),
            Form::Json => match serde_json::to_string_pretty(&snapshot) {
                Ok(text) => text + "\n",
                Err(error) => {
                    eprintln!("everloop-ps: {error}");
                    return ExitCode::FAILURE;
                }
            },
        })
    }

    /// Whoever reads it may stop before the end, as `head` does.
    fn print(text: &str) -> ExitCode {
        match io::stdout().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                eprintln!("everloop-ps: {error}");
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        }
    }
}
