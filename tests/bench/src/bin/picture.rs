//! `everloop-bench-picture DATA PICTURE`: draws what `cargo xtask bench peers` measured.
//!
//! Each line of the data is a workload, whether more is better there, a runtime, its number and the unit, with tabs
//! between. The picture has a row for each workload with a mark for each runtime, at how many times it takes what the best
//! peer takes: to the left is better.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;

/// The width of the picture, of its left part with the names, and of its margin.
const WIDTH: u32 = 1100;
const NAMES: i32 = 330;
const MARGIN: i32 = 20;
/// The height of what is above the rows, of each row, and of what is below.
const HEAD: i32 = 96;
const ROW: i32 = 26;
const FOOT: i32 = 40;
/// What is further away is drawn at the edge.
const RANGE: (f64, f64) = (0.05, 40.0);
const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(40, 40, 40);
const FAINT: RGBColor = RGBColor(215, 215, 215);

/// One number.
struct Value<'a> {
    runtime: &'a str,
    value: f64,
    unit: &'a str,
}

/// One row.
struct Row<'a> {
    title: &'a str,
    rate: bool,
    values: Vec<Value<'a>>,
}

impl Row<'_> {
    /// The best that is neither everloop's nor by hand.
    fn best(&self) -> Option<f64> {
        let peers =
            self.values.iter().filter(|value| value.runtime != "everloop" && !is_by_hand(value.runtime));
        let values = peers.map(|value| value.value).filter(|value| *value > 0.0);
        values.reduce(if self.rate { f64::max } else { f64::min })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [data, picture] = &args[..] else { return Err("usage: everloop-bench-picture DATA PICTURE".into()) };
    let data = std::fs::read_to_string(data)?;
    let rows = rows(&data)?;
    draw(&rows, picture)
}

fn rows(data: &str) -> Result<Vec<Row<'_>>, Box<dyn Error>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for line in data.lines() {
        let [title, rate, runtime, value, unit] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("not a line of data: `{line}`").into());
        };
        if rows.last().is_none_or(|row| row.title != title) {
            rows.push(Row { title, rate: rate == "true", values: Vec::new() });
        }
        let value = Value { runtime, value: value.parse()?, unit };
        rows.last_mut().expect("there is one now").values.push(value);
    }
    // What nobody else does can't be compared.
    rows.retain(|row| row.best().is_some());
    Ok(rows)
}

/// The work without a runtime, in the one way or another.
fn is_by_hand(runtime: &str) -> bool {
    runtime.starts_with("raw")
}

/// A runtime's colour: everloop's stands out.
fn colour(runtime: &str) -> RGBColor {
    match runtime {
        "everloop" => RGBColor(214, 39, 40),
        "raw" => RGBColor(0, 0, 0),
        "raw-uring" => RGBColor(120, 120, 120),
        "raw-spin" => RGBColor(170, 170, 170),
        "asyncio" => RGBColor(245, 210, 70),
        "uvloop" => RGBColor(110, 80, 20),
        "monoio-uring" => RGBColor(197, 176, 213),
        "tokio" => RGBColor(31, 119, 180),
        "tokio-local" => RGBColor(100, 160, 210),
        "tokio-mt" => RGBColor(160, 200, 235),
        "smol" => RGBColor(44, 160, 44),
        "smol-mt" => RGBColor(140, 210, 140),
        "monoio" => RGBColor(148, 103, 189),
        "glommio" => RGBColor(227, 119, 194),
        "compio" => RGBColor(140, 86, 75),
        "embassy" => RGBColor(255, 127, 14),
        "kanal" => RGBColor(188, 189, 34),
        "localpool" => RGBColor(23, 190, 207),
        _ => RGBColor(127, 127, 127),
    }
}

