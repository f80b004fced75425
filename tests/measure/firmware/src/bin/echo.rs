//! A TCP server that echoes, for four connections at a time: each has 1 KiB to receive, 1 KiB to send, and a buffer of
//! 256 bytes in between.
#![no_std]
#![no_main]

use core::net::{Ipv4Addr, SocketAddr};

use embedded_io_async::{Read, Write};
use everloop_board_mps2_an385 as board;
use everloop_embedded::net::{Config, Listener, Network, Resources};
use everloop_embedded::{Loop, TaskPool};

const CONNECTIONS: usize = 4;
const CONFIG: Config = Config::new(Ipv4Addr::new(10, 0, 2, 15), 24).gateway(Ipv4Addr::new(10, 0, 2, 2));

static NETWORK: Resources<CONNECTIONS, 1024, 1024> = Resources::new();
/// The network's task.
static RUNNER: TaskPool<1, 128> = TaskPool::new();
static TASKS: TaskPool<CONNECTIONS, 416> = TaskPool::new();
static LOOP: Loop = Loop::new();

#[board::entry]
fn main() -> ! {
    let ethernet = board::init().ethernet;
    let ended = LOOP.run(&[&RUNNER, &TASKS], async {
        let (stack, mut runner) = NETWORK.start(ethernet, CONFIG).expect("a valid configuration");
        drop(RUNNER.create_task(async move { runner.run().await }));
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 7));
        let listener = stack.listen(address).await.expect("a free port");
        loop {
            let mut connection = listener.accept().await.expect("the listener is there");
            drop(TASKS.create_task(async move {
                let mut buffer = [0; 256];
                while let Ok(n @ 1..) = connection.read(&mut buffer).await {
                    if connection.write_all(&buffer[..n]).await.is_err() {
                        break;
                    }
                }
            }));
        }
    });
    match ended {
        Ok(never) => never,
        Err(error) => panic!("{error}"),
    }
}
