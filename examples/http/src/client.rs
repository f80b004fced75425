//! The client.

use std::error::Error;
use std::fmt;
use std::io;

use everloop::net::{TcpStream, lookup_host};
use everloop::{CancelledError, Task, create_task};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HOST;
use hyper::rt::{Read, Write};
use hyper::{Method, Request, StatusCode};

/// Connects to a host by its name or address.
///
/// # Errors
/// There is no such host, or it answers at none of its addresses: then it is the last one's error.
pub async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in lookup_host(host, port).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// One connection to a server, which is kept open for further requests.
#[derive(Debug)]
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    connection: Task<hyper::Result<()>>,
    host: String,
}

impl Client {
    /// A client over what leads to the server of that name.
    ///
    /// # Errors
    /// hyper's.
    pub async fn over<I>(io: I, host: impl Into<String>) -> Result<Self, Failure>
    where
        I: Read + Write + Unpin + 'static,
    {
        let (sender, connection) = http1::handshake(io).await?;
        // It carries requests out and answers in, for as long as there is a sender.
        let connection = create_task(connection).named("connection");
        Ok(Self { sender, connection, host: host.into() })
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// The connection broke, or what came was not HTTP.
    pub async fn get(&mut self, path: &str) -> Result<(StatusCode, Bytes), Failure> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// Sends `body` to a page.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub async fn post(&mut self, path: &str, body: impl Into<Bytes>) -> Result<(StatusCode, Bytes), Failure> {
        self.send(Method::POST, path, body.into()).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let request = Request::builder().method(method).uri(path).header(HOST, &self.host);
        let request = request.body(Full::new(body)).map_err(|error| Failure::Request(error.to_string()))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// Closes the connection in good order.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn close(self) -> Result<(), Failure> {
        drop(self.sender);
        Ok(self.connection.await??)
    }
}

/// Why a request got no answer.
#[derive(Debug)]
pub enum Failure {
    /// No connection could be made.
    Connect(io::Error),
    /// There is no such request.
    Request(String),
    /// The connection broke, or what came was not HTTP.
    Http(hyper::Error),
    /// The connection's task was cancelled.
    Cancelled(CancelledError),
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        Self::Http(error)
    }
}

impl From<CancelledError> for Failure {
    fn from(error: CancelledError) -> Self {
        Self::Cancelled(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "no connection: {error}"),
            Self::Request(why) => write!(f, "no such request: {why}"),
            Self::Http(error) => match error.source() {
                Some(source) => write!(f, "{error}: {source}"),
                None => error.fmt(f),
            },
            Self::Cancelled(error) => error.fmt(f),
        }
    }
}

impl Error for Failure {}
