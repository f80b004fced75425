//! The examples of streams print what the Python prints, and talk with it: each client with each server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::LazyLock;
use std::thread;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// The first Python with all that the examples use.
static PYTHON: LazyLock<bool> = LazyLock::new(|| {
    let asks = "import asyncio, sys; sys.exit(sys.version_info < (3, 11))";
    let status = Command::new("python3").args(["-c", asks]).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
});

const NO_PYTHON: &str = "there is no python3 of at least 3.11 with asyncio";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Rust,
    Python,
}

use Language::{Python, Rust};

impl Language {
    fn name(self) -> &'static str {
        match self {
            Rust => "rust",
            Python => "python",
        }
    }

    /// The example of that name, whose program this is.
    fn command(self, name: &str, program: &str) -> Command {
        match self {
            Rust => Command::new(program),
            Python => {
                let mut command = Command::new("python3");
                let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "python", name].iter().collect();
                command.arg("-u").arg(Path::new(&path).with_extension("py"));
                command
            }
        }
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let mut add =
        |name: String, languages: &[Language], test: Box<dyn FnOnce() -> Result<(), Failed> + Send>| {
            let needs_python = languages.contains(&Python);
            trials.push(Trial::ignorable_test(name, move || {
                if needs_python && !*PYTHON {
                    return Ok(Completion::ignored_with(NO_PYTHON));
                }
                test().map(|()| Completion::Completed)
            }));
        };
    for client in [Rust, Python] {
        for server in [Rust, Python] {
            let name = format!("the_client_in_{}_talks_with_the_server_in_{}", client.name(), server.name());
            add(name, &[client, server], Box::new(move || echo(client, server)));
        }
        let name = format!("headers_are_printed_in_{}", client.name());
        add(name, &[client], Box::new(move || headers(client)));
    }
    if !*PYTHON {
        eprintln!("{NO_PYTHON}: the Python examples are NOT run");
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// A program that serves until this is dropped.
struct Serving {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Serving {
    fn start(command: &mut Command) -> Result<Self, Failed> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let said = child.stdout.take().ok_or("it has no output")?;
        Ok(Self { child, said: BufReader::new(said) })
    }

    fn line(&mut self) -> Result<String, Failed> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What stands for a port: the one that follows `before` in `line`.
fn port(line: &str, before: &str) -> Result<u16, Failed> {
    let rest = line.split_once(before).ok_or_else(|| format!("no {before:?} in {line:?}"))?.1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

fn equal(said: &str, expected: &str) -> Result<(), Failed> {
    if said == expected { Ok(()) } else { Err(format!("{said:?} instead of {expected:?}").into()) }
}

fn echo(client: Language, server: Language) -> Result<(), Failed> {
    let mut command = server.command("tcp_echo_server", env!("CARGO_BIN_EXE_tcp_echo_server"));
    let mut serving = Serving::start(command.arg("0"))?;
    let line = serving.line()?;
    let at = port(&line, "('127.0.0.1', ")?;
    equal(&line, &format!("Serving on ('127.0.0.1', {at})\n"))?;
    for _ in 0..2 {
        let mut command = client.command("tcp_echo_client", env!("CARGO_BIN_EXE_tcp_echo_client"));
        let output = command.arg(at.to_string()).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        equal(&said, "Send: 'Hello World!'\nReceived: 'Hello World!'\nClose the connection\n")?;
        equal(&String::from_utf8_lossy(&output.stderr), "")?;
        let line = serving.line()?;
        let from = port(&line, "('127.0.0.1', ")?;
        equal(&line, &format!("Received 'Hello World!' from ('127.0.0.1', {from})\n"))?;
        equal(&serving.line()?, "Send: 'Hello World!'\n")?;
        equal(&serving.line()?, "Close the connection\n")?;
    }
    Ok(())
}

fn headers(client: Language) -> Result<(), Failed> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let at = listener.local_addr()?.port();
    let server = thread::spawn(move || -> Result<String, std::io::Error> {
        let (mut stream, _) = listener.accept()?;
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            asked.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.0 200 OK\r\nServer: a test\r\nContent-Length: 5\r\n\r\n")?;
        Ok(String::from_utf8_lossy(&asked).into_owned())
    });
    let mut command = client.command("http_headers", env!("CARGO_BIN_EXE_http_headers"));
    let output = command.arg(format!("http://localhost:{at}/a/page")).output()?;
    let asked = server.join().map_err(|_| "the server panicked")??;
    equal(&asked, "HEAD /a/page HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let expected =
        "HTTP header> HTTP/1.0 200 OK\nHTTP header> Server: a test\nHTTP header> Content-Length: 5\n";
    equal(&said, expected)?;
    equal(&String::from_utf8_lossy(&output.stderr), "")
}
