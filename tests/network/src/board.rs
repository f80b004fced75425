//! The program that serves on a board.

use crate::own::Own;
use crate::server::Suite;
use crate::{PORT, lines};
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use embassy_net_driver::Driver;
use everloop_embedded::net::{Config, Network, Resources, Stack, UdpResources, UdpSocket};
use everloop_embedded::{Duration, Loop, RunError, TaskPool, create_task, sleep};
use static_cell::StaticCell;

/// How many connections there can be.
const PLACES: usize = 6;
/// The addresses of QEMU's user network as it lends and advertises them.
#[cfg(feature = "wide")]
const ASKED_FOR: Config = Config::dhcp().slaac();
#[cfg(not(feature = "wide"))]
const ASKED_FOR: Config = Config::dhcp();
/// The same where nobody lends any.
const FIXED: Config = Config::new(Ipv4Addr::new(10, 0, 2, 15), 24).gateway(Ipv4Addr::new(10, 0, 2, 2));
/// An address there that nobody has.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 2, 99)), 9);

static NETWORK: Resources<PLACES, 1024, 1024> = Resources::new();
/// The echo's, and one for a case or for the question for a name.
static UDP: UdpResources<2, 1024, 600> = UdpResources::new();
/// Each connection's.
static CONNECTIONS: TaskPool<PLACES, 1088> = TaskPool::new();
/// The two listeners', the network's, the ticker's and the one of datagrams.
static POOL: TaskPool<5, 512> = TaskPool::new();
static LOOP: Loop = Loop::new();
static SUITE: StaticCell<Suite> = StaticCell::new();

/// The `main` of a board's network program, which serves for ever.
///
/// `$board` is the board's crate: it brings `entry` and `init`; `$ethernet` makes of what that gives the network driver.
/// Told `fixed`, the program asks nobody for its addresses.
#[macro_export]
macro_rules! board_main {
    ($board:ident, $ethernet:expr) => {
        #[$board::entry]
        fn main() -> ! {
            let ethernet = ($ethernet)($board::init());
            let mut words = [0; 64];
            let fixed = $board::command_line(&mut words).is_some_and(|line| line.ends_with(" fixed"));
            match $crate::serve_on_board(ethernet, fixed) {
                Ok(never) => match never {},
                Err(error) => panic!("{error}"),
            }
        }
    };
}

/// Serves for ever: see [`board_main`].
///
/// # Errors
/// The loop runs already.
pub fn serve_on_board(
    ethernet: impl Driver + 'static,
    fixed: bool,
) -> Result<core::convert::Infallible, RunError> {
    let suite = SUITE.init(Suite::new(PLACES));
    let config = if fixed { FIXED } else { ASKED_FOR };
    LOOP.run(&[&POOL, &CONNECTIONS], async move {
        let (stack, mut runner) = NETWORK.start(ethernet, config).expect("a valid configuration");
        create_task(async move { runner.run().await }).set_name("network");
        create_task(tick()).set_name("ticker");
        stack.add_udp(&UDP).expect("memory that is given once");
        create_task(echo(stack)).set_name("datagrams");
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT));
        let listener = stack.listen(address).await.expect("a free port");
        let _lines = lines::serve(&stack, PORT + 1).await.expect("a free port and a slot");
        match suite.run(&stack, listener, Some(NOWHERE), Own(stack)).await {}
    })
}

/// QEMU's network takes note of new sockets only when the emulator's main loop turns, which it may do no sooner than
/// after half a second: a timer that fires has it turn. To the program it makes no difference.
async fn tick() {
    loop {
        sleep(Duration::from_millis(2)).await;
    }
}

/// Sends back the datagrams that come.
async fn echo(stack: Stack) {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT));
    let socket = UdpSocket::bind(&stack, any).expect("a free socket");
    let mut buffer = [0; 256];
    loop {
        // What could not be delivered is told once, and of no matter here.
        if let Ok((count, peer)) = socket.recv_from(&mut buffer).await {
            let _ = socket.send_to(&buffer[..count], peer).await;
        }
    }
}
