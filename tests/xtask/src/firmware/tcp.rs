//! The TCP server.

use super::Test;
use super::program::Program;
use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

pub const TESTS: &[Test] = &[
    ("tcp-echoes-to-four-clients-at-once", echoes_to_four_clients_at_once),
    ("tcp-serves-a-fifth-client-when-another-leaves", serves_a_fifth_client_when_another_leaves),
    ("tcp-outlives-clients-that-reset", outlives_clients_that_reset),
];

/// How many the firmware serves at once.
const CLIENTS: u8 = 4;
/// How long an answer may take; a client that had to wait for its place asks again after some seconds.
const PATIENCE: Duration = Duration::from_secs(60);

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Says something and hears it back.
fn talk(stream: &mut TcpStream, text: &[u8]) -> Result<()> {
    stream.write_all(text)?;
    let mut back = vec![0; text.len()];
    stream.read_exact(&mut back).context("no answer")?;
    ensure!(back == text, "the answer is another: {}", back.escape_ascii());
    Ok(())
}

/// Says no more, and hears the end.
fn leave(mut stream: TcpStream) -> Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).context("the server did not close")?;
    ensure!(rest.is_empty(), "there was more: {}", rest.escape_ascii());
    Ok(())
}

fn echoes_to_four_clients_at_once() -> Result<()> {
    let (mut program, address) = Program::start_server("tcp")?;
    // All are connected before the first says anything.
    let mut clients = (0..CLIENTS).map(|_| connect(address)).collect::<Result<Vec<_>>>()?;
    for (number, client) in clients.iter_mut().enumerate() {
        talk(client, format!("hello from {number}\n").as_bytes())?;
    }
    thread::scope(|scope| {
        let talks: Vec<_> = clients
            .into_iter()
            .zip(1..)
            .map(|(mut client, step): (_, u8)| {
                scope.spawn(move || {
                    for round in 0..20u8 {
                        let text: Vec<_> =
                            (0..3_000u32).map(|at| (at as u8).wrapping_mul(step) ^ round).collect();
                        talk(&mut client, &text)?;
                    }
                    leave(client)
                })
            })
            .collect();
        talks.into_iter().try_for_each(|talk| talk.join().expect("a client panicked"))
    })?;
    let mut left = 0;
    program.wait(|line| {
        left += u8::from(line.ends_with(&format!(" said {} bytes", 20 * 3_000 + 13)));
        (left == CLIENTS).then_some(())
    })
}

fn serves_a_fifth_client_when_another_leaves() -> Result<()> {
    let (_program, address) = Program::start_server("tcp")?;
    let mut clients = (0..CLIENTS).map(|_| connect(address)).collect::<Result<Vec<_>>>()?;
    for client in &mut clients {
        talk(client, b"first\n")?;
    }
    // QEMU takes the connection, but it finds no place at the server.
    let mut fifth = connect(address)?;
    fifth.write_all(b"fifth\n")?;
    fifth.set_read_timeout(Some(Duration::from_millis(500)))?;
    let mut back = [0; 6];
    ensure!(fifth.read(&mut back).is_err(), "a fifth client was served beside four others");
    leave(clients.swap_remove(2))?;
    fifth.set_read_timeout(Some(PATIENCE))?;
    fifth.read_exact(&mut back).context("no answer when there was a place")?;
    ensure!(&back == b"fifth\n", "the answer is another: {}", back.escape_ascii());
    for client in &mut clients {
        talk(client, b"still here\n")?;
    }
    Ok(())
}

fn outlives_clients_that_reset() -> Result<()> {
    let (mut program, address) = Program::start_server("tcp")?;
    for _ in 0..3 * CLIENTS {
        let mut client = connect(address)?;
        talk(&mut client, b"I am rude\n")?;
        socket2::Socket::from(client).set_linger(Some(Duration::ZERO))?;
    }
    let mut client = connect(address)?;
    talk(&mut client, b"and I am not\n")?;
    leave(client)?;
    program.ensure_running()
}
