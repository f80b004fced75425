//! A server for TCP and one at a Unix socket, and clients that come, talk, and go in every way there is.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use everloop::net::{Kind, Server, SocketReader, SocketWriter};
use everloop::{
    create_task, gather, open_connection, open_unix_connection, sleep, start_server, start_unix_server,
    wait_for,
};

use super::{Dice, What, count};

const CLIENTS: u64 = 6;

async fn echo<K: Kind>(mut reader: SocketReader<K>, writer: SocketWriter<K>) {
    while let Ok(line @ [_, ..]) = reader.readline().await {
        if writer.write(line).is_err() || writer.drain().await.is_err() {
            break;
        }
    }
}

/// The path of the Unix socket, which goes with it.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A server that is closed when the load ends.
struct Closed<K: Kind>(Server<K>);

impl<K: Kind> Drop for Closed<K> {
    fn drop(&mut self) {
        self.0.close();
        self.0.abort_clients();
    }
}

/// Serves, and sends the clients, for ever.
pub async fn run() {
    let tcp = start_server(echo, SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("there is a port");
    let tcp = Closed(tcp);
    let place = Place(std::env::temp_dir().join(format!("everloop-soak-{}", std::process::id())));
    let _unix = Closed(start_unix_server(echo, &place.0).await.expect("there is a place"));
    let addr = tcp.0.local_addrs()[0];
    let clients = (0..CLIENTS).map(|seed| create_task(client(seed, addr, place.0.clone())));
    gather(clients.collect::<Vec<_>>()).await;
}

async fn client(seed: u64, addr: SocketAddr, path: PathBuf) {
    let mut dice = Dice::new(seed + 1);
    loop {
        sleep(dice.millis(100)).await;
        // A visit that is given up leaves no more behind than one that is not.
        let limit = if dice.below(5) == 0 { dice.millis(3) } else { dice.millis(10_000) };
        let manner = dice.below(4);
        let visit = async {
            if dice.below(2) == 0 { by_tcp(addr, manner).await } else { by_path(&path, manner).await }
        };
        let _ = wait_for(visit, limit).await;
        count(What::Connection);
    }
}

async fn by_tcp(addr: SocketAddr, manner: u64) -> io::Result<()> {
    let (reader, writer) = open_connection(addr).await.map_err(io::Error::other)?;
    talk(reader, writer, manner).await
}

async fn by_path(path: &Path, manner: u64) -> io::Result<()> {
    let (reader, writer) = open_unix_connection(path).await.map_err(io::Error::other)?;
    talk(reader, writer, manner).await
}

async fn talk<K: Kind>(mut reader: SocketReader<K>, writer: SocketWriter<K>, manner: u64) -> io::Result<()> {
    for length in [10, 1000, 20_000] {
        let mut line = vec![b'x'; length];
        line.push(b'\n');
        writer.write(&line).map_err(io::Error::other)?;
        writer.drain().await?;
        let back = reader.readline().await.map_err(io::Error::other)?;
        assert_eq!(back, line, "the server sends back what it got");
    }
    match manner {
        0 => {
            writer.close();
            writer.wait_closed().await?;
        }
        1 => {
            writer.write_eof();
            reader.read_to_end(&mut Vec::new()).await?;
        }
        2 => writer.abort(),
        // Simply gone.
        _ => {}
    }
    Ok(())
}
