//! What the server has to show. It knows nothing of connections.

use core::cell::{Cell, RefCell};

use board::Led;
use embedded_hal::digital::{OutputPin, PinState, StatefulOutputPin};
use everloop_board_mps2_an385 as board;
use everloop_embedded::Instant;
use picoserve::Router;
use picoserve::extract::{Form, Query, State};
use picoserve::response::{DebugValue, File, IntoResponse, Json, StatusCode};
use picoserve::routing::{PathRouter, get, get_service, parse_path_segment};
use serde::{Deserialize, Serialize};

const PAGE: File = File::with_content_type(File::MIME_HTML, include_bytes!("index.html"));

/// What all requests share. It stays on one loop, so nothing in it needs a lock.
pub struct Site {
    leds: RefCell<[Led; 2]>,
    /// How often the state was asked for.
    asked: Cell<u32>,
}

impl Site {
    pub fn new(leds: [Led; 2]) -> Self {
        Self { leds: RefCell::new(leds), asked: Cell::new(0) }
    }
}

/// Which path leads where. A router is made of functions and takes next to no memory.
pub fn router(site: &'static Site) -> Router<impl PathRouter> {
    Router::new()
        .route("/", get_service(PAGE))
        .route("/state", get(state))
        .route("/uptime", get(uptime))
        .route(("/led", parse_path_segment::<usize>()), get(led).post(switch))
        .with_state(site)
}

#[derive(Serialize)]
struct Shown {
    uptime_ms: u64,
    leds: [bool; 2],
    asked: u32,
}

/// The state as JSON.
async fn state(State(site): State<&'static Site>) -> impl IntoResponse {
    site.asked.set(site.asked.get() + 1);
    let leds = site.leds.borrow_mut().each_mut().map(is_on);
    Json(Shown { uptime_ms: millis(), leds, asked: site.asked.get() })
}

#[derive(Deserialize)]
struct Wish {
    unit: Unit,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Seconds,
    Milliseconds,
}

/// How long the board runs already, in the unit of the query.
async fn uptime(Query(wish): Query<Wish>) -> impl IntoResponse {
    let number = match wish.unit {
        Unit::Seconds => millis() / 1000,
        Unit::Milliseconds => millis(),
    };
    DebugValue(number)
}

/// The state of an LED, whose number is in the path.
async fn led(
    number: usize,
    State(site): State<&'static Site>,
) -> Result<&'static str, (StatusCode, &'static str)> {
    let mut leds = site.leds.borrow_mut();
    let led = leds.get_mut(number).ok_or(NO_LED)?;
    Ok(if is_on(led) { "on\n" } else { "off\n" })
}

#[derive(Deserialize)]
struct Switch {
    on: bool,
}

/// Switches an LED as the form says.
async fn switch(
    number: usize,
    State(site): State<&'static Site>,
    Form(switch): Form<Switch>,
) -> Result<&'static str, (StatusCode, &'static str)> {
    let mut leds = site.leds.borrow_mut();
    let led = leds.get_mut(number).ok_or(NO_LED)?;
    let Ok(()) = led.set_state(PinState::from(switch.on));
    Ok(if switch.on { "on\n" } else { "off\n" })
}

const NO_LED: (StatusCode, &str) = (StatusCode::NOT_FOUND, "there is no such LED\n");

fn is_on(led: &mut Led) -> bool {
    let Ok(on) = led.is_set_high();
    on
}

/// Since the start.
fn millis() -> u64 {
    Instant::now().duration_since(Instant::from_ticks(0)).as_millis()
}
