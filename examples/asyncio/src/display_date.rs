//! Displays the current date every second for 5 seconds.
//!
//! `cargo run -p asyncio-examples --bin display_date`

use chrono::Local;
use everloop::{Duration, Instant, sleep};

/// `display_date` of the Python.
pub async fn main() {
    let end_time = Instant::now() + Duration::from_secs(5);
    loop {
        println!("{}", Local::now().format("%F %T%.6f"));
        if Instant::now() + Duration::from_secs(1) >= end_time {
            break;
        }
        sleep(Duration::from_secs(1)).await;
    }
}
