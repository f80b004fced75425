//! The server answers curl and the client here, keeps connections open, and loses nothing, not even when it is stopped.

use std::io;
use std::sync::LazyLock;

use everloop::net::{TcpListener, TcpStream};
use everloop::process::Stdio;
use everloop::{CancelledError, Duration, Task, create_subprocess_exec, create_task, sleep, wait_for};
use http_example::{Client, Site, connect, load, serve};
use hyper::StatusCode;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

type Outcome = Result<(), Failed>;

const CONNECTIONS: usize = 64;
const REQUESTS: usize = 50;

static CURL: LazyLock<bool> = LazyLock::new(|| {
    std::process::Command::new("curl").arg("--version").output().is_ok_and(|output| output.status.success())
});

const NO_CURL: &str = "there is no curl";

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (name, test) in [
        ("curl_gets_a_page", curl_gets_a_page as fn() -> Outcome),
        ("curl_keeps_its_connection", curl_keeps_its_connection),
        ("curl_gets_back_what_it_sends", curl_gets_back_what_it_sends),
        ("curl_is_told_what_it_can_not_have", curl_is_told_what_it_can_not_have),
    ] {
        trials.push(Trial::ignorable_test(name, move || match *CURL {
            true => test().map(|()| Completion::Completed),
            false => Ok(Completion::ignored_with(NO_CURL)),
        }));
    }
    for (name, test) in [
        ("many_connections_are_kept_open_without_an_error", many_connections as fn() -> Outcome),
        ("a_load_from_another_loop_is_answered_without_an_error", load_from_another_loop),
        ("a_failure_is_reported", a_failure_is_reported),
        ("what_is_posted_comes_back", what_is_posted_comes_back),
        ("a_server_that_is_cancelled_answers_what_has_begun", cancelled_server_answers),
        ("a_connection_that_ends_badly_ends_no_other", bad_connection),
        ("the_programs_talk_to_each_other", programs),
    ] {
        trials.push(Trial::test(name, test));
    }
    if !*CURL {
        eprintln!("{NO_CURL}: what it asks is NOT tested");
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}

/// A server in a task of this loop.
struct Served {
    site: &'static Site,
    port: u16,
    task: Task<std::convert::Infallible>,
}

impl Served {
    fn start() -> io::Result<Self> {
        // It lives as long as the test program: a task can't borrow from its creator.
        let site: &'static Site = Box::leak(Box::default());
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
        let port = listener.local_addr()?.port();
        let task = create_task(async move { serve(listener, async |stream| Ok(stream), site).await });
        Ok(Self { site, port, task })
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        connect("127.0.0.1", self.port).await
    }

    async fn client(&self) -> Result<Client, Failed> {
        Ok(Client::over(self.connect().await?, "127.0.0.1").await?)
    }
}

/// Runs a test with a server beside it.
fn with_server(test: impl AsyncFnOnce(Served) -> Outcome) -> Outcome {
    everloop::run(async { test(Served::start()?).await })?
}

/// What curl prints, and its exit status.
async fn curl(args: &[&str], input: &[u8]) -> Result<(String, i32), Failed> {
    let common = ["--silent", "--show-error", "--max-time", "60", "--noproxy", "*"];
    let mut curl = create_subprocess_exec("curl", common.iter().chain(args))
        .stdin(Stdio::Pipe)
        .stdout(Stdio::Pipe)
        .await?;
    let (output, _) = curl.communicate(input).await?;
    Ok((String::from_utf8(output.unwrap_or_default())?, curl.wait().await))
}

fn curl_gets_a_page() -> Outcome {
    with_server(async |server| {
        let got = curl(&[&server.url("/")], b"").await?;
        expect(got == ("Hello from everloop.\n".to_owned(), 0), || format!("{got:?}"))?;
        let (head, _) = curl(&["--head", &server.url("/")], b"").await?;
        expect(head.starts_with("HTTP/1.1 200 OK\r\n"), || head.clone())?;
        expect(head.contains("content-length: 21\r\n"), || head.clone())
    })
}

fn curl_keeps_its_connection() -> Outcome {
    with_server(async |server| {
        let url = server.url("/");
        let (output, status) = curl(&["--write-out", "%{num_connects}\n", &url, &url, &url], b"").await?;
        let hello = "Hello from everloop.\n";
        let expected = format!("{hello}1\n{hello}0\n{hello}0\n");
        expect((output.as_str(), status) == (&expected, 0), || format!("{output}, {status}"))?;
        let counted = (server.site.connections(), server.site.requests());
        expect(counted == (1, 3), || format!("{counted:?}"))
    })
}

fn curl_gets_back_what_it_sends() -> Outcome {
    with_server(async |server| {
        // So much that curl first asks whether it may, and that it comes back before it was sent to its end.
        let sent = "0123456789abcdef".repeat(1 << 17);
        let arguments = ["--data-binary", "@-", &server.url("/echo")];
        let (got, status) = curl(&arguments, sent.as_bytes()).await?;
        expect(status == 0 && got == sent, || format!("{} of {} bytes, {status}", got.len(), sent.len()))?;
        // Of a length that is not known when it begins.
        let arguments = ["--header", "Transfer-Encoding: chunked", arguments[0], arguments[1], arguments[2]];
        let (got, status) = curl(&arguments, sent.as_bytes()).await?;
        expect(status == 0 && got == sent, || format!("{} of {} bytes, {status}", got.len(), sent.len()))
    })
}

fn curl_is_told_what_it_can_not_have() -> Outcome {
    with_server(async |server| {
        let code = ["--output", "-", "--write-out", "%{http_code}"];
        let (got, _) = curl(&[&code[..], &[&server.url("/nothing")]].concat(), b"").await?;
        expect(got == "There is no such page.\n404", || got.clone())?;
        let (got, _) = curl(&[&code[..], &["--request", "PUT", &server.url("/")]].concat(), b"").await?;
        expect(got == "That can't be done with this page.\n405", || got.clone())
    })
}

