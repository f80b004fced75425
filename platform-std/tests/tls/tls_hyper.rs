//! HTTPS by hyper.
#![allow(missing_docs)]

use std::convert::Infallible;

use crate::support::tls::{patterned, tls_pair};
use everloop::create_task;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};

async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from(request.into_body().collect().await.unwrap().to_bytes())))
}

#[test]
fn requests_and_answers_go_over_tls() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let server = create_task(http1::Builder::new().serve_connection(far, service_fn(echo)));
        let (mut sender, connection) = conn::http1::handshake(near).await.unwrap();
        let connection = create_task(connection);
        for size in [1, 500_000] {
            let body = patterned(0..size);
            sender.ready().await.unwrap();
            let request = Request::post("/")
                .header("host", "localhost")
                .body(Full::<Bytes>::from(body.clone()))
                .unwrap();
            let answer = sender.send_request(request).await.unwrap();
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), body);
        }
        drop(sender);
        connection.await.unwrap().unwrap();
        server.await.unwrap().unwrap();
    })
    .unwrap();
}
