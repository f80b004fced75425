//! What the server has to offer.

use std::cell::Cell;
use std::convert::Infallible;

use everloop::{Duration, sleep};
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::{Method, Request, Response, StatusCode};

/// How long `/slow` takes.
const SLOW: Duration = Duration::from_millis(50);

/// A few pages, and what was asked for so far. One loop serves them all, so counting takes no atomics.
#[derive(Debug, Default)]
pub struct Site {
    connections: Cell<u64>,
    requests: Cell<u64>,
}

impl Site {
    /// How many connections there were.
    pub fn connections(&self) -> u64 {
        self.connections.get()
    }

    /// How many requests there were.
    pub fn requests(&self) -> u64 {
        self.requests.get()
    }

    pub(crate) fn count_connection(&self) {
        self.connections.set(self.connections.get() + 1);
    }

    /// Answers a request: `/` greets, `/slow` does so after a while, and `/echo` sends back what is posted to it, as it
    /// comes.
    pub async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Either<Full<Bytes>, Incoming>>, Infallible> {
        self.requests.set(self.requests.get() + 1);
        let allowed: &[Method] = match request.uri().path() {
            "/" | "/slow" => &[Method::GET, Method::HEAD],
            "/echo" => &[Method::POST],
            _ => return Ok(text(StatusCode::NOT_FOUND, "There is no such page.\n")),
        };
        if !allowed.contains(request.method()) {
            let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, "That can't be done with this page.\n");
            for method in allowed {
                if let Ok(name) = method.as_str().parse() {
                    refusal.headers_mut().append(ALLOW, name);
                }
            }
            return Ok(refusal);
        }
        Ok(match request.uri().path() {
            "/echo" => Response::new(Either::Right(request.into_body())),
            "/slow" => {
                sleep(SLOW).await;
                text(StatusCode::OK, "Better late than never.\n")
            }
            _ => text(StatusCode::OK, "Hello from everloop.\n"),
        })
    }
}

fn text(status: StatusCode, text: &'static str) -> Response<Either<Full<Bytes>, Incoming>> {
    let mut response = Response::new(Either::Left(Full::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("text/plain"));
    response
}
