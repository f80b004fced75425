//! A network stack, amid an established connection, that gets any frames from the wire: raw ones, ones whose lengths and
//! checksums are made right, and those of its own peer with bytes changed. It does not panic, and afterwards nothing is
//! left taken.
#![no_main]
#![allow(dead_code, missing_docs)]

#[path = "../../../../platform-embedded/tests/net/lossy.rs"]
mod lossy;
mod seal;
#[path = "../../../../platform-embedded/tests/net/wire.rs"]
mod wire;

use std::net::{Ipv4Addr, SocketAddr};

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{
    Config, Connection, ConnectionWriter, Listener, Network, Resources, Stack, UdpResources, UdpSocket,
};
use everloop_embedded::virtual_time::{UNPARKER, VirtualTime};
use everloop_embedded::{Duration, OwnedLoop, create_task, sleep, wait_for, yield_now};
use everloop_fuzz::{Input, guard, install};
use everloop_storm::{Host, Medium, Storm};
use libfuzzer_sys::fuzz_target;
use wire::Wire;

const SERVER: usize = 0;
const CLIENT: usize = 1;
const PORT: u16 = 7;
const CONNECTIONS: usize = 4;
/// How long a silent peer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longer than a handshake that is not completed, than a lookup, and than that.
const LONG: Duration = Duration::from_secs(60);

/// The memory of both hosts, which is freed after the run.
#[derive(Default)]
struct Memory {
    server: Resources<CONNECTIONS, 512, 512>,
    client: Resources<2, 512, 512>,
    udp: UdpResources<2, 600, 600>,
}

fn address(side: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, side as u8 + 1)
}

fn fixed(side: usize) -> Config {
    Config::new(address(side), 24).seed(0x1234_5678 + side as u64).timeout(PATIENCE).linger(PATIENCE)
}

/// Tells the server who has the client's address: it believes that, as the protocol has it, and then the client hears
/// nothing more.
fn poisons(frame: &[u8]) -> bool {
    frame.len() >= 14 && frame[12..14] == [8, 6]
}

fn host(side: usize, port: u16) -> Host {
    Host { hardware: [2, 0, 0, 0, 0, side as u8 + 1], address: address(side).octets(), port }
}

/// The next frame of the input.
fn frame(input: &mut Input<'_>, wire: &Wire, medium: Medium, port: u16) -> Vec<u8> {
    let begins = if medium == Medium::Ip { 0 } else { 14 };
    let mut frame = match input.below(4) {
        0 => {
            let count = usize::from(input.byte());
            input.bytes(count).to_vec()
        }
        1 => {
            let mut storm =
                Storm::new(u64::from(input.word()), medium, host(SERVER, PORT), host(CLIENT, port));
            let mut buffer = [0; 1514];
            let length = storm.fill(&mut buffer);
            buffer[..length].to_vec()
        }
        // One that has been seen, of the peer's or, turned round, of its own: what is asked for is answered so.
        which => {
            let sent = wire.sent(if which == 2 { SERVER } else { CLIENT });
            let back = input.below(16);
            let mut frame = sent.iter().rev().nth(back).or(sent.last()).cloned().unwrap_or_default();
            if which == 2 {
                turn(&mut frame, begins);
            }
            frame
        }
    };
    for _ in 0..input.below(6) {
        if frame.is_empty() {
            break;
        }
        let at = input.below(frame.len().min(begins + 96));
        match input.below(4) {
            0 => frame[at] = input.byte(),
            1 => frame[at] ^= 1 << input.below(8),
            2 => frame.truncate(at),
            _ => frame.insert(at, input.byte()),
        }
    }
    frame.truncate(1514);
    if !input.one_in(4) {
        seal::seal(&mut frame, begins);
    }
    frame
}

/// Swaps who sent it and whom it is for.
fn turn(frame: &mut [u8], begins: usize) {
    let mut swap = |at: usize, length: usize| {
        if let Some([from, to]) = frame.get_mut(at..at + 2 * length).map(|both| {
            let (from, to) = both.split_at_mut(length);
            [from, to]
        }) {
            from.swap_with_slice(to);
        }
    };
    if begins > 0 {
        swap(0, 6);
    }
    swap(begins + 12, 4);
    swap(begins + 20, 2);
}

