//! `cargo run -p http-example --bin http-get URL [AUTHORITIES.pem]`: prints a page. Whom an `https://` server must be
//! certified by are those in the file, or else those whom the operating system trusts.

use std::error::Error;

use http_example::{Client, connect, connector};
use hyper::Uri;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let uri: Uri = args.next().ok_or("which page? give its URL")?.parse()?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("a URL begins with http:// or https:// and a host".into());
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authorities = args.next();
    everloop::run(async {
        let port = authority.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        let stream = connect(authority.host(), port).await?;
        let mut client = if scheme == "https" {
            let tls = connector(authorities.as_deref())?.server_hostname(authority.host());
            Client::over(tls.connect(stream).await?, authority.as_str()).await?
        } else {
            Client::over(stream, authority.as_str()).await?
        };
        let (status, body) = client.get(path).await?;
        client.close().await?;
        print!("{}", String::from_utf8_lossy(&body));
        if status.is_success() { Ok(()) } else { Err(status.to_string().into()) }
    })?
}
