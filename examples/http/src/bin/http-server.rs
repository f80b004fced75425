//! `cargo run -p http-example --bin http-server [ADDRESS [CHAIN.pem KEY.pem]]`, and then `curl http://ADDRESS/`; with a
//! certificate and its key `curl https://ADDRESS/`. Ctrl-c ends it in good order.

use std::error::Error;

use everloop::net::TcpListener;
use http_example::{Site, acceptor, serve};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned()).parse()?;
    let tls = match (args.next(), args.next()) {
        (Some(chain), Some(key)) => Some(acceptor(chain, key)?),
        (Some(_), None) => return Err("a certificate needs its key".into()),
        _ => None,
    };
    let site = Site::default();
    let outcome = everloop::run(async {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        match tls {
            None => {
                println!("serving http://{address}/");
                match serve(listener, async |stream| Ok(stream), &site).await {}
            }
            Some(tls) => {
                println!("serving https://{address}/");
                match serve(listener, async |stream| Ok(tls.accept(stream).await?), &site).await {}
            }
        }
    });
    println!("{} requests on {} connections", site.requests(), site.connections());
    match outcome {
        // Ctrl-c has cancelled it, and every request that had begun is answered.
        Err(everloop::RunError::Interrupted) => Ok(()),
        outcome => outcome?,
    }
}
