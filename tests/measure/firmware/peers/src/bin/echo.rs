//! A TCP server that echoes, for four connections at a time: each has 1 KiB to receive, 1 KiB to send, and a buffer of
//! 256 bytes in between.
#![no_std]
#![no_main]

use board::Lan9118;
use core::net::Ipv4Addr;
use embassy_executor::{Executor, Spawner};
use embassy_net::tcp::TcpSocket;
use embassy_net::{Config, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use embedded_io_async::Write;
use everloop_board_mps2_an385 as board;
use static_cell::{ConstStaticCell, StaticCell};

const CONNECTIONS: usize = 4;

static EXECUTOR: StaticCell<Executor> = StaticCell::new();
static RESOURCES: StaticCell<StackResources<CONNECTIONS>> = StaticCell::new();
static BUFFERS: ConstStaticCell<[[[u8; 1024]; 2]; CONNECTIONS]> =
    ConstStaticCell::new([[[0; 1024]; 2]; CONNECTIONS]);

#[embassy_executor::task]
async fn network(mut runner: Runner<'static, Lan9118>) -> ! {
    runner.run().await
}

#[embassy_executor::task(pool_size = CONNECTIONS)]
async fn serve(stack: Stack<'static>, buffers: &'static mut [[u8; 1024]; 2]) -> ! {
    let [rx, tx] = buffers;
    let mut buffer = [0; 256];
    loop {
        let mut socket = TcpSocket::new(stack, rx, tx);
        if socket.accept(7).await.is_err() {
            continue;
        }
        while let Ok(n @ 1..) = socket.read(&mut buffer).await {
            if socket.write_all(&buffer[..n]).await.is_err() {
                break;
            }
        }
        // The end of what is sent, and a wait for it to arrive: a socket that is dropped is gone at once.
        socket.close();
        let _ = socket.flush().await;
    }
}

fn start(spawner: Spawner) {
    let ethernet = board::init().ethernet;
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(Ipv4Addr::new(10, 0, 2, 15), 24),
        gateway: Some(Ipv4Addr::new(10, 0, 2, 2)),
        dns_servers: Default::default(),
    });
    let (stack, runner) = embassy_net::new(ethernet, config, RESOURCES.init(StackResources::new()), 0);
    spawner.spawn(network(runner).expect("a free place"));
    for buffers in BUFFERS.take() {
        spawner.spawn(serve(stack, buffers).expect("a free place"));
    }
}

#[board::entry]
fn main() -> ! {
    EXECUTOR.init(Executor::new()).run(start)
}
