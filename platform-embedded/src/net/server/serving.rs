use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::super::connection::TcpConnection;

pin_project! {
    /// The task of a connection. Until its first poll it is no more than the connection, which can be had back.
    #[project = Stage]
    pub(super) enum Serving<M, F> {
        New { connection: Option<(TcpConnection, M)> },
        Running { #[pin] future: F },
    }
}

impl<M: FnOnce(TcpConnection) -> F, F: Future<Output = ()>> Serving<M, F> {
    pub(super) fn new(connection: TcpConnection, serve: M) -> Self {
        Self::New { connection: Some((connection, serve)) }
    }

    /// The connection, if it was not polled yet.
    pub(super) fn into_connection(self) -> Option<TcpConnection> {
        match self {
            Self::New { connection } => connection.map(|(connection, _)| connection),
            Self::Running { .. } => None,
        }
    }
}

impl<M: FnOnce(TcpConnection) -> F, F: Future<Output = ()>> Future for Serving<M, F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Stage::New { connection } = self.as_mut().project() {
            // It is taken once: from here on this is the future that it makes.
            let Some((connection, serve)) = connection.take() else { return Poll::Ready(()) };
            let future = serve(connection);
            self.set(Self::Running { future });
        }
        match self.project() {
            Stage::Running { future } => future.poll(cx),
            Stage::New { .. } => Poll::Ready(()),
        }
    }
}
