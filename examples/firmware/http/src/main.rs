//! An HTTP server on the board mps2-an385, by picoserve: a page, the board's state, and its LEDs.
//!
//! ```text
//! cargo xtask run http
//! ```
//!
//! Then ask it from another terminal, or open <http://localhost:8080/> in a browser. Ctrl-C ends it.
//!
//! ```text
//! curl localhost:8080/state
//! curl localhost:8080/led/0
//! curl localhost:8080/led/0 --data on=true
//! curl 'localhost:8080/uptime?unit=seconds'
//! ```
#![no_std]
#![no_main]

mod adaptor;
mod site;

use core::convert::Infallible;
use core::net::{Ipv4Addr, SocketAddr};

use adaptor::{Clock, Everloop, Socket};
use board::{Lan9118, println};
use everloop_board_mps2_an385 as board;
use everloop_embedded::net::{Config, Error, Listener, Network, Resources, TcpConnection};
use everloop_embedded::{Loop, TaskPool};
use picoserve::time::Duration;
use picoserve::{Server, Timeouts};
use site::Site;
use static_cell::StaticCell;

const PORT: u16 = 80;
/// How many connections are served at once, of which a browser takes several. Others wait until one is closed.
const CLIENTS: usize = 8;
/// The addresses of QEMU's user network.
const ADDRESS: Config = Config::new(Ipv4Addr::new(10, 0, 2, 15), 24).gateway(Ipv4Addr::new(10, 0, 2, 2));
/// How long clients may take. A connection may have several requests, and is closed when none comes for a while.
const HTTP: picoserve::Config = picoserve::Config::new(Timeouts {
    start_read_request: Duration::from_secs(10),
    persistent_start_read_request: Duration::from_secs(10),
    read_request: Duration::from_secs(5),
    write: Duration::from_secs(5),
})
.keep_connection_alive();

/// Two kilobytes for what comes and two for what goes, for each connection.
static NETWORK: Resources<CLIENTS, 2048, 2048> = Resources::new();
/// A slot for each connection's task, which has its request in it. The compiler checks that it fits, since the pool is
/// named where it is created.
static CLIENT_POOL: TaskPool<CLIENTS, 4096> = TaskPool::new();
/// The network's task.
static POOL: TaskPool<1, 256> = TaskPool::new();
static LOOP: Loop = Loop::new();
static SITE: StaticCell<Site> = StaticCell::new();

#[board::entry]
fn main() -> ! {
    let board = board::init();
    let site = SITE.init_with(|| Site::new(board.leds));
    match LOOP.run(&[&POOL, &CLIENT_POOL], serve(board.ethernet, site)) {
        Ok(Err(error)) => panic!("the server failed: {error}"),
        Err(error) => panic!("{error}"),
    }
}

/// Serves for ever, each connection in a task of its own.
async fn serve(ethernet: Lan9118, site: &'static Site) -> Result<Infallible, Error> {
    let (stack, mut runner) = NETWORK.start(ethernet, ADDRESS).expect("a fixed address that makes sense");
    POOL.create_task(async move { runner.run().await }).set_name("network");
    let listener = stack.listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT))).await?;
    println!("listening on port {PORT}");
    loop {
        let connection = listener.accept().await?;
        CLIENT_POOL.create_task(answer(connection, site)).set_name("client");
    }
}

/// Answers a client's requests until either closes the connection.
async fn answer(connection: TcpConnection, site: &'static Site) {
    let router = site::router(site);
    let mut request = [0; 1024];
    let server = Server::<Everloop, _, _, _>::custom(&router, Clock, &HTTP, &mut request);
    match server.serve(Socket::new(connection)).await {
        Ok(end) => println!("a client left after {} requests", end.handled_requests_count),
        Err(error) => println!("a client is lost: {error}"),
    }
}
