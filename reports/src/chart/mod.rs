//! Charts of the PDF as SVG, one file per form: axis from zero, sorted bars, direct labels, one hue,
//! no gradients. Text stays text; the font comes from the PDF writer.

mod bars;
mod canvas;
mod geography;
mod map;
mod palette;
mod trend;

pub use geography::{Geography, GeographyError};
pub use palette::{Tone, tone};

use crate::data::{ChartFacts, ChartKind, ReportData};

/// A chart could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing library refused; names the chart.
    #[error("drawing chart {chart} failed: {reason}")]
    Draw {
        /// Chart id.
        chart: String,
        /// What the library said.
        reason: String,
    },
    /// The definition asks for something the data does not hold.
    #[error("chart {chart} needs {missing}, which the report data does not hold")]
    NoData {
        /// Chart id.
        chart: String,
        /// Indicator or section.
        missing: String,
    },
}

/// Draws one chart; `None` when this scope has nothing to compare (a ranking of one district).
///
/// # Errors
/// The chart refers to data that is not there, or the library failed.
pub fn draw(
    chart: &ChartFacts,
    data: &ReportData,
    geography: &Geography,
) -> Result<Option<String>, ChartError> {
    let no_data = |missing: &str| ChartError::NoData { chart: chart.id.clone(), missing: missing.to_owned() };
    let indicator = data.indicator(&chart.indicator).ok_or_else(|| no_data(&chart.indicator))?;
    let svg = match chart.kind {
        ChartKind::Trend => {
            let series = data.series(&chart.indicator).ok_or_else(|| no_data(&chart.indicator))?;
            trend::draw(indicator, &data.trend.months, &series.values)
        }
        ChartKind::Ranking | ChartKind::Composition | ChartKind::Map => {
            let section = data.breakdown(&chart.breakdown).ok_or_else(|| no_data(&chart.breakdown))?;
            let cells = section.ranked(&chart.indicator);
            match chart.kind {
                ChartKind::Map => map::draw(indicator, &cells, data.single_district(), geography),
                ChartKind::Ranking if cells.len() < 2 => return Ok(None),
                ChartKind::Ranking => bars::ranking(indicator, &cells),
                ChartKind::Composition | ChartKind::Trend => bars::composition(indicator, &cells),
            }
        }
    };
    svg.map(Some).map_err(|reason| ChartError::Draw { chart: chart.id.clone(), reason })
}