fn many_connections() -> Outcome {
    with_server(async |server| {
        let report = load(async || server.connect().await, "127.0.0.1", "/", CONNECTIONS, REQUESTS).await;
        let all = (CONNECTIONS * REQUESTS) as u64;
        expect(report.failures.is_empty() && report.answered == all, || report.to_string())?;
        let counted = (server.site.connections(), server.site.requests());
        expect(counted == (CONNECTIONS as u64, all), || format!("{counted:?}"))
    })
}

fn load_from_another_loop() -> Outcome {
    with_server(async |server| {
        let port = server.port;
        let other = everloop::to_thread(move || {
            let connect = async || connect("127.0.0.1", port).await;
            everloop::run(load(connect, "127.0.0.1", "/slow", CONNECTIONS, 3))
        });
        let report = other.await?;
        let all = (CONNECTIONS * 3) as u64;
        expect(report.failures.is_empty() && report.answered == all, || report.to_string())
    })
}

fn a_failure_is_reported() -> Outcome {
    with_server(async |server| {
        let report = load(async || server.connect().await, "127.0.0.1", "/nothing", 2, 3).await;
        expect(report.failures == ["404 Not Found"; 6] && report.answered == 0, || report.to_string())?;
        expect(report.to_string().contains("6 errors"), || report.to_string())?;
        server.task.cancel();
        let report = load(async || server.connect().await, "127.0.0.1", "/", 2, 3).await;
        expect(report.failures.len() == 2, || report.to_string())
    })
}

fn what_is_posted_comes_back() -> Outcome {
    with_server(async |server| {
        let mut client = server.client().await?;
        let sent: Vec<u8> = (0..4 << 20_u32).map(|i: u32| (i ^ (i >> 8)) as u8).collect();
        for _ in 0..2 {
            let (status, got) = client.post("/echo", sent.clone()).await?;
            expect(status == StatusCode::OK && got == sent, || format!("{status}: {} bytes", got.len()))?;
        }
        Ok(client.close().await?)
    })
}

fn cancelled_server_answers() -> Outcome {
    with_server(async |mut server| {
        // One connection that is open and asks nothing, and several that wait for an answer.
        let mut idle = server.client().await?;
        idle.get("/").await?;
        let mut asking = Vec::new();
        for _ in 0..8 {
            let mut client = server.client().await?;
            asking.push(create_task(async move { client.get("/slow").await }));
        }
        while server.site.requests() < 9 {
            sleep(Duration::from_millis(1)).await;
        }
        server.task.cancel();
        let ended: Result<_, CancelledError> = (&mut server.task).await;
        expect(ended.is_err() && server.task.cancelled(), || "it was not cancelled".to_owned())?;
        for answer in asking {
            let (status, text) = answer.await??;
            let holds = status == StatusCode::OK && text == "Better late than never.\n";
            expect(holds, || format!("{status}: {text:?}"))?;
        }
        // Closed in good order, and nobody is there any more.
        idle.close().await?;
        expect(server.connect().await.is_err(), || "it still accepts".to_owned())
    })
}

fn bad_connection() -> Outcome {
    use everloop::embedded_io_async::{Read, Write};
    with_server(async |server| {
        let mut good = server.client().await?;
        good.get("/").await?;
        let mut noise = server.connect().await?;
        noise.write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n").await?;
        let mut answer = [0; 12];
        noise.read_exact(&mut answer).await.map_err(|error| error.to_string())?;
        expect(&answer == b"HTTP/1.1 400", || String::from_utf8_lossy(&answer).into_owned())?;
        let mut rude = server.connect().await?;
        rude.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await?;
        rude.abort();
        let (status, _) = good.get("/slow").await?;
        expect(status == StatusCode::OK, || status.to_string())
    })
}

fn programs() -> Outcome {
    everloop::run(async {
        let program = env!("CARGO_BIN_EXE_http-server");
        let mut server =
            create_subprocess_exec(program, ["127.0.0.1:0"]).stdout(Stdio::Pipe).kill_on_drop(true).await?;
        let Some(mut printed) = server.stdout.take() else { return Err("it has no output".into()) };
        let line = String::from_utf8(printed.readline().await?.to_vec())?;
        let url = line.strip_prefix("serving ").ok_or_else(|| format!("it printed {line:?}"))?.trim();
        let authority = url.trim_start_matches("http://").trim_end_matches('/');

        let run = async |program: &str, args: &[&str]| -> Result<(String, i32), Failed> {
            let mut program = create_subprocess_exec(program, args).stdout(Stdio::Pipe).await?;
            let (output, _) = program.communicate(b"").await?;
            Ok((String::from_utf8(output.unwrap_or_default())?, program.wait().await))
        };
        let got = run(env!("CARGO_BIN_EXE_http-get"), &[url]).await?;
        expect(got == ("Hello from everloop.\n".to_owned(), 0), || format!("{got:?}"))?;
        let (report, status) = run(env!("CARGO_BIN_EXE_http-load"), &[authority, "64", "20"]).await?;
        expect(status == 0 && report.contains("1280 answers"), || report.clone())?;
        expect(report.contains("\n0 errors"), || report.clone())?;

        #[cfg(unix)]
        {
            // Ctrl-c.
            server.send_signal(2)?;
            let status = wait_for(server.wait(), Duration::from_secs(60)).await?;
            let line = String::from_utf8(printed.readline().await?.to_vec())?;
            expect(status == 0 && line == "1281 requests on 65 connections\n", || {
                format!("{status}: {line}")
            })?;
        }
        Ok(())
    })?
}
