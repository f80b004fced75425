//! reqwless, an HTTP client that was written for embassy, as it is: it fetches from a server on the host and posts to
//! it. The server's URL comes by semihosting.
#![no_std]
#![no_main]

use core::net::Ipv4Addr;

use board::println;
use everloop_board_mps2_an385 as board;
use everloop_embedded::net::{Config, Resources, Stack, UdpResources};
use everloop_embedded::{Loop, TaskPool, create_task};
use reqwless::client::HttpClient;
use reqwless::request::{Method, RequestBuilder};

/// The addresses of QEMU's user network.
const CONFIG: Config = Config::new(Ipv4Addr::new(10, 0, 2, 15), 24).gateway(Ipv4Addr::new(10, 0, 2, 2));
/// What is posted, many times over.
const WORD: &[u8; 8] = b"everloop";

static NETWORK: Resources<2, 1024, 1024> = Resources::new();
static UDP: UdpResources<1, 512, 272> = UdpResources::new();
static POOL: TaskPool<1, 256> = TaskPool::new();
static LOOP: Loop = Loop::new();

#[board::entry]
fn main() -> ! {
    let ethernet = board::init().ethernet;
    let mut line = [0; 128];
    let line = board::command_line(&mut line).expect("a command line");
    let url = line.split_whitespace().nth(1).expect("the URL of a server");
    let ended = LOOP.run(&[&POOL], async {
        let (stack, mut runner) = NETWORK.start(ethernet, CONFIG).expect("a valid configuration");
        create_task(async move { runner.run().await }).set_name("network");
        stack.add_udp(&UDP).expect("memory of its own");
        talk(&stack, url).await
    });
    match ended {
        Ok(Ok(())) => board::exit(0),
        Ok(Err(error)) => panic!("{error:?}"),
        Err(error) => panic!("{error}"),
    }
}

async fn talk(stack: &Stack, url: &str) -> Result<(), reqwless::Error> {
    let mut client = HttpClient::new(stack, stack);
    let mut buffer = [0; 4096];
    let mut request = client.request(Method::GET, url).await?;
    let response = request.send(&mut buffer).await?;
    assert!(response.status.is_successful());
    assert_eq!(response.body().read_to_end().await?, b"hello from the host");
    println!("fetched");

    let mut sent = [0; 2048];
    for piece in sent.chunks_mut(WORD.len()) {
        piece.copy_from_slice(WORD);
    }
    let mut request = client.request(Method::POST, url).await?.body(&sent[..]);
    let response = request.send(&mut buffer).await?;
    assert!(response.status.is_successful());
    assert_eq!(response.body().read_to_end().await?, sent);
    println!("posted");
    Ok(())
}
