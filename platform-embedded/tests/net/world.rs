use std::net::{Ipv4Addr, SocketAddr};

use everloop_embedded::net::{Config, Network, Resources, Stack, TcpConnection, TcpListener};
use everloop_embedded::virtual_time::{UNPARKER, VirtualTime};
use everloop_embedded::{Duration, EventLoop, TaskPool, create_task, sleep, wait_for};

use crate::wire::Wire;

pub const SERVER: usize = 0;
pub const CLIENT: usize = 1;
pub const PORT: u16 = 7;
/// The bytes of each buffer.
pub const BUFFER: usize = 1024;

/// Two hosts and the wire between them.
#[derive(Clone)]
pub struct World {
    pub wire: Wire,
    pub server: Stack,
    pub client: Stack,
}

pub fn address(side: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, side as u8 + 1)
}

pub fn config(side: usize) -> Config {
    Config::new(address(side), 24).seed(0x1234_5678 + side as u64)
}

/// The address that the server listens on.
pub fn server_addr() -> SocketAddr {
    SocketAddr::from((address(SERVER), PORT))
}

/// Runs `test` in virtual time, beside a server with room for `S` connections and a client with room for 16.
pub fn run<const S: usize, T>(test: impl AsyncFnOnce(World) -> T) -> T {
    run_on::<S, T>(Wire::new(), test)
}

pub fn run_on<const S: usize, T>(wire: Wire, test: impl AsyncFnOnce(World) -> T) -> T {
    run_with::<S, T>(wire, config, test)
}

pub fn run_with<const S: usize, T>(
    wire: Wire,
    config: impl Fn(usize) -> Config,
    test: impl AsyncFnOnce(World) -> T,
) -> T {
    run_loop(async move {
        let server = host::<S, BUFFER>(&wire, SERVER, config(SERVER));
        let client = host::<16, BUFFER>(&wire, CLIENT, config(CLIENT));
        test(World { wire, server, client }).await
    })
}

/// Runs `main` on a loop in virtual time. A test that hangs fails after an hour of it.
pub fn run_loop<T>(main: impl Future<Output = T>) -> T {
    let event_loop: &'static EventLoop = Box::leak(Box::new(EventLoop::new(UNPARKER)));
    let pool: &'static TaskPool<64, 8192> = Box::leak(Box::new(TaskPool::new()));
    let limit = Duration::from_secs(3600);
    let done = event_loop.run(&VirtualTime::new(), &[pool], wait_for(main, limit));
    done.expect("the loop runs").expect("the test ends")
}

/// A host with room for `N` connections, and its runner.
pub fn host<const N: usize, const BYTES: usize>(wire: &Wire, side: usize, config: Config) -> Stack {
    let resources: &'static Resources<N, BYTES, BYTES> = Box::leak(Box::new(Resources::new()));
    let (stack, mut runner) = resources.start(wire.port(side), config).unwrap();
    create_task(async move { runner.run().await });
    stack
}

impl World {
    pub async fn listen(&self) -> TcpListener {
        self.server.listen(server_addr()).await.unwrap()
    }

    pub async fn connect(&self) -> TcpConnection {
        self.client.connect(server_addr()).await.unwrap()
    }

    /// Lets everything happen that happens without much waiting.
    pub async fn settle(&self) {
        sleep(Duration::from_millis(500)).await;
    }
}

/// Bytes that tell if one is missing, twice there or out of place.
pub fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 31 + n / 251) as u8).collect()
}
