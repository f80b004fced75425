use everloop_core::net::Listener;
use everloop_core::{Duration, create_task, sleep};

use crate::client;
use crate::station::Station;

/// How long to leave a listener alone that could not accept, for instance since the system is out of descriptors.
const BACK_OFF: Duration = Duration::from_millis(100);

impl Station {
    /// Serves clients for ever, each in a task of its own. One too many waits in the listener until another leaves.
    ///
    /// # Panics
    /// If a client's task finds no room: the pools must have [`CLIENTS`](crate::CLIENTS) free slots that are large
    /// enough, or the heap must be there.
    pub async fn serve<L: Listener>(&'static self, listener: L) -> ! {
        loop {
            let seat = self.seats.take().await;
            let connection = loop {
                match listener.accept().await {
                    Ok(connection) => break connection,
                    Err(_) => sleep(BACK_OFF).await,
                }
            };
            create_task(client::serve(self, connection, seat)).set_name("client");
        }
    }
}
