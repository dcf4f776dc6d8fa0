//! The 16 districts coloured by value in at most five classes with their breaks in the legend, the centre
//! enlarged beside them. A district's own report colours that district alone and names no figure of others.

use plotters::style::RGBColor;
use rust_decimal::Decimal;

use super::canvas::{self, Align, Canvas, Label, Weight, axis_label, position};
use super::geography::{District, Geography};
use super::palette;
use crate::data::{Cell, IndicatorFacts};
use crate::text::number;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 300.0;
/// Districts too small for a name at the scale of the city.
const CENTRE: [&str; 7] = ["310101", "310104", "310105", "310106", "310107", "310109", "310110"];

/// Draws the map for the cells of one indicator; `own` is the district of a district report.
pub fn draw(
    indicator: &IndicatorFacts,
    cells: &[&Cell],
    own: Option<&str>,
    geography: &Geography,
) -> Result<String, String> {
    let values: Vec<Decimal> = cells.iter().filter_map(|c| c.value).collect();
    let breaks = if own.is_some() { vec![] } else { breaks(&values) };
    let fill = |code: &str| match own {
        Some(own) if own == code => palette::SEQUENCE[4],
        Some(_) => palette::LAND,
        None => cells
            .iter()
            .find(|c| c.code == code)
            .and_then(|c| c.value)
            .map_or(palette::LAND, |v| palette::SEQUENCE[class(v, &breaks)]),
    };
    let city: Vec<&District> = geography.districts().iter().collect();
    let centre: Vec<&District> = city.iter().copied().filter(|d| CENTRE.contains(&d.code.as_str())).collect();
    let main = Frame::around(&city, (2.0, 2.0), (256.0, HEIGHT - 4.0));
    let inset = Frame::around(&centre, (292.0, 30.0), (160.0, 158.0));
    canvas::draw(WIDTH, HEIGHT, |paper| {
        for district in &city {
            area(paper, district, &main, fill(&district.code))?;
        }
        window(paper, &main, &centre)?;
        for district in city.iter().filter(|d| !CENTRE.contains(&d.code.as_str())) {
            name(paper, district, &main, fill(&district.code), 7.5)?;
        }
        paper.line(
            &[(280.0, 6.0), (464.0, 6.0), (464.0, 194.0), (280.0, 194.0), (280.0, 6.0)],
            palette::REFERENCE,
            0.6,
        )?;
        paper.text("中心城区（放大）", (288.0, 19.0), Label::new(8.0).color(palette::MUTED))?;
        for district in &centre {
            area(paper, district, &inset, fill(&district.code))?;
        }
        for district in &centre {
            name(paper, district, &inset, fill(&district.code), 8.0)?;
        }
        match own {
            Some(own) => own_legend(paper, indicator, cells.iter().find(|c| c.code == own).copied()),
            None if values.is_empty() => nothing(paper),
            None => legend(paper, indicator, &breaks, cells.len() < geography.districts().len()),
        }
    })
}

/// A piece of the plane on paper.
struct Frame {
    origin: (f64, f64),
    scale: f64,
    west: f64,
    north: f64,
}

impl Frame {
    /// Fits the districts into a box, centred, equal scale in both directions.
    fn around(districts: &[&District], origin: (f64, f64), size: (f64, f64)) -> Self {
        let points = || districts.iter().flat_map(|d| d.rings.iter().flatten());
        let (west, east) = points().fold((f64::MAX, f64::MIN), |(lo, hi), p| (lo.min(p.0), hi.max(p.0)));
        let (south, north) = points().fold((f64::MAX, f64::MIN), |(lo, hi), p| (lo.min(p.1), hi.max(p.1)));
        let scale = (size.0 / (east - west)).min(size.1 / (north - south));
        let spare = ((size.0 - (east - west) * scale) / 2.0, (size.1 - (north - south) * scale) / 2.0);
        Self { origin: (origin.0 + spare.0, origin.1 + spare.1), scale, west, north }
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.origin.0 + (x - self.west) * self.scale, self.origin.1 + (self.north - y) * self.scale)
    }
}

fn area(paper: &Canvas<'_>, district: &District, frame: &Frame, fill: RGBColor) -> Result<(), String> {
    for ring in &district.rings {
        let ring: Vec<(f64, f64)> = ring.iter().map(|p| frame.place(*p)).collect();
        paper.polygon(&ring, fill, palette::BORDER, 0.8)?;
    }
    Ok(())
}

fn name(
    paper: &Canvas<'_>,
    district: &District,
    frame: &Frame,
    fill: RGBColor,
    size: f64,
) -> Result<(), String> {
    let (x, y) = frame.place(district.label_at);
    let dark = u32::from(fill.0) + u32::from(fill.1) + u32::from(fill.2) < 420;
    let color = if dark { palette::BORDER } else { palette::INK };
    let weight = if dark { Weight::Bold } else { Weight::Regular };
    let short = district.name.trim_end_matches("新区").trim_end_matches('区');
    paper.text(short, (x, y + size * 0.35), Label { size, color, weight, align: Align::Middle })
}

