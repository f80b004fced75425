//! `Loop::run` in real time, with a time driver for the host.

mod clock;
mod driver;
mod interrupt_loop;
mod load;
mod pin;
mod wake;
