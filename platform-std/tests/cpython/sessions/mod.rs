//! Random sessions with CPython: chunks of any size both ways at once, ends of one side, resets and cancellations, in any
//! order that a seed gives. Each side checks what it receives by the sums that are sent with it.
//!
//! `EVERLOOP_SESSIONS=1000` has so many in each test, `EVERLOOP_SEED=17` begins with the session of that seed.

mod frames;
mod plan;
mod random;
mod script;
mod side;
#[cfg(feature = "tls")]
mod tls;

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::Ipv4Addr;
use std::rc::Rc;

use everloop::embedded_io_async::Read;
use everloop::net::ConnectionWriter;
use everloop::stream::{Background, Growing};
use everloop::{
    Duration, Event, StreamReader, StreamWriter, create_task, open_connection, open_unix_connection,
    start_server, start_unix_server, wait_for,
};

use crate::support::{Folder, any_port, many};
use crate::tests;
use plan::{Plan, Role};
use script::Script;
use side::{Fault, Scene, converse};

tests! {
    sessions_with_a_server_of_cpythons
    sessions_with_a_client_of_cpythons
    sessions_with_a_server_of_cpythons_at_a_unix_socket
    sessions_with_a_client_of_cpythons_at_a_unix_socket
}

pub fn all_trials() -> Vec<libtest_mimic::Trial> {
    #[cfg_attr(not(feature = "tls"), allow(unused_mut))]
    let mut all = trials();
    #[cfg(feature = "tls")]
    all.extend(tls::trials());
    all
}

/// So many take place at once.
const AT_ONCE: usize = 4;
const LIMIT: Duration = Duration::from_secs(60);

type Outcome = Result<(), Fault>;

/// The plans of a test, so many at a time.
fn plans(half_closes: bool) -> impl Iterator<Item = Vec<Plan>> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let usual = if std::env::var_os("EVERLOOP_LONG").is_some() { 500 } else { many(30) };
    let count = number("EVERLOOP_SESSIONS").map_or(usual, |count| count as usize);
    // Small enough for every reader of JSON.
    let seed = number("EVERLOOP_SEED").unwrap_or_else(|| RandomState::new().hash_one(1) >> 32);
    let all: Vec<_> =
        (0..count).map(|number| Plan::new(number as u32, seed + number as u64, half_closes)).collect();
    all.chunks(AT_ONCE).map(<[_]>::to_vec).collect::<Vec<_>>().into_iter()
}

/// Panics if one side is not content.
fn judge(plan: &Plan, scene: Scene, here: Option<Outcome>, there: &str) {
    let here = here.unwrap_or_else(|| Err(Fault::Wrong("it has not begun".to_owned())));
    if here.is_err() || there != "ok" {
        panic!(
            "{plan:?} in {scene:?}\nhere: {here:?}\nCPython: {there}\nEVERLOOP_SEED={} EVERLOOP_SESSIONS=1 has it again",
            plan.seed
        );
    }
}

async fn limited(session: impl Future<Output = Outcome>) -> Outcome {
    let in_time = wait_for(session, LIMIT).await;
    in_time.unwrap_or_else(|_| Err(Fault::Wrong("it does not come to an end".to_owned())))
}

/// This program's clients, and a server of CPython's.
async fn with_server<R, W, I>(
    mut script: Script,
    scene: Scene,
    half_closes: bool,
    connect: impl AsyncFn() -> (StreamReader<R, Growing>, StreamWriter<W, Background<I>>) + 'static,
) where
    R: Read<Error = io::Error> + 'static,
    W: ConnectionWriter<Error = io::Error> + 'static,
    I: 'static,
{
    let connect = Rc::new(connect);
    for plans in plans(half_closes) {
        let mut sessions = Vec::new();
        for plan in &plans {
            script.tell(plan).await;
            let (plan, connect) = (plan.clone(), Rc::clone(&connect));
            sessions.push(create_task(limited(async move {
                let (mut reader, writer) = connect().await;
                writer.write(&plan.number.to_be_bytes()).unwrap();
                // Or a reset might come before the number.
                let mut heard = [0];
                reader.readexactly(&mut heard).await.map_err(|error| error.to_string())?;
                assert_eq!(&heard, b"!");
                converse(plan, scene, reader, writer).await
            })));
        }
        let mut here = Vec::new();
        for session in sessions {
            here.push(session.await.unwrap());
        }
        let there = script.outcomes(plans.len()).await;
        for (plan, here) in plans.iter().zip(here) {
            judge(plan, scene, Some(here), &there[&plan.number]);
        }
    }
    script.end().await;
}

