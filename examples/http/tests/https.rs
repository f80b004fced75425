//! The same over TLS: curl and the client here are answered, and only by whom they trust.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use everloop::net::TcpListener;
use everloop::process::Stdio;
use everloop::tls::{TlsConnector, TlsStream};
use everloop::{Duration, create_subprocess_exec, create_task, wait_for};
use http_example::{Site, acceptor, connect, connector, load, serve};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

type Outcome = Result<(), Failed>;

const CONNECTIONS: usize = 64;
const REQUESTS: usize = 20;
const HELLO: &str = "Hello from everloop.\n";

static CURL: LazyLock<bool> = LazyLock::new(|| {
    std::process::Command::new("curl").arg("--version").output().is_ok_and(|output| output.status.success())
});

const NO_CURL: &str = "there is no curl";

fn main() {
    let arguments = Arguments::from_args();
    let curl = |test: fn() -> Outcome| {
        move || match *CURL {
            true => test().map(|()| Completion::Completed),
            false => Ok(Completion::ignored_with(NO_CURL)),
        }
    };
    let trials = vec![
        Trial::ignorable_test("curl_gets_a_page_and_keeps_its_connection", curl(curl_gets_a_page)),
        Trial::ignorable_test("curl_refuses_a_server_that_it_does_not_trust", curl(curl_refuses)),
        Trial::test("many_connections_are_kept_open_without_an_error", many_connections),
        Trial::test("the_programs_talk_to_each_other", programs),
    ];
    if !*CURL {
        eprintln!("{NO_CURL}: what it asks is NOT tested");
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}

/// A folder with an authority, and a certificate of its for this machine with the key. Removed when it is dropped.
struct Certified(PathBuf);

impl Certified {
    fn new(name: &str) -> Result<Self, Failed> {
        let folder = std::env::temp_dir().join(format!("everloop-https-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let made = Self(folder);
        let key = KeyPair::generate()?;
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // A certificate of the same name as who has signed it would pass for one that has signed itself.
        authority.distinguished_name.push(DnType::CommonName, "an authority of tests");
        std::fs::write(made.authority(), authority.self_signed(&key)?.pem())?;
        let issuer = Issuer::new(authority, key);
        let key = KeyPair::generate()?;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        std::fs::write(made.chain(), certificate.pem())?;
        std::fs::write(made.key(), key.serialize_pem())?;
        Ok(made)
    }

    fn authority(&self) -> PathBuf {
        self.0.join("authority.pem")
    }

    fn chain(&self) -> PathBuf {
        self.0.join("chain.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.join("key.pem")
    }

    fn connector(&self) -> Result<TlsConnector, Failed> {
        Ok(connector(self.authority().to_str())
            .map_err(|error| error.to_string())?
            .server_hostname("localhost"))
    }
}

impl Drop for Certified {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a test with a server beside it, at a port.
fn with_server(certified: &Certified, test: impl AsyncFnOnce(&'static Site, u16) -> Outcome) -> Outcome {
    let tls = acceptor(certified.chain(), certified.key()).map_err(|error| error.to_string())?;
    everloop::run(async {
        // It lives as long as the test program: a task can't borrow from its creator.
        let site: &'static Site = Box::leak(Box::default());
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
        let port = listener.local_addr()?.port();
        let server =
            create_task(
                async move { serve(listener, async |stream| Ok(tls.accept(stream).await?), site).await },
            );
        test(site, port).await?;
        server.cancel();
        let ended = server.await;
        expect(ended.is_err(), || "it was not cancelled".to_owned())
    })?
}

/// What a program prints, and its exit status.
async fn run(program: impl AsRef<Path>, args: &[&str]) -> Result<(String, i32), Failed> {
    let mut program = create_subprocess_exec(program.as_ref(), args).stdout(Stdio::Pipe).await?;
    let (output, _) = program.communicate(b"").await?;
    Ok((String::from_utf8(output.unwrap_or_default())?, program.wait().await))
}

const QUIET: [&str; 6] = ["--silent", "--show-error", "--max-time", "60", "--noproxy", "*"];

fn curl_gets_a_page() -> Outcome {
    let certified = Certified::new("page")?;
    let authority = certified.authority();
    with_server(&certified, async |site, port| {
        let url = format!("https://localhost:{port}/");
        let authority = authority.to_str().unwrap_or_default();
        let args =
            [&QUIET[..], &["--cacert", authority, "--write-out", "%{num_connects}\n", &url, &url]].concat();
        let got = run("curl", &args).await?;
        expect(got == (format!("{HELLO}1\n{HELLO}0\n"), 0), || format!("{got:?}"))?;
        let counted = (site.connections(), site.requests());
        expect(counted == (1, 2), || format!("{counted:?}"))
    })
}

fn curl_refuses() -> Outcome {
    let certified = Certified::new("refuses")?;
    with_server(&certified, async |site, port| {
        let (got, status) =
            run("curl", &[&QUIET[..], &[&format!("https://localhost:{port}/")]].concat()).await?;
        // Its number for a certificate that can't be checked.
        expect(status == 60 && got.is_empty(), || format!("{status}: {got}"))?;
        expect(site.requests() == 0, || "it asked all the same".to_owned())
    })
}

fn many_connections() -> Outcome {
    let certified = Certified::new("many")?;
    let tls = certified.connector()?;
    with_server(&certified, async |site, port| {
        let connect =
            async || -> io::Result<TlsStream> { Ok(tls.connect(connect("127.0.0.1", port).await?).await?) };
        let report = load(connect, "localhost", "/", CONNECTIONS, REQUESTS).await;
        let all = (CONNECTIONS * REQUESTS) as u64;
        expect(report.failures.is_empty() && report.answered == all, || report.to_string())?;
        let counted = (site.connections(), site.requests());
        expect(counted == (CONNECTIONS as u64, all), || format!("{counted:?}"))
    })
}

fn programs() -> Outcome {
    let certified = Certified::new("programs")?;
    everloop::run(async {
        let (chain, key) = (certified.chain(), certified.key());
        let args = [Path::new("127.0.0.1:0"), &chain, &key];
        let mut server = create_subprocess_exec(env!("CARGO_BIN_EXE_http-server"), args)
            .stdout(Stdio::Pipe)
            .kill_on_drop(true)
            .await?;
        let Some(mut printed) = server.stdout.take() else { return Err("it has no output".into()) };
        let line = String::from_utf8(printed.readline().await?.to_vec())?;
        let url = line.strip_prefix("serving ").ok_or_else(|| format!("it printed {line:?}"))?.trim();
        let authority = certified.authority();
        let trusting = [url, authority.to_str().unwrap_or_default()];
        let got = run(env!("CARGO_BIN_EXE_http-get"), &trusting).await?;
        expect(got == (HELLO.to_owned(), 0), || format!("{got:?}"))?;
        #[cfg(unix)]
        {
            // Ctrl-c.
            server.send_signal(2)?;
            let status = wait_for(server.wait(), Duration::from_secs(60)).await?;
            let line = String::from_utf8(printed.readline().await?.to_vec())?;
            expect(status == 0 && line == "1 requests on 1 connections\n", || format!("{status}: {line}"))?;
        }
        Ok(())
    })?
}
