//! An HTTP client that was written for embassy, as it is.

use std::net::SocketAddr;

use embedded_io_async::{Read, Write};
use everloop_embedded::create_task;
use everloop_embedded::net::{Listener, Network, TcpConnection};
use reqwless::client::HttpClient;
use reqwless::request::{Method, RequestBuilder};
use reqwless::response::StatusCode;

use crate::dns::run;
use crate::world::{World, address, pattern};

/// The head of a request, and its body.
async fn request(connection: &mut TcpConnection) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        let mut byte = [0];
        if connection.read(&mut byte).await.ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body).await.ok()?;
    Some((head, body))
}

/// Says back what was asked, and in the answer to a GET four kilobytes.
async fn serve(mut connection: TcpConnection) {
    while let Some((head, body)) = request(&mut connection).await {
        let body = if head.starts_with("GET /big ") { pattern(4096) } else { body };
        let found = !head.contains(" /none ");
        let status = if found { "200 OK" } else { "404 Not Found" };
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
        let sent = async {
            connection.write_all(answer.as_bytes()).await?;
            connection.write_all(&body).await
        };
        if sent.await.is_err() {
            return;
        }
    }
}

async fn with_server(world: &World) {
    let at = SocketAddr::from((address(crate::world::SERVER), 8080));
    let listener = world.server.listen(at).await.unwrap();
    create_task(async move {
        loop {
            serve(listener.accept().await.unwrap()).await;
        }
    });
}

#[test]
fn get_by_name() {
    run(async |world: World| {
        with_server(&world).await;
        let mut client = HttpClient::new(&world.client, &world.client);
        let mut buffer = [0; 8192];
        let mut request = client.request(Method::GET, "http://good.test:8080/big").await.unwrap();
        let response = request.send(&mut buffer).await.unwrap();
        assert_eq!(response.status, StatusCode(200));
        assert_eq!(response.body().read_to_end().await.unwrap(), pattern(4096));
    });
}

#[test]
fn post_and_what_is_not_found() {
    run(async |world: World| {
        with_server(&world).await;
        let mut client = HttpClient::new(&world.client, &world.client);
        let body = pattern(2000);
        for (path, status) in [("", 200), ("none", 404)] {
            let mut buffer = [0; 4096];
            let url = format!("http://10.0.0.1:8080/{path}");
            let request = client.request(Method::POST, &url).await.unwrap();
            let mut request = request.body(&body[..]);
            let response = request.send(&mut buffer).await.unwrap();
            assert_eq!(response.status, StatusCode(status));
            assert_eq!(response.body().read_to_end().await.unwrap(), body);
        }
    });
}

#[test]
fn a_host_that_is_not_there_is_its_error() {
    run(async |world: World| {
        let mut client = HttpClient::new(&world.client, &world.client);
        for url in ["http://unknown.test/", "http://good.test:81/"] {
            assert!(client.request(Method::GET, url).await.is_err(), "{url}");
        }
        world.settle().await;
        assert_eq!(world.client.free_connections(), 16);
        assert_eq!(world.client.free_udp_sockets(), 2);
    });
}