/// Where a server finds the plans and leaves what came of them.
#[derive(Default)]
struct Desk {
    plans: RefCell<HashMap<u32, Plan>>,
    outcomes: RefCell<HashMap<u32, Outcome>>,
    changed: Event,
}

impl Desk {
    /// A server's handler.
    async fn serve<R, W, I>(
        &self,
        scene: Scene,
        mut reader: StreamReader<R, Growing>,
        writer: StreamWriter<W, Background<I>>,
    ) where
        R: Read<Error = io::Error> + 'static,
        W: ConnectionWriter<Error = io::Error> + 'static,
        I: 'static,
    {
        let mut number = [0; 4];
        reader.readexactly(&mut number).await.unwrap();
        writer.write(b"!").unwrap();
        let number = u32::from_be_bytes(number);
        let plan = self.plans.borrow_mut().remove(&number).unwrap();
        let outcome = limited(converse(plan, scene, reader, writer)).await;
        self.outcomes.borrow_mut().insert(number, outcome);
        self.changed.set();
    }

    /// Waits for what came of so many.
    async fn outcomes(&self, count: usize) -> HashMap<u32, Outcome> {
        let all = async {
            while self.outcomes.borrow().len() < count {
                self.changed.wait().await;
                self.changed.clear();
            }
        };
        // If one has not begun, the other side says why.
        let _ = wait_for(all, LIMIT * 2).await;
        self.outcomes.take()
    }
}

/// CPython's clients, and this program's server, which serves what is at the desk.
async fn with_clients(mut script: Script, scene: Scene, half_closes: bool, desk: &Desk) {
    for plans in plans(half_closes) {
        for plan in &plans {
            desk.plans.borrow_mut().insert(plan.number, plan.clone());
            script.tell(plan).await;
        }
        let there = script.outcomes(plans.len()).await;
        let mut here = desk.outcomes(plans.len()).await;
        for plan in &plans {
            judge(plan, scene, here.remove(&plan.number), &there[&plan.number]);
        }
    }
    script.end().await;
}

const TCP_CLIENT: Scene = Scene { role: Role::Client, tells_resets: true };
const TCP_SERVER: Scene = Scene { role: Role::Server, tells_resets: true };
const UNIX_CLIENT: Scene = Scene { role: Role::Client, tells_resets: false };
const UNIX_SERVER: Scene = Scene { role: Role::Server, tells_resets: false };

fn sessions_with_a_server_of_cpythons() {
    everloop::run(async {
        let mut script = Script::start(Role::Server, "tcp", "", None).await;
        let port = script.port().await;
        let connect = async move || open_connection((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        with_server(script, TCP_CLIENT, true, connect).await;
    })
    .unwrap();
}

fn sessions_with_a_client_of_cpythons() {
    everloop::run(async {
        let desk = Rc::new(Desk::default());
        let served = Rc::clone(&desk);
        let handler = async move |reader, writer| served.serve(TCP_SERVER, reader, writer).await;
        let server = start_server(handler, any_port()).await.unwrap();
        let script = Script::start(Role::Client, "tcp", &server.local_addrs()[0].to_string(), None).await;
        with_clients(script, TCP_SERVER, true, &desk).await;
    })
    .unwrap();
}

fn sessions_with_a_server_of_cpythons_at_a_unix_socket() {
    everloop::run(async {
        let folder = Folder::new();
        let path = folder.join("socket");
        let mut script = Script::start(Role::Server, "unix", path.to_str().unwrap(), None).await;
        script.port().await;
        let connect = async move || open_unix_connection(&path).await.unwrap();
        with_server(script, UNIX_CLIENT, true, connect).await;
    })
    .unwrap();
}

fn sessions_with_a_client_of_cpythons_at_a_unix_socket() {
    everloop::run(async {
        let (folder, desk) = (Folder::new(), Rc::new(Desk::default()));
        let (path, served) = (folder.join("socket"), Rc::clone(&desk));
        let handler = async move |reader, writer| served.serve(UNIX_SERVER, reader, writer).await;
        let _server = start_unix_server(handler, &path).await.unwrap();
        let script = Script::start(Role::Client, "unix", path.to_str().unwrap(), None).await;
        with_clients(script, UNIX_SERVER, true, &desk).await;
    })
    .unwrap();
}
