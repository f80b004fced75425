//! The picture: a small chart for each quantity, one above the other.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use crate::sample::{Quantity, Sample};

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 240;

/// Draws all samples into a PNG file.
pub fn plot(samples: &[Sample], path: &Path) -> Result<(), Box<dyn Error>> {
    let known = register_font("sans-serif", FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT);
    known.map_err(|_| "the font can't be read")?;
    let area = BitMapBackend::new(path, (WIDTH, HEIGHT * Quantity::ALL.len() as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    let minutes = |sample: &Sample| sample.at.as_secs_f32() / 60.0;
    let end = samples.last().map_or(1.0, minutes);
    for (area, quantity) in area.split_evenly((Quantity::ALL.len(), 1)).iter().zip(Quantity::ALL) {
        let points = samples.iter().map(|sample| (minutes(sample), sample.get(quantity) as f32));
        let most = points.clone().map(|(_, value)| value).fold(1.0, f32::max);
        let mut chart = ChartBuilder::on(area)
            .caption(quantity.name(), ("sans-serif", 18))
            .margin(8)
            .x_label_area_size(24)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..end, 0.0..most * 1.15)?;
        chart.configure_mesh().x_desc("minutes").y_labels(5).light_line_style(WHITE).draw()?;
        chart.draw_series(LineSeries::new(points, &BLUE))?;
    }
    area.present()?;
    Ok(())
}
