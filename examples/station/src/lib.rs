//! A weather station: samples a temperature sensor on an I²C bus, keeps statistics, and serves up to eight clients
//! over TCP.
//!
//! The whole application is here, and names no platform: it is generic over the bus, an
//! [`embedded_hal_async::i2c::I2c`], and over the network, an [`everloop_core::net::Listener`]. A binary for a server
//! and one for a microcontroller each bring these two, a [`Station`], and room for its [`TASKS`].
//!
//! A client sends lines and gets lines, each ending in `\n`:
//!
//! | Request    | Reply                                                                             |
//! |------------|-----------------------------------------------------------------------------------|
//! | `GET`      | `READING <seq> <ms> <millidegrees>`, the newest one                                 |
//! | `SUB <ms>` | `OK`, then a `READING` every so many milliseconds (10 to 60000) until the next line |
//! | `STATS`    | `STATS count=<n> min=<n> max=<n> mean=<n> dropped=<n>`                              |
//! | `TASKS`    | `TASK <id> <name> <state>` for each task of the loop, then `END`                    |
//! | `QUIT`     | `BYE`, then the station closes the connection                                     |
//!
//! Requests may be in lower case and may end in `\r\n`; empty lines are passed over. What is wrong with a line is said
//! in one line that begins with `ERR`, and the connection lives on.
#![no_std]
#![forbid(unsafe_code)]

mod bus;
mod client;
mod command;
mod newest;
mod parting;
mod reading;
mod replies;
mod reply;
mod requests;
mod seats;
mod server;
mod station;
mod statistics;
mod thermometer;
mod ticks;

pub use bus::{BusError, SimulatedBus};
pub use command::{Command, LINE_LIMIT, Refusal};
pub use reading::Reading;
pub use station::{CLIENTS, SAMPLE_PERIOD, Station, TASKS};
pub use statistics::Statistics;
pub use thermometer::{ADDRESS, Thermometer};
pub use ticks::Ticks;
