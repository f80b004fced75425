//! What runs on each thread of a server.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use everloop_core::select;

use super::error::StoppedReason;
use super::listeners::Handed;
use super::shared::{Command, Failure, Life, Line};
use crate::RunError;
use crate::net::kind::Kind;
use crate::net::{Server, SocketReader, SocketWriter, StartError};

/// One thread's part of a server.
pub(super) struct Worker<K: Kind> {
    pub(super) life: Life,
    /// Its place among the threads.
    pub(super) number: usize,
    pub(super) listeners: Vec<Handed<K>>,
    pub(super) limit: usize,
}

impl<K: Kind> Worker<K> {
    /// Serves until it is asked to stop and all connections are closed.
    pub(super) fn run<H>(self, make: &dyn Fn() -> H)
    where
        H: AsyncFn(SocketReader<K>, SocketWriter<K>) + 'static,
    {
        let Self { life, number, listeners, limit } = self;
        let shared = &*life.0;
        let started = Cell::new(false);
        let serve = async || {
            let listeners: io::Result<_> = listeners.into_iter().map(|handed| handed()).collect();
            let listeners = listeners.map_err(StartError::ThreadLoop)?;
            let server = Server::<K>::new(listeners, limit, make()).map_err(StartError::ThreadLoop)?;
            started.set(true);
            let _ = shared.started.put_nowait(Ok(()));
            obey(&server, shared.commands(number)).await;
            // Else it has closed by itself: a task of the loop has cancelled the one that accepts.
            Ok(shared.is_closed())
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| crate::run(serve())));
        if !started.get() {
            let failure = match outcome {
                Ok(Ok(Ok(_))) => unreachable!("it has served, so it has started"),
                Ok(Ok(Err(error))) => Failure::Error(error),
                Ok(Err(RunError::Poller(error))) => Failure::Error(StartError::ThreadLoop(error)),
                // `make` has cancelled the main task.
                Ok(Err(error)) => Failure::Error(StartError::ThreadLoop(io::Error::other(error))),
                Err(payload) => Failure::Panic(payload),
            };
            let _ = shared.started.put_nowait(Err(failure));
            return;
        }
        match outcome {
            Ok(Ok(Ok(true))) => {}
            Ok(Ok(Ok(false) | Err(_))) => shared.stopped(number, StoppedReason::Closed, None),
            Ok(Err(_)) => shared.stopped(number, StoppedReason::Cancelled, None),
            Err(payload) => shared.stopped(number, StoppedReason::Panicked, Some(payload)),
        }
    }
}

/// Does as it is told until the server is closed and all its connections are.
async fn obey<K: Kind>(server: &Server<K>, commands: &Line<Command>) {
    let told = async {
        // Never shut, so this goes on until the other part is done.
        while let Ok(command) = commands.get().await {
            match command {
                Command::Close => server.close(),
                Command::CloseClients => server.close_clients(),
                Command::AbortClients => server.abort_clients(),
            }
        }
    };
    let _ = select((server.wait_closed(), told)).await;
}
