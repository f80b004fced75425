//! The program that serves on a board.

/// How many connections there can be.
pub const PLACES: usize = 6;

/// The `main` of a board's network program, which serves for ever.
///
/// `$board` is the board's crate: it brings `entry` and `init`; `$ethernet` makes of what that gives the network driver.
/// The program must depend on `everloop-embedded` and `static_cell` too.
#[macro_export]
macro_rules! board_main {
    ($board:ident, $ethernet:expr) => {
        use core::net::{Ipv4Addr, SocketAddr};
        use everloop_embedded::net::{Config, Network, Resources};
        use everloop_embedded::{Duration, Loop, TaskPool, create_task, sleep};
        use static_cell::StaticCell;
        use $crate::{PLACES, PORT, Suite};

        /// The addresses of QEMU's user network.
        const CONFIG: Config =
            Config::new(Ipv4Addr::new(10, 0, 2, 15), 24).gateway(Ipv4Addr::new(10, 0, 2, 2));
        /// An address there that nobody has.
        const NOWHERE: SocketAddr = SocketAddr::new(core::net::IpAddr::V4(Ipv4Addr::new(10, 0, 2, 99)), 9);

        static NETWORK: Resources<PLACES, 1024, 1024> = Resources::new();
        /// Each connection's.
        static CONNECTIONS: TaskPool<PLACES, 1024> = TaskPool::new();
        /// The listener's, the network's and the ticker's.
        static POOL: TaskPool<3, 256> = TaskPool::new();
        static LOOP: Loop = Loop::new();
        static SUITE: StaticCell<Suite> = StaticCell::new();

        /// QEMU's network takes note of new sockets only when the emulator's main loop turns, which it may do no sooner than
        /// after half a second: a timer that fires has it turn. To the program it makes no difference.
        async fn tick() -> ! {
            loop {
                sleep(Duration::from_millis(2)).await;
            }
        }

        #[$board::entry]
        fn main() -> ! {
            let ethernet = ($ethernet)($board::init());
            let suite = SUITE.init(Suite::new(PLACES));
            let ended = LOOP.run(&[&POOL, &CONNECTIONS], async {
                let (stack, mut runner) = NETWORK.start(ethernet, CONFIG).expect("a valid configuration");
                create_task(async move { runner.run().await }).set_name("network");
                create_task(tick()).set_name("ticker");
                let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT));
                let listener = stack.listen(address).await.expect("a free port");
                $board::println!("listening on port {PORT}");
                suite.run(&stack, listener, Some(NOWHERE)).await
            });
            match ended {
                Ok(never) => never,
                Err(error) => panic!("{error}"),
            }
        }
    };
}
