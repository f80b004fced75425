use embedded_hal::digital::{ErrorType, InputPin};
use embedded_hal_async::digital::Wait;
use everloop_core::{Event, Shared};

use crate::atomic::{AtomicU8, Ordering};

/// What a pin's interrupt is to come for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Trigger {
    /// The pin is high, or becomes so.
    High,
    /// The pin is low, or becomes so.
    Low,
    /// It goes from low to high.
    Rising,
    /// It goes from high to low.
    Falling,
    /// It changes.
    Any,
}

/// What a chip's program knows of the interrupt of one pin: how to let it in and how to mask it.
pub trait PinInterrupt {
    /// Lets the interrupt in. A chip that knows no such trigger may take one that comes more often, such as any edge. It is
    /// called again after each interrupt, since a handler of one that comes for a level has to mask it.
    fn enable(&mut self, trigger: Trigger);

    /// Masks it: nobody waits any more.
    fn disable(&mut self);
}

const RISING: u8 = 1;
const FALLING: u8 = 2;

/// Where the handler of a pin's interrupt tells what has come: a `static`, one for each pin. See [`WaitPin`].
pub struct PinSignal {
    seen: AtomicU8,
    event: Event<Shared>,
}

impl PinSignal {
    /// Nothing has come.
    pub const fn new() -> Self {
        Self { seen: AtomicU8::new(0), event: Event::new() }
    }

    /// The pin has gone from low to high, whatever it is now. For handlers that can tell.
    pub fn rising(&self) {
        self.tell(RISING);
    }

    /// The pin has gone from high to low, whatever it is now. For handlers that can tell.
    pub fn falling(&self) {
        self.tell(FALLING);
    }

    /// There was an interrupt, of this pin or of another that shares it: who waits looks at the level. A pulse that is over
    /// by then goes unseen; a handler that can tell the edge says [`rising`](Self::rising) or [`falling`](Self::falling).
    pub fn on_interrupt(&self) {
        self.event.set();
    }

    fn tell(&self, edge: u8) {
        self.seen.fetch_or(edge, Ordering::AcqRel);
        self.event.set();
    }

    /// The edges that were told since the last call.
    fn take(&self) -> u8 {
        self.seen.swap(0, Ordering::AcqRel)
    }
}

impl Default for PinSignal {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for PinSignal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PinSignal").field("seen", &self.seen.load(Ordering::Relaxed)).finish_non_exhaustive()
    }
}

/// An input pin that can be waited for: `embedded-hal-async`'s `Wait` for any `embedded-hal` pin that has an interrupt.
///
/// ```no_run
/// # use embedded_hal::digital::{ErrorType, InputPin};
/// use embedded_hal_async::digital::Wait;
/// use everloop_embedded::{Loop, PinInterrupt, PinSignal, Trigger, WaitPin};
/// # struct Button;
/// # impl ErrorType for Button { type Error = core::convert::Infallible; }
/// # impl InputPin for Button {
/// #     fn is_high(&mut self) -> Result<bool, Self::Error> { Ok(true) }
/// #     fn is_low(&mut self) -> Result<bool, Self::Error> { Ok(false) }
/// # }
///
/// static BUTTON: PinSignal = PinSignal::new();
///
/// // #[interrupt]
/// fn GPIO0_0() {
///     // Acknowledge it at the chip, then:
///     BUTTON.on_interrupt();
/// }
///
/// struct ButtonInterrupt;
///
/// impl PinInterrupt for ButtonInterrupt {
///     fn enable(&mut self, trigger: Trigger) { /* the chip's registers */ }
///     fn disable(&mut self) { /* the chip's registers */ }
/// }
///
/// # static LOOP: Loop = Loop::new();
/// # let button = Button;
/// let mut button = WaitPin::new(button, ButtonInterrupt, &BUTTON);
/// LOOP.run(&[], async {
///     button.wait_for_falling_edge().await.unwrap();
/// }).unwrap();
/// ```
///
/// A level that is there already is waited for no longer; an edge is one that comes after the call. One that comes while
/// the task has yet to run counts, also if another follows it, as far as [`PinSignal`] was told of it: a `wait_for_high`
/// ends as well if the pin was high meanwhile. Interrupts for no reason are borne. An error of the pin ends the wait.
///
/// # Cancel safety
/// A wait that is dropped masks the interrupt. What came meanwhile is forgotten.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// Yes: by [`PinSignal`]'s functions.
#[derive(Debug)]
pub struct WaitPin<P, I> {
    pin: P,
    interrupt: I,
    signal: &'static PinSignal,
}

