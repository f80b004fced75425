//! A server is asked for the headers of a page.
//!
//! The Python of the documentation also takes `https`; see `examples/http` for that.
//!
//! `cargo run -p asyncio-examples --bin http_headers http://HOST[:PORT]/PATH`

use std::error::Error;

use everloop::open_connection;

/// `print_http_headers` of the Python.
///
/// # Errors
/// No connection, or one that fails, where the Python raises them.
pub async fn print_http_headers(url: &str) -> Result<(), Box<dyn Error>> {
    let rest = url.strip_prefix("http://").ok_or("the URL begins with http://")?;
    let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
    let (hostname, port) = match authority.rsplit_once(':') {
        Some((hostname, port)) => (hostname, port.parse()?),
        None => (authority, 80),
    };
    let (mut reader, writer) = open_connection((hostname, port)).await?;

    let query = format!(
        "HEAD /{path} HTTP/1.0\r\n\
         Host: {hostname}\r\n\
         \r\n"
    );

    writer.write(query.as_bytes())?;
    loop {
        let line = reader.readline().await?;
        if line.is_empty() {
            break;
        }

        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        if !line.is_empty() {
            println!("HTTP header> {line}");
        }
    }

    // Ignore the body, close the socket
    writer.close();
    writer.wait_closed().await?;
    Ok(())
}

/// What the Python runs.
///
/// # Errors
/// As `print_http_headers`.
pub async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("which page? give its URL")?;
    print_http_headers(&url).await
}
