//! The station on the emulated board mps2-an385: a Cortex-M3 with an Ethernet chip, without an allocator.
//!
//! ```text
//! cargo build -p station-mps2-an385 --target thumbv7m-none-eabi --profile firmware
//! qemu-system-arm -machine mps2-an385 -nic user,hostfwd=tcp:127.0.0.1:7000-:7000 \
//!     -semihosting-config enable=on,target=native -display none -monitor none -serial none \
//!     -kernel target/thumbv7m-none-eabi/firmware/station-mps2-an385
//! ```
#![no_std]
#![no_main]

use core::net::{Ipv4Addr, SocketAddr};

use board::println;
use everloop_board_mps2_an385 as board;
use everloop_embedded::net::{Config, Network, Resources};
use everloop_embedded::{Loop, TaskPool, create_task};
use static_cell::StaticCell;
use station::{CLIENTS, SimulatedBus, Station, TASKS};

const PORT: u16 = 7000;
/// The addresses of QEMU's user network.
const CONFIG: Config = Config::new(Ipv4Addr::new(10, 0, 2, 15), 24).gateway(Ipv4Addr::new(10, 0, 2, 2));

/// Half a kilobyte either way: requests and replies are short. Beyond the clients that are served there is room for
/// those that wait, and for connections that still close.
static NETWORK: Resources<{ CLIENTS + 4 }, 512, 512> = Resources::new();
/// A client's task keeps its buffers.
static CLIENT_POOL: TaskPool<CLIENTS, 1024> = TaskPool::new();
/// The station's other tasks, and the network's.
static POOL: TaskPool<{ TASKS - CLIENTS + 1 }, 256> = TaskPool::new();
static LOOP: Loop = Loop::new();
static STATION: StaticCell<Station> = StaticCell::new();

#[board::entry]
fn main() -> ! {
    let ethernet = board::init().ethernet;
    let station = STATION.init_with(Station::new);
    let ended = LOOP.run(&[&POOL, &CLIENT_POOL], async {
        let (stack, mut runner) = NETWORK.start(ethernet, CONFIG).expect("a valid configuration");
        create_task(async move { runner.run().await }).set_name("network");
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT));
        let listener = stack.listen(address).await.expect("a free port");
        println!("listening on port {PORT}");
        station.run(SimulatedBus::new(), listener).await
    });
    match ended {
        Ok(never) => never,
        Err(error) => panic!("{error}"),
    }
}
