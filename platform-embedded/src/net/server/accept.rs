use everloop_core::net::{Buffers, ConnectionWriter, Listener, NetworkReader, NetworkWriter};
use everloop_core::{CreateErrorKind, Duration, call_exception_handler, sleep, try_create_task};

use super::super::connection::TcpConnection;
use super::super::listener::TcpListener;
use super::super::stack::Stack;
use super::serving::Serving;

/// When no slot for a connection's task is free, it is looked again after this time.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Tells who waits for a server's end when the task that accepts ends, however it does, also before its first step.
pub(super) struct TellAtEnd(pub(super) Stack);

impl Drop for TellAtEnd {
    fn drop(&mut self) {
        self.0.shared.gone.set();
    }
}

/// Accepts connections and starts a task for each, for ever.
pub(super) async fn accept<H, const RX: usize, const TX: usize>(
    end: TellAtEnd,
    listener: TcpListener,
    serial: u32,
    handler: H,
    buffers: Buffers<RX, TX>,
) where
    H: AsyncFn(NetworkReader<Stack, RX>, NetworkWriter<Stack, TX>) + Clone + 'static,
{
    let stack = end.0;
    loop {
        // An error means that the one connection is gone already.
        let Ok(mut connection) = listener.accept().await else { continue };
        stack.shared.interface.borrow_mut().enlist(connection.index(), serial);
        while let Err((back, kind)) = start(connection, &handler, buffers) {
            connection = back;
            if kind != CreateErrorKind::PoolFull {
                call_exception_handler("a connection is reset, since its task can't be created", &kind);
                connection.abort();
                break;
            }
            sleep(BACK_OFF).await;
        }
    }
}

/// Starts the task of a connection. What keeps it from that comes with the connection, so that only this is kept until the
/// next try, and not all that the task would be.
fn start<H, const RX: usize, const TX: usize>(
    connection: TcpConnection,
    handler: &H,
    buffers: Buffers<RX, TX>,
) -> Result<(), (TcpConnection, CreateErrorKind)>
where
    H: AsyncFn(NetworkReader<Stack, RX>, NetworkWriter<Stack, TX>) + Clone + 'static,
{
    let handler = handler.clone();
    let serve = move |connection| async move {
        let (reader, writer) = buffers.of(connection);
        handler(reader, writer).await;
    };
    match try_create_task(Serving::new(connection, serve)) {
        Ok(task) => {
            task.set_name("connection");
            Ok(())
        }
        Err(error) => match error.future.into_connection() {
            Some(connection) => Err((connection, error.kind)),
            // It was not polled.
            None => unreachable!(),
        },
    }
}
