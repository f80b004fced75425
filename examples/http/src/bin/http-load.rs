//! `cargo run -p http-example --bin http-load HOST:PORT [CONNECTIONS] [REQUESTS]`: asks for the first page of a server so
//! many times on each of so many connections, and says how it went.

use std::error::Error;

use http_example::{connect, load};
use hyper::http::uri::Authority;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let server: Authority = args.next().ok_or("which server? give HOST:PORT")?.parse()?;
    let connections = args.next().map_or(Ok(64), |arg| arg.parse())?;
    let requests = args.next().map_or(Ok(1000), |arg| arg.parse())?;
    let (host, port) = (server.host(), server.port_u16().unwrap_or(80));
    let report =
        everloop::run(load(async || connect(host, port).await, server.as_str(), "/", connections, requests))?;
    println!("{report}");
    if report.failures.is_empty() { Ok(()) } else { Err("not every request was answered".into()) }
}
