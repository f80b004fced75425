use core::convert::Infallible;
use core::fmt;
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Context, Poll};

use embassy_net_driver::{Driver, LinkState, RxToken};
use everloop_core::{Instant, sleep_until};

use super::stack::Shared;

/// So many frames at most are taken in before other tasks have their turn.
const FRAMES: usize = 16;

/// Moves the frames of a [`Stack`](super::Stack) between its connections and the driver. Must run as a task.
pub struct Runner<D> {
    driver: D,
    shared: &'static Shared,
}

impl<D: Driver> Runner<D> {
    pub(super) fn new(driver: D, shared: &'static Shared) -> Self {
        Self { driver, shared }
    }

    /// Moves frames, for ever.
    ///
    /// # Cancel safety
    /// May be dropped and called again; meanwhile nothing moves.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// By the driver, as it does; and by the loop's timer.
    ///
    /// # Panics
    /// Outside a running loop.
    pub async fn run(&mut self) -> ! {
        let mut timer = pin!(None);
        let mut set_for = None;
        let never: Infallible = poll_fn(|cx| {
            let next = self.turn(cx);
            if next != set_for {
                set_for = next;
                timer.set(next.map(sleep_until));
            }
            if let Some(sleep) = timer.as_mut().as_pin_mut()
                && sleep.poll(cx).is_ready()
            {
                // The time has come since the turn began.
                set_for = None;
                timer.set(None);
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        })
        .await;
        match never {}
    }

    /// Does what there is to do now. Gives the time of the next turn, if nothing happens before.
    fn turn(&mut self, cx: &mut Context<'_>) -> Option<Instant> {
        let bindings = &self.shared.bindings[..];
        let mut interface = self.shared.interface.borrow_mut();
        interface.begin(Instant::now(), cx.waker(), bindings);
        let up = self.driver.link_state(cx) == LinkState::Up;
        interface.set_link(up);
        let mut more = true;
        for _ in 0..FRAMES {
            let Some((frame, room)) = self.driver.receive(cx) else {
                more = false;
                break;
            };
            frame.consume(|frame| interface.receive(frame, room, bindings));
        }
        let sent = interface.send(&mut self.driver, cx, bindings);
        let next = interface.deadline(&sent);
        drop(interface);
        if more || sent.more {
            cx.waker().wake_by_ref();
        }
        self.shared.tell();
        for binding in bindings {
            binding.tell();
        }
        next
    }
}

impl<D> fmt::Debug for Runner<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Runner")
    }
}
