//! The network suite on this machine, at a port that it prints.

use everloop::net::{Network, Tcp};
use everloop_network_suite::Suite;
use std::convert::Infallible;
use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

fn main() -> ExitCode {
    match everloop::run(serve()) {
        Ok(Err(error)) => eprintln!("network-host: {error}"),
        Err(error) => eprintln!("network-host: {error}"),
        // A suite never ends.
        Ok(Ok(never)) => match never {},
    }
    ExitCode::FAILURE
}

async fn serve() -> Result<Infallible, Box<dyn Error>> {
    let listener = Tcp.listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on {}", listener.local_addr()?)?;
    out.flush()?;
    let suite: &Suite = Box::leak(Box::new(Suite::new(0)));
    Ok(suite.run(&Tcp, listener, None, ()).await)
}
