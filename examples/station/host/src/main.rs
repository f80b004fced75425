//! The station on this machine: `station-host [--port N]`.

mod args;

use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use everloop::net::{Network, Tcp};
use station::{SimulatedBus, Station};

fn main() -> ExitCode {
    let port = match args::port(std::env::args().skip(1)) {
        Ok(port) => port,
        Err(why) => {
            eprintln!("station-host: {why}\nusage: station-host [--port N]   (7000 if not given, 0 for any)");
            return ExitCode::from(2);
        }
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match everloop::run(serve(address)) {
        Ok(Err(error)) => eprintln!("station-host: {address}: {error}"),
        Err(error) => eprintln!("station-host: {error}"),
        // A station never ends.
        Ok(Ok(never)) => match never {},
    }
    ExitCode::FAILURE
}

async fn serve(address: SocketAddr) -> Result<std::convert::Infallible, Box<dyn Error>> {
    let listener = Tcp.listen(address).await?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on {}", listener.local_addr()?)?;
    out.flush()?;
    let station: &Station = Box::leak(Box::default());
    station.run(SimulatedBus::new(), listener).await
}
