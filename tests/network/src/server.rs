//! Serving connections, each by a task of its own, and running the cases when one asks for them.

use crate::cases;
use crate::client::Client;
use crate::pattern::Tally;
use crate::report::{Line, Report};
use crate::request::Order;
use crate::service;
use core::cell::Cell;
use core::convert::Infallible;
use core::net::SocketAddr;
use everloop_core::net::{Listener, Streams};
use everloop_core::{Duration, Fixed, Queue, Semaphore, create_task, sleep, wait_for};

/// How long to leave a listener alone that could not accept.
const BACK_OFF: Duration = Duration::from_millis(100);
/// How long a hasty server waits for a connection before it waits anew.
const HASTE: Duration = Duration::from_millis(3);
/// How many connections are served where no end is known.
const NO_END: usize = 256;

/// What was heard on a connection that is remembered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// How many there were.
    pub serial: u32,
    /// What came on the last one.
    pub heard: Tally,
    /// How it ended, as the service `last` says it.
    pub end: u8,
}

/// Cases of what only some networks have.
#[allow(async_fn_in_trait)]
pub trait OwnCases {
    /// Runs them.
    async fn run(&self, order: &Order, report: &mut Report<'_>);
}

/// None.
impl OwnCases for () {
    async fn run(&self, _: &Order, _: &mut Report<'_>) {}
}

/// Both ends of the conversations; see the crate's docs.
pub struct Suite {
    pub(crate) places: usize,
    seats: Semaphore,
    pub(crate) orders: Queue<Order, Fixed<1>>,
    pub(crate) lines: Queue<Line, Fixed<2>>,
    pub(crate) memory: Cell<Memory>,
    pub(crate) hasty: Cell<bool>,
}

impl Suite {
    /// Serves so many connections at once, which must be as many as the network can have; 0 if there is no end to that.
    pub const fn new(places: usize) -> Self {
        Self {
            places,
            seats: Semaphore::new(if places == 0 { NO_END } else { places }),
            orders: Queue::new(),
            lines: Queue::new(),
            memory: Cell::new(Memory { serial: 0, heard: Tally { count: 0, sum: 0 }, end: 0 }),
            hasty: Cell::new(false),
        }
    }

    /// Serves for ever, and runs the cases by this network, and its `own`, when asked to. `nowhere` is an address at which
    /// nobody answers at all, if there is one.
    ///
    /// # Panics
    /// If tasks find no room: one for the listener, and one for each connection.
    pub async fn run<N: Streams>(
        &'static self,
        network: &N,
        listener: N::Listener,
        nowhere: Option<SocketAddr>,
        own: impl OwnCases,
    ) -> Infallible {
        create_task(self.serve(listener)).set_name("listener");
        loop {
            // Nobody shuts the queue down.
            let Ok(order) = self.orders.get().await else { unreachable!() };
            let client = Client::new(network, order.server);
            let mut report = Report::new(&self.lines);
            cases::run(&client, &order, nowhere, &mut report).await;
            own.run(&order, &mut report).await;
            report.finish().await;
        }
    }

    async fn serve<L: Listener>(&'static self, listener: L) -> ! {
        loop {
            let seat = self.seats.acquire().await;
            let connection = loop {
                let accepted = match self.hasty.get() {
                    true => match wait_for(listener.accept(), HASTE).await {
                        Ok(accepted) => accepted,
                        Err(_too_slow) => continue,
                    },
                    false => listener.accept().await,
                };
                match accepted {
                    Ok(connection) => break connection,
                    Err(_) => sleep(BACK_OFF).await,
                }
            };
            create_task(async move {
                service::serve(self, connection).await;
                // After the connection, so that whoever gets the seat finds its buffers free too.
                drop(seat);
            })
            .set_name("connection");
        }
    }

    /// Remembers what was heard on a connection.
    pub(crate) fn remember(&self, heard: Tally, end: u8) {
        let serial = self.memory.get().serial + 1;
        self.memory.set(Memory { serial, heard, end });
    }
}