impl<P: InputPin, I: PinInterrupt> WaitPin<P, I> {
    /// A pin, its interrupt, and what the handler tells it by, which no other pin may use.
    pub fn new(pin: P, interrupt: I, signal: &'static PinSignal) -> Self {
        Self { pin, interrupt, signal }
    }

    /// Gives the pin and its interrupt back.
    pub fn into_inner(self) -> (P, I) {
        (self.pin, self.interrupt)
    }

    async fn wait(&mut self, trigger: Trigger) -> Result<(), P::Error> {
        let Self { pin, interrupt, signal } = self;
        // What came before the call is of no interest to it.
        signal.take();
        let mut was_high = pin.is_high()?;
        match trigger {
            Trigger::High if was_high => return Ok(()),
            Trigger::Low if !was_high => return Ok(()),
            _ => {}
        }
        let wanted = match trigger {
            Trigger::High | Trigger::Rising => RISING,
            Trigger::Low | Trigger::Falling => FALLING,
            Trigger::Any => RISING | FALLING,
        };
        let enabled = Enabled(interrupt);
        loop {
            // In this order: what comes from here on sets the event again, and what came before is seen below.
            signal.event.clear();
            // From the other level it has to be seen first that it leaves that: a chip with an exact trigger would not tell.
            enabled.0.enable(match trigger {
                Trigger::Rising if was_high => Trigger::Any,
                Trigger::Falling if !was_high => Trigger::Any,
                trigger => trigger,
            });
            let mut seen = signal.take();
            let is_high = pin.is_high()?;
            if is_high != was_high {
                seen |= if is_high { RISING } else { FALLING };
            }
            if seen & wanted != 0 {
                return Ok(());
            }
            was_high = is_high;
            signal.event.wait().await;
        }
    }
}

/// Masks the interrupt when the wait is over, in whatever way.
struct Enabled<'a, I: PinInterrupt>(&'a mut I);

impl<I: PinInterrupt> Drop for Enabled<'_, I> {
    fn drop(&mut self) {
        self.0.disable();
    }
}

impl<P: InputPin, I> ErrorType for WaitPin<P, I> {
    type Error = P::Error;
}

impl<P: InputPin, I> InputPin for WaitPin<P, I> {
    fn is_high(&mut self) -> Result<bool, Self::Error> {
        self.pin.is_high()
    }

    fn is_low(&mut self) -> Result<bool, Self::Error> {
        self.pin.is_low()
    }
}

impl<P: InputPin, I: PinInterrupt> Wait for WaitPin<P, I> {
    async fn wait_for_high(&mut self) -> Result<(), Self::Error> {
        self.wait(Trigger::High).await
    }

    async fn wait_for_low(&mut self) -> Result<(), Self::Error> {
        self.wait(Trigger::Low).await
    }

    async fn wait_for_rising_edge(&mut self) -> Result<(), Self::Error> {
        self.wait(Trigger::Rising).await
    }

    async fn wait_for_falling_edge(&mut self) -> Result<(), Self::Error> {
        self.wait(Trigger::Falling).await
    }

    async fn wait_for_any_edge(&mut self) -> Result<(), Self::Error> {
        self.wait(Trigger::Any).await
    }
}
