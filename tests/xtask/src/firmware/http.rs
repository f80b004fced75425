//! The HTTP server.

use super::Test;
use super::program::Program;
use anyhow::{Context, Result, bail, ensure};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

pub const TESTS: &[Test] = &[
    ("http-answers-curl", answers_curl),
    ("http-keeps-a-connection-for-several-requests", keeps_a_connection_for_several_requests),
    ("http-answers-several-connections-at-once", answers_several_connections_at_once),
    ("http-outlives-what-is-no-request", outlives_what_is_no_request),
];

const PATIENCE: Duration = Duration::from_secs(60);

/// A response's status and body.
type Response = (u16, String);

/// By curl, or where there is none by hand.
fn ask(address: SocketAddr, path: &str, form: Option<&str>) -> Result<Response> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "60"]);
    command.args(["--write-out", "\n%{http_code}"]);
    command.arg(format!("http://{address}{path}")).args(form.iter().flat_map(|form| ["--data", form]));
    match command.output() {
        Ok(output) => {
            let said = String::from_utf8(output.stdout)?;
            ensure!(
                output.status.success(),
                "curl failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
            let (body, status) = said.rsplit_once('\n').context("curl tells no status")?;
            Ok((status.parse()?, body.to_owned()))
        }
        Err(_) => Client::connect(address)?.ask(path, form),
    }
}

fn expect(found: Response, wanted: (u16, &str)) -> Result<()> {
    let (status, body) = &found;
    ensure!((*status, body.as_str()) == wanted, "{found:?} instead of {wanted:?}");
    Ok(())
}

/// One connection, by hand.
struct Client(TcpStream);

impl Client {
    fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    fn ask(&mut self, path: &str, form: Option<&str>) -> Result<Response> {
        self.send(path, form)?;
        self.response()
    }

    fn send(&mut self, path: &str, form: Option<&str>) -> Result<()> {
        let request = match form {
            None => format!("GET {path} HTTP/1.1\r\nHost: board\r\n\r\n"),
            Some(form) => format!(
                "POST {path} HTTP/1.1\r\nHost: board\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\n\r\n{form}",
                form.len()
            ),
        };
        self.0.write_all(request.as_bytes()).context("connection lost")
    }

    fn response(&mut self) -> Result<Response> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).context("no response")?;
            head.extend(byte);
        }
        let head = String::from_utf8(head)?.to_ascii_lowercase();
        let status = head.split_whitespace().nth(1).context("no status")?.parse()?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.context("no length")?.trim().parse()?];
        self.0.read_exact(&mut body).context("the body is cut off")?;
        Ok((status, String::from_utf8(body)?))
    }
}

fn answers_curl() -> Result<()> {
    let (_program, address) = Program::start_server("http")?;
    let (status, page) = ask(address, "/", None)?;
    ensure!(status == 200 && page.contains("<h1>It works</h1>"), "no page but {status}: {page}");
    // A path parameter, and a form that switches what is there.
    expect(ask(address, "/led/0", None)?, (200, "off\n"))?;
    expect(ask(address, "/led/0", Some("on=true"))?, (200, "on\n"))?;
    expect(ask(address, "/led/0", None)?, (200, "on\n"))?;
    expect(ask(address, "/led/1", None)?, (200, "off\n"))?;
    let (status, state) = ask(address, "/state", None)?;
    let wanted = r#""leds":[true,false],"asked":1}"#;
    ensure!(
        status == 200 && state.starts_with(r#"{"uptime_ms":"#) && state.ends_with(wanted),
        "no state but {status}: {state}"
    );
    expect(ask(address, "/led/0", Some("on=false"))?, (200, "off\n"))?;
    // A query.
    let (status, millis) = ask(address, "/uptime?unit=milliseconds", None)?;
    ensure!(
        status == 200 && millis.trim().parse::<u64>().is_ok_and(|millis| millis > 0),
        "{status}: {millis}"
    );
    let (status, seconds) = ask(address, "/uptime?unit=seconds", None)?;
    ensure!(status == 200 && seconds.trim().parse::<u64>().is_ok(), "{status}: {seconds}");
    // What is wrong is said to be.
    for (path, form, wanted) in [
        ("/uptime?unit=weeks", None, 400),
        ("/uptime", None, 400),
        ("/led/0", Some("on=maybe"), 400),
        ("/led/2", None, 404),
        ("/led/2", Some("on=true"), 404),
        ("/led/first", None, 404),
        ("/nowhere", None, 404),
        ("/state", Some("on=true"), 405),
    ] {
        let (status, body) = ask(address, path, form)?;
        ensure!(status == wanted, "{path} with {form:?} gives {status} instead of {wanted}: {body}");
    }
    Ok(())
}

fn keeps_a_connection_for_several_requests() -> Result<()> {
    let (mut program, address) = Program::start_server("http")?;
    let mut client = Client::connect(address)?;
    for _ in 0..10 {
        expect(client.ask("/led/1", Some("on=true"))?, (200, "on\n"))?;
        expect(client.ask("/led/1", None)?, (200, "on\n"))?;
    }
    drop(client);
    program.wait(|line| (line == "a client left after 20 requests").then_some(()))
}

fn answers_several_connections_at_once() -> Result<()> {
    let (_program, address) = Program::start_server("http")?;
    // One that begins a request and does not end it is in nobody's way.
    let mut slow = Client::connect(address)?;
    slow.0.write_all(b"GET /led/0 HT")?;
    let mut clients = (0..4).map(|_| Client::connect(address)).collect::<Result<Vec<_>>>()?;
    for client in &mut clients {
        expect(client.ask("/led/0", None)?, (200, "off\n"))?;
    }
    thread::scope(|scope| {
        let asking: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                scope.spawn(move || {
                    for _ in 0..20 {
                        expect(client.ask("/led/1", None)?, (200, "off\n"))?;
                    }
                    Ok(())
                })
            })
            .collect();
        asking.into_iter().try_for_each(|client| client.join().expect("a client panicked"))
    })
}

fn outlives_what_is_no_request() -> Result<()> {
    let (mut program, address) = Program::start_server("http")?;
    for nonsense in
        [&b"\r\n\r\n"[..], b"GET\r\n\r\n", b"\xff\xfe\xfd\r\n\r\n", b"GET / HTTP/1.1\r\nnonsense\r\n\r\n"]
    {
        let mut client = Client::connect(address)?;
        client.0.write_all(nonsense)?;
        let mut said = Vec::new();
        // It may close in good order or by a reset.
        if client.0.read_to_end(&mut said).is_ok() && !said.is_empty() && !said.starts_with(b"HTTP/1.1 400") {
            bail!("{} is answered by {}", nonsense.escape_ascii(), said.escape_ascii());
        }
    }
    // Nor does a head that is larger than its buffer, or a client that resets.
    let mut client = Client::connect(address)?;
    let _ = client.0.write_all(&[b'a'; 5_000]);
    socket2::Socket::from(client.0).set_linger(Some(Duration::ZERO))?;
    expect(ask(address, "/led/0", None)?, (200, "off\n"))?;
    program.ensure_running()
}