/// The server's life: each connection's bytes come back, and datagrams and names are waited for.
async fn serve(stack: Stack, names: bool) {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT));
    let listener = stack.listen(any).await.expect("the port is free");
    let socket = UdpSocket::bind(&stack, SocketAddr::from((Ipv4Addr::UNSPECIFIED, 9)));
    let socket = socket.expect("there is a socket");
    create_task(async move {
        let mut buffer = [0; 600];
        loop {
            if let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let _ = socket.send_to(&buffer[..length], from).await;
            }
        }
    });
    if names {
        create_task(async move {
            for _ in 0..3 {
                let _ = stack.lookup("name.test").await.map(Iterator::count);
                sleep(Duration::from_millis(50)).await;
            }
        });
    }
    loop {
        let Ok(connection) = listener.accept().await else { continue };
        let (mut reader, mut writer) = connection.split();
        create_task(async move {
            let mut buffer = [0; 100];
            while let Ok(count @ 1..) = reader.read(&mut buffer).await {
                if writer.write_all(&buffer[..count]).await.is_err() || writer.flush().await.is_err() {
                    break;
                }
            }
            let _ = writer.write_eof().await;
        });
    }
}

async fn storm(memory: &'static Memory, input: &mut Input<'_>) {
    let wire = Wire::new();
    let medium = if input.one_in(4) { Medium::Ip } else { Medium::Ethernet };
    if medium == Medium::Ip {
        wire.set_ip();
    }
    // With addresses that others give, the connection may rightly end.
    let given = medium == Medium::Ethernet && input.one_in(3);
    let names = input.one_in(2);
    let config = match (given, input.one_in(2)) {
        (false, _) => fixed(SERVER),
        (true, false) => fixed(SERVER).slaac(),
        (true, true) => Config::dhcp().slaac(),
    };
    let config = config.dns_server(address(CLIENT).into());
    let Ok((server, mut runner)) = memory.server.start(wire.port(SERVER), config) else { return };
    create_task(async move { runner.run().await });
    let client = memory.client.start(wire.port(CLIENT), fixed(CLIENT));
    let (client, mut runner) = client.expect("the configuration makes sense");
    create_task(async move { runner.run().await });
    server.add_udp(&memory.udp).expect("it has none yet");
    let serving = create_task(serve(server, names));

    let server_addr = SocketAddr::from((address(SERVER), PORT));
    let connected = client.connect(server_addr);
    let mut connection = wait_for(connected, Duration::from_secs(30)).await.ok().and_then(Result::ok);
    assert!(given || connection.is_some(), "the client can not connect");
    let port =
        connection.as_ref().and_then(|connection| connection.local_addr().ok()).map_or(0, |addr| addr.port());
    while !input.is_empty() {
        match input.below(8) {
            0 => sleep(Duration::from_millis(u64::from(input.word()))).await,
            1 => {
                let count = input.below(64);
                let Some(connection) = &mut connection else { continue };
                let _ = wait_for(connection.write_all(&vec![7; count]), Duration::from_secs(1)).await;
            }
            2 => {
                let Some(connection) = &mut connection else { continue };
                let _ = wait_for(connection.read(&mut [0; 32]), Duration::from_millis(10)).await;
            }
            3 => {
                wire.set_up(false);
                yield_now().await;
                wire.set_up(true);
            }
            _ => {
                let frame = frame(input, &wire, medium, port);
                if given || medium == Medium::Ip || !poisons(&frame) {
                    wire.inject(SERVER, frame);
                    yield_now().await;
                }
            }
        }
    }
    drop(connection);
    sleep(LONG).await;
    if given {
        return;
    }
    let connected = client.connect(server_addr);
    let connected = wait_for(connected, Duration::from_secs(60)).await.expect("the server answers");
    let mut connection = connected.expect("the server accepts");
    connection.write_all(b"ping").await.expect("it is open");
    let mut answer = [0; 4];
    let all = connection.read_exact(&mut answer);
    wait_for(all, Duration::from_secs(60)).await.expect("the server answers").expect("it echoes");
    assert_eq!(&answer, b"ping");
    drop(connection);
    sleep(LONG).await;
    serving.cancel();
    sleep(LONG).await;
    assert_eq!(server.free_connections(), CONNECTIONS, "a connection is still taken");
}

fuzz_target!(init: install(), |data: &[u8]| guard(|| {
    let memory: *mut Memory = Box::into_raw(Box::default());
    let mut input = Input::new(data);
    // SAFETY: the memory is freed after the loop, with which all goes that had it.
    let ran = OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], storm(unsafe { &*memory }, &mut input));
    ran.expect("the loop runs");
    // SAFETY: as above; it is a box's.
    drop(unsafe { Box::from_raw(memory) });
}));