fn draw(rows: &[Row<'_>], picture: &str) -> Result<(), Box<dyn Error>> {
    let height = HEAD + ROW * i32::try_from(rows.len())? + FOOT;
    let area = SVGBackend::new(picture, (WIDTH, height.unsigned_abs())).into_drawing_area();
    area.fill(&WHITE)?;
    legend(&area, rows)?;
    let right = WIDTH.cast_signed() - MARGIN;
    let scale = (RANGE.0..RANGE.1).log_scale();
    let scale = plotters::coord::cartesian::Cartesian2d::<
        plotters::coord::combinators::LogCoord<f64>,
        RangedCoordf64,
    >::new(scale, 0.0..1.0, (NAMES..right, 0..1));
    let x = |ratio: f64| {
        use plotters::coord::CoordTranslate;
        scale.translate(&(ratio.clamp(RANGE.0, RANGE.1), 0.0)).0
    };
    let bottom = height - FOOT;
    let small = (FONT, 12).into_font().color(&INK);
    for (ratio, name) in [
        (0.1, "0.1"),
        (0.25, "0.25"),
        (0.5, "0.5"),
        (1.0, "best peer"),
        (2.0, "2 x"),
        (5.0, "5 x"),
        (10.0, "10 x"),
        (20.0, "20 x"),
    ] {
        let style = if ratio == 1.0 { INK } else { FAINT };
        area.draw(&PathElement::new(vec![(x(ratio), HEAD - 6), (x(ratio), bottom)], style))?;
        area.draw(&Text::new(name, (x(ratio), bottom + 6), small.pos(Pos::new(HPos::Center, VPos::Top))))?;
    }
    for (at, row) in (0..).zip(rows) {
        let y = HEAD + ROW * at + ROW / 2;
        area.draw(&PathElement::new(vec![(NAMES, y), (right, y)], FAINT))?;
        let title = Text::new(row.title, (NAMES - 10, y), small.pos(Pos::new(HPos::Right, VPos::Center)));
        area.draw(&title)?;
        let best = row.best().unwrap_or(1.0);
        // everloop's last, on top of the others.
        let (ours, others): (Vec<_>, Vec<_>) =
            row.values.iter().partition(|value| value.runtime == "everloop");
        for value in others.into_iter().chain(ours) {
            let ratio = if row.rate { best / value.value } else { value.value / best };
            mark(&area, (x(ratio), y), value)?;
        }
    }
    area.present()?;
    Ok(())
}

fn mark(area: &Area<'_>, at: (i32, i32), value: &Value<'_>) -> Result<(), Box<dyn Error>> {
    let colour = colour(value.runtime);
    match value.runtime {
        "everloop" => {
            area.draw(&Circle::new(at, 7, colour.filled()))?;
            let shown = if value.value < 10.0 {
                format!("{:.1}", value.value)
            } else {
                format!("{:.0}", value.value)
            };
            let style = (FONT, 11).into_font().color(&colour).pos(Pos::new(HPos::Center, VPos::Bottom));
            area.draw(&Text::new(format!("{shown} {}", value.unit), (at.0, at.1 - 6), style))?;
        }
        by_hand if is_by_hand(by_hand) => area.draw(&Cross::new(at, 5, colour.stroke_width(2)))?,
        _ => area.draw(&Circle::new(at, 4, colour.filled()))?,
    }
    Ok(())
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn legend(area: &Area<'_>, rows: &[Row<'_>]) -> Result<(), Box<dyn Error>> {
    let title = (FONT, 17).into_font().color(&INK);
    let text = "What each runtime takes for the same work, as many times what the best peer takes: to the left is better";
    area.draw(&Text::new(text, (MARGIN, 14), title))?;
    let mut names: Vec<&str> = Vec::new();
    for value in rows.iter().flat_map(|row| &row.values) {
        if !names.contains(&value.runtime) {
            names.push(value.runtime);
        }
    }
    let small = (FONT, 13).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
    let (mut x, mut y) = (MARGIN + 8, 44);
    for name in names {
        let shown = match name.strip_prefix("raw-") {
            Some(way) => format!("by hand, {way}"),
            None if name == "raw" => "by hand".to_owned(),
            None => name.to_owned(),
        };
        let width = 32 + 8 * i32::try_from(shown.len())?;
        if x + width > WIDTH.cast_signed() {
            (x, y) = (MARGIN + 8, y + 20);
        }
        let value = Value { runtime: name, value: 0.0, unit: "" };
        match name {
            "everloop" => area.draw(&Circle::new((x, y), 7, colour(name).filled()))?,
            _ => mark(area, (x, y), &value)?,
        }
        area.draw(&Text::new(shown.as_str(), (x + 11, y), small.clone()))?;
        x += width;
    }
    Ok(())
}
