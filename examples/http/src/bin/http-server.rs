//! `cargo run -p http-example --bin http-server [ADDRESS]`, and then `curl http://ADDRESS/`. Ctrl-c ends it in good order.

use std::error::Error;

use everloop::net::TcpListener;
use http_example::{Site, serve};

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned()).parse()?;
    let site = Site::default();
    let outcome = everloop::run(async {
        let listener = TcpListener::bind(address)?;
        println!("serving http://{}/", listener.local_addr()?);
        match serve(listener, async |stream| Ok(stream), &site).await {}
    });
    println!("{} requests on {} connections", site.requests(), site.connections());
    match outcome {
        // Ctrl-c has cancelled it, and every request that had begun is answered.
        Err(everloop::RunError::Interrupted) => Ok(()),
        outcome => outcome?,
    }
}
