//! A TCP server on the board mps2-an385 that says what it hears, to four clients at once.
//!
//! ```text
//! cargo xtask run tcp
//! ```
//!
//! Then talk to it from another terminal: `nc localhost 7000`. Ctrl-C ends it.
#![no_std]
#![no_main]

use core::convert::Infallible;
use core::net::{Ipv4Addr, SocketAddr};

use board::{Lan9118, println};
use embedded_io_async::{Read, Write};
use everloop_board_mps2_an385 as board;
use everloop_embedded::net::{Config, Connection, Error, Listener, Network, Resources, TcpConnection};
use everloop_embedded::{Loop, TaskPool};

const PORT: u16 = 7000;
/// How many clients are served at once. Others wait until one leaves.
const CLIENTS: usize = 4;
/// The addresses of QEMU's user network.
const ADDRESS: Config = Config::new(Ipv4Addr::new(10, 0, 2, 15), 24).gateway(Ipv4Addr::new(10, 0, 2, 2));

/// A kilobyte for what comes and one for what goes, for each client.
static NETWORK: Resources<CLIENTS, 1024, 1024> = Resources::new();
/// A slot for each client's task, which has its buffer in it, and one for the network's. The compiler checks that they
/// fit, since the pool is named where they are created.
static POOL: TaskPool<{ CLIENTS + 1 }, 1024> = TaskPool::new();
static LOOP: Loop = Loop::new();

#[board::entry]
fn main() -> ! {
    let ethernet = board::init().ethernet;
    match LOOP.run(&[&POOL], serve(ethernet)) {
        Ok(Err(error)) => panic!("the server failed: {error}"),
        Err(error) => panic!("{error}"),
    }
}

/// Serves for ever, each client in a task of its own.
async fn serve(ethernet: Lan9118) -> Result<Infallible, Error> {
    let (stack, mut runner) = NETWORK.start(ethernet, ADDRESS).expect("a fixed address that makes sense");
    POOL.create_task(async move { runner.run().await }).set_name("network");
    let listener = stack.listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT))).await?;
    println!("listening on port {PORT}");
    loop {
        let connection = listener.accept().await?;
        POOL.create_task(talk(connection)).set_name("client");
    }
}

/// Talks to a client and tells how it was. What goes wrong with one is no matter to the others.
async fn talk(connection: TcpConnection) {
    match echo(connection).await {
        Ok((client, bytes)) => println!("{client} said {bytes} bytes"),
        Err(error) => println!("a client is lost: {error}"),
    }
}

/// Sends back what is received, until the client says no more. Gives who it was and how many bytes there were.
async fn echo(mut connection: TcpConnection) -> Result<(SocketAddr, u64), Error> {
    let client = connection.peer_addr()?;
    let mut buffer = [0; 256];
    let mut bytes = 0;
    loop {
        match connection.read(&mut buffer).await? {
            // The connection is dropped and so closes in good order: the client still gets all that was written.
            0 => return Ok((client, bytes)),
            count => {
                connection.write_all(&buffer[..count]).await?;
                bytes += count as u64;
            }
        }
    }
}
