use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time;

use embedded_hal::digital::{ErrorKind, ErrorType, InputPin};
use embedded_hal_async::delay::DelayNs;
use embedded_hal_async::digital::Wait;
use everloop_embedded::{Delay, Loop, PinInterrupt, PinSignal, Trigger, WaitPin};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken;

impl embedded_hal::digital::Error for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[derive(Debug)]
struct State {
    level: Result<bool, Broken>,
    enabled: Option<Trigger>,
    enables: u32,
}

/// A pin and its interrupt.
#[derive(Debug)]
struct Fake(Mutex<State>);

impl Fake {
    const fn new(high: bool) -> Self {
        Self(Mutex::new(State { level: Ok(high), enabled: None, enables: 0 }))
    }

    fn set(&self, level: Result<bool, Broken>) {
        self.0.lock().unwrap().level = level;
    }

    fn enabled(&self) -> Option<Trigger> {
        self.0.lock().unwrap().enabled
    }
}

impl ErrorType for &Fake {
    type Error = Broken;
}

impl InputPin for &Fake {
    fn is_high(&mut self) -> Result<bool, Broken> {
        self.0.lock().unwrap().level
    }

    fn is_low(&mut self) -> Result<bool, Broken> {
        self.is_high().map(|high| !high)
    }
}

impl PinInterrupt for &Fake {
    fn enable(&mut self, trigger: Trigger) {
        let mut state = self.0.lock().unwrap();
        state.enabled = Some(trigger);
        state.enables += 1;
    }

    fn disable(&mut self) {
        self.0.lock().unwrap().enabled = None;
    }
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_level_that_is_there_is_not_waited_for() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(true);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    assert_eq!(poll(pin!(button.wait_for_high())), Poll::Ready(Ok(())));
    fake.set(Ok(false));
    assert_eq!(poll(pin!(button.wait_for_low())), Poll::Ready(Ok(())));
    assert_eq!(fake.0.lock().unwrap().enables, 0);
}

#[test]
fn a_level_that_comes_ends_the_wait_and_masks_the_interrupt() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(false);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    {
        let mut wait = pin!(button.wait_for_high());
        assert_eq!(poll(wait.as_mut()), Poll::Pending);
        assert_eq!(fake.enabled(), Some(Trigger::High));
        fake.set(Ok(true));
        SIGNAL.on_interrupt();
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
    }
    assert_eq!(fake.enabled(), None);
}

#[test]
fn an_edge_is_not_a_level_that_is_there() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(true);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    let mut wait = pin!(button.wait_for_rising_edge());
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
    fake.set(Ok(false));
    SIGNAL.on_interrupt();
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
    fake.set(Ok(true));
    SIGNAL.on_interrupt();
    assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
}

#[test]
fn a_falling_edge_and_any_edge() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(true);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    {
        let mut wait = pin!(button.wait_for_falling_edge());
        assert_eq!(poll(wait.as_mut()), Poll::Pending);
        fake.set(Ok(false));
        SIGNAL.on_interrupt();
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
    }
    let mut wait = pin!(button.wait_for_any_edge());
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
    fake.set(Ok(true));
    SIGNAL.on_interrupt();
    assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
}

#[test]
fn a_pulse_between_polls_is_not_lost() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(false);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    {
        let mut wait = pin!(button.wait_for_rising_edge());
        assert_eq!(poll(wait.as_mut()), Poll::Pending);
        SIGNAL.rising();
        SIGNAL.falling();
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
    }
    // Those of before are not taken for new ones.
    SIGNAL.falling();
    let mut wait = pin!(button.wait_for_falling_edge());
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
    SIGNAL.rising();
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
    SIGNAL.falling();
    assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
}

#[test]
fn interrupts_for_no_reason_are_borne_and_let_in_again() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(false);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    let mut wait = pin!(button.wait_for_any_edge());
    for n in 1..=5 {
        assert_eq!(poll(wait.as_mut()), Poll::Pending);
        assert_eq!(fake.0.lock().unwrap().enables, n);
        SIGNAL.on_interrupt();
    }
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
}

#[test]
fn an_error_of_the_pin_ends_the_wait() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(false);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    {
        let mut wait = pin!(button.wait_for_high());
        assert_eq!(poll(wait.as_mut()), Poll::Pending);
        fake.set(Err(Broken));
        SIGNAL.on_interrupt();
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Err(Broken)));
    }
    assert_eq!(fake.enabled(), None);
    assert_eq!(button.is_high(), Err(Broken));
}

#[test]
fn a_wait_that_is_dropped_masks_the_interrupt() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(false);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    {
        let mut wait = pin!(button.wait_for_high());
        assert_eq!(poll(wait.as_mut()), Poll::Pending);
        assert!(fake.enabled().is_some());
    }
    assert_eq!(fake.enabled(), None);
}

#[test]
fn a_delay_is_never_too_short() {
    static LOOP: Loop = Loop::new();
    LOOP.run(&[], async {
        let start = time::Instant::now();
        Delay.delay_ns(0).await;
        for _ in 0..20 {
            let start = time::Instant::now();
            Delay.delay_us(100).await;
            assert!(start.elapsed() >= time::Duration::from_micros(100));
        }
        Delay.delay_ms(2).await;
        assert!(start.elapsed() >= time::Duration::from_millis(4));
    })
    .unwrap();
}

/// Changes the level, and interrupts only for the edge that was asked for, as an exact chip does.
fn change(fake: &Fake, signal: &PinSignal, high: bool) {
    fake.set(Ok(high));
    match fake.enabled() {
        Some(Trigger::Any) => signal.on_interrupt(),
        Some(Trigger::Rising) if high => signal.on_interrupt(),
        Some(Trigger::Falling) if !high => signal.on_interrupt(),
        _ => {}
    }
}

#[test]
fn an_edge_away_from_the_level_at_the_start_is_seen_with_an_exact_trigger() {
    static SIGNAL: PinSignal = PinSignal::new();
    let fake = Fake::new(false);
    let mut button = WaitPin::new(&fake, &fake, &SIGNAL);
    {
        let mut wait = pin!(button.wait_for_falling_edge());
        assert_eq!(poll(wait.as_mut()), Poll::Pending);
        change(&fake, &SIGNAL, true);
        assert_eq!(poll(wait.as_mut()), Poll::Pending);
        change(&fake, &SIGNAL, false);
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
    }
    change(&fake, &SIGNAL, true);
    let mut wait = pin!(button.wait_for_rising_edge());
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
    change(&fake, &SIGNAL, false);
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
    change(&fake, &SIGNAL, true);
    assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(())));
}
