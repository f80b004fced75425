//! A small HTTP server.

use anyhow::Result;
use std::io::{BufRead, BufReader, Read, Result as IoResult, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// It says hello to a GET, and gives back what is posted. It serves until the program ends.
pub struct Server {
    port: u16,
    gets: Arc<AtomicU32>,
    posts: Arc<AtomicU32>,
}

impl Server {
    /// Listens on a port of its own.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let server = Self { port, gets: Arc::default(), posts: Arc::default() };
        let (gets, posts) = (server.gets.clone(), server.posts.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (gets, posts) = (gets.clone(), posts.clone());
                // A client that goes away midway has failed, and says so itself.
                thread::spawn(move || serve(&stream, &gets, &posts));
            }
        });
        Ok(server)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many GET and how many POST were asked for.
    pub fn served(&self) -> (u32, u32) {
        (self.gets.load(Ordering::SeqCst), self.posts.load(Ordering::SeqCst))
    }
}

fn serve(mut stream: &TcpStream, gets: &AtomicU32, posts: &AtomicU32) -> IoResult<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        if first.starts_with("POST ") {
            posts.fetch_add(1, Ordering::SeqCst);
        } else {
            gets.fetch_add(1, Ordering::SeqCst);
            body = b"hello from the host".to_vec();
        }
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len())?;
        stream.write_all(&body)?;
    }
}