/// Outline on the main map of what the inset enlarges.
fn window(paper: &Canvas<'_>, main: &Frame, centre: &[&District]) -> Result<(), String> {
    let corners = || centre.iter().flat_map(|d| d.rings.iter().flatten()).map(|p| main.place(*p));
    let (left, right) = corners().fold((f64::MAX, f64::MIN), |(lo, hi), p| (lo.min(p.0), hi.max(p.0)));
    let (top, bottom) = corners().fold((f64::MAX, f64::MIN), |(lo, hi), p| (lo.min(p.1), hi.max(p.1)));
    let (l, r, t, b) = (left - 2.0, right + 2.0, top - 2.0, bottom + 2.0);
    paper.line(&[(l, t), (r, t), (r, b), (l, b), (l, t)], palette::MUTED, 0.6)
}

/// Upper ends of all classes but the last, on round numbers, so that each class holds about a fifth.
fn breaks(values: &[Decimal]) -> Vec<Decimal> {
    let mut sorted = values.to_vec();
    sorted.sort();
    let classes = palette::SEQUENCE.len().min(sorted.len());
    let mut breaks: Vec<Decimal> =
        (1..classes).map(|k| round_up(sorted[(k * sorted.len() / classes).saturating_sub(1)])).collect();
    breaks.dedup();
    // A break at or above the largest value would leave an empty class in the legend.
    breaks.retain(|b| sorted.last().is_some_and(|max| b < max));
    breaks
}

/// Up to two significant digits, so that a legend reads well.
fn round_up(value: Decimal) -> Decimal {
    let mut unit = Decimal::ONE;
    while value.abs() >= unit * Decimal::ONE_HUNDRED {
        unit *= Decimal::TEN;
    }
    (value / unit).ceil() * unit
}

/// Index of the colour of a value.
fn class(value: Decimal, breaks: &[Decimal]) -> usize {
    let at = breaks.iter().take_while(|b| value > **b).count();
    // Few classes use the dark end too, so that the contrast stays.
    palette::SEQUENCE.len() - 1 - breaks.len() + at
}

fn legend(
    paper: &Canvas<'_>,
    indicator: &IndicatorFacts,
    breaks: &[Decimal],
    gaps: bool,
) -> Result<(), String> {
    let (x, mut y) = (280.0, 208.0);
    paper.text(
        &format!("{}（{}）", indicator.title, indicator.unit),
        (x, y + 6.0),
        Label::new(8.5).bold(),
    )?;
    y += 14.0;
    let text = |value: Decimal| axis_label(position(value));
    let first = palette::SEQUENCE.len() - 1 - breaks.len();
    for at in (0..=breaks.len()).rev() {
        let words = match (at.checked_sub(1).and_then(|b| breaks.get(b)), breaks.get(at)) {
            (Some(low), Some(high)) => format!("{} – {}", text(*low), text(*high)),
            (Some(low), None) => format!("{}以上", text(*low)),
            (None, Some(high)) => format!("{}及以下", text(*high)),
            (None, None) => "全部".to_owned(),
        };
        paper.bar((x, y), (x + 14.0, y + 9.0), palette::SEQUENCE[first + at])?;
        paper.text(&words, (x + 19.0, y + 7.6), Label::new(8.0))?;
        y += 13.0;
    }
    if gaps {
        paper.bar((x, y), (x + 14.0, y + 9.0), palette::LAND)?;
        paper.text("无数据", (x + 19.0, y + 7.6), Label::new(8.0).color(palette::MUTED))?;
    }
    Ok(())
}

fn nothing(paper: &Canvas<'_>) -> Result<(), String> {
    paper.text("本期没有数据", (280.0, 216.0), Label::new(8.5).color(palette::MUTED))
}

fn own_legend(paper: &Canvas<'_>, indicator: &IndicatorFacts, cell: Option<&Cell>) -> Result<(), String> {
    let Some(cell) = cell.filter(|cell| cell.value.is_some()) else { return nothing(paper) };
    paper.bar((280.0, 210.0), (294.0, 219.0), palette::SEQUENCE[4])?;
    paper.text(&format!("{}　{}", cell.label, indicator.title), (299.0, 217.8), Label::new(8.5))?;
    paper.text(
        &number::with_unit(cell.value, indicator),
        (280.0, 243.0),
        Label::new(18.0).bold().color(palette::ACCENT),
    )?;
    let note = format!("同比 {}", number::with_arrow(cell.yoy));
    let color = super::tone(cell.yoy, indicator.direction).color();
    paper.text(&note, (280.0, 258.0), Label::new(9.0).color(color))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_few_ordered_and_filled() {
        for values in [
            vec![
                2488, 4310, 5190, 5840, 8120, 9820, 9950, 10450, 11870, 12030, 15200, 16110, 17020, 18930,
                25900, 50230,
            ],
            vec![5, 5, 5],
            vec![1, 2],
            vec![7],
            vec![],
        ] {
            let values: Vec<Decimal> = values.into_iter().map(Decimal::from).collect();
            let breaks = breaks(&values);
            assert!(breaks.len() < palette::SEQUENCE.len() && breaks.is_sorted(), "{breaks:?}");
            let classes: Vec<usize> = values.iter().map(|v| class(*v, &breaks)).collect();
            for k in palette::SEQUENCE.len() - 1 - breaks.len()..palette::SEQUENCE.len() {
                assert!(values.is_empty() || classes.contains(&k), "class {k} of {breaks:?} is empty");
            }
            assert!(values.iter().map(|v| position(*v)).is_sorted() == classes.is_sorted());
        }
        assert_eq!(round_up(Decimal::from(12_345)), Decimal::from(13_000));
    }
}
