//! `cargo run -p http-example --bin http-get URL`: prints a page.

use std::error::Error;

use http_example::{Client, connect};
use hyper::Uri;

fn main() -> Result<(), Box<dyn Error>> {
    let uri: Uri = std::env::args().nth(1).ok_or("which page? give its URL")?.parse()?;
    let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("a URL begins with http:// and a host".into());
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    everloop::run(async {
        let stream = connect(authority.host(), authority.port_u16().unwrap_or(80)).await?;
        let mut client = Client::over(stream, authority.as_str()).await?;
        let (status, body) = client.get(path).await?;
        client.close().await?;
        print!("{}", String::from_utf8_lossy(&body));
        if status.is_success() { Ok(()) } else { Err(status.to_string().into()) }
    })?
}
