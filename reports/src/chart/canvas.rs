//! Paper for charts: points as in typography, text placed by its baseline, ticks and widths.
//! plotters draws in whole units, so a point is ten units here and lines stay exact.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, IntoTextStyle, RGBColor, ShapeStyle};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::palette;

/// Family written into the SVG; the PDF writer resolves it.
pub const FAMILY: &str = "Noto Sans CJK SC";
const UNITS: f64 = 10.0;

/// Where the given x lies in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At its start.
    Left,
    /// In its middle.
    Middle,
    /// At its end.
    Right,
}

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Regular.
    Regular,
    /// Bold.
    Bold,
}

/// Size, colour, weight and alignment of a label.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// Size in points.
    pub size: f64,
    /// Colour.
    pub color: RGBColor,
    /// Weight.
    pub weight: Weight,
    /// Alignment.
    pub align: Align,
}

impl Label {
    /// Regular text of a size, left aligned, in ink.
    #[must_use]
    pub fn new(size: f64) -> Self {
        Self { size, color: palette::INK, weight: Weight::Regular, align: Align::Left }
    }

    /// The same, aligned otherwise.
    #[must_use]
    pub fn align(self, align: Align) -> Self {
        Self { align, ..self }
    }

    /// The same in another colour.
    #[must_use]
    pub fn color(self, color: RGBColor) -> Self {
        Self { color, ..self }
    }

    /// The same in bold.
    #[must_use]
    pub fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }
}

/// A drawing in points from the top left corner.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws on a sheet of `width` × `height` points and hands back the SVG.
///
/// # Errors
/// What the library said.
pub fn draw(
    width: f64,
    height: f64,
    paint: impl FnOnce(&Canvas<'_>) -> Result<(), String>,
) -> Result<String, String> {
    let mut svg = String::new();
    let size = ((width * UNITS).round().max(1.0) as u32, (height * UNITS).round().max(1.0) as u32);
    let canvas = Canvas { area: SVGBackend::with_string(&mut svg, size).into_drawing_area() };
    paint(&canvas)?;
    canvas.area.present().map_err(|e| e.to_string())?;
    drop(canvas);
    Ok(svg)
}

impl Canvas<'_> {
    /// A line through points.
    pub fn line(&self, points: &[(f64, f64)], color: RGBColor, width: f64) -> Result<(), String> {
        let style = ShapeStyle::from(color).stroke_width((width * UNITS).round() as u32);
        let points: Vec<(i32, i32)> = points.iter().map(|p| units(*p)).collect();
        self.area.draw(&PathElement::new(points, style)).map_err(|e| e.to_string())
    }

    /// A dashed line along the x axis, for classes the eye must tell apart without colour.
    pub fn dashes(&self, points: &[(f64, f64)], color: RGBColor, width: f64) -> Result<(), String> {
        let (dash, gap) = (4.0, 2.5);
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let length = (x1 - x0).hypot(y1 - y0);
            let mut at = 0.0;
            while at < length {
                let end = (at + dash).min(length);
                let along = |d: f64| (x0 + (x1 - x0) * d / length, y0 + (y1 - y0) * d / length);
                self.line(&[along(at), along(end)], color, width)?;
                at += dash + gap;
            }
        }
        Ok(())
    }

    /// A filled rectangle.
    pub fn bar(&self, from: (f64, f64), to: (f64, f64), color: RGBColor) -> Result<(), String> {
        self.area
            .draw(&Rectangle::new([units(from), units(to)], ShapeStyle::from(color).filled()))
            .map_err(|e| e.to_string())
    }

    /// A filled dot.
    pub fn dot(&self, at: (f64, f64), radius: f64, color: RGBColor) -> Result<(), String> {
        let radius = (radius * UNITS).round() as i32;
        self.area
            .draw(&Circle::new(units(at), radius, ShapeStyle::from(color).filled()))
            .map_err(|e| e.to_string())
    }

    /// A filled area with an outline.
    pub fn polygon(
        &self,
        ring: &[(f64, f64)],
        fill: RGBColor,
        outline: RGBColor,
        width: f64,
    ) -> Result<(), String> {
        let points: Vec<(i32, i32)> = ring.iter().map(|p| units(*p)).collect();
        self.area.draw(&Polygon::new(points, ShapeStyle::from(fill).filled())).map_err(|e| e.to_string())?;
        self.line(ring, outline, width)
    }

    /// A text whose baseline starts, is centred or ends at `at`.
    pub fn text(&self, text: &str, at: (f64, f64), label: Label) -> Result<(), String> {
        let horizontal = match label.align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let style = match label.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::Bold => FontStyle::Bold,
        };
        // The SVG backend writes size / 1.24 and, for a bottom anchor, lifts the baseline by half an x-height.
        let font = (FAMILY, label.size * UNITS * 1.24, style).into_font();
        let style =
            font.into_text_style(&self.area).color(&label.color).pos(Pos::new(horizontal, VPos::Bottom));
        let (x, y) = units((at.0, at.1 + label.size * 0.25));
        self.area.draw_text(text, &style, (x, y)).map_err(|e| e.to_string())
    }
}

fn units((x, y): (f64, f64)) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}

/// Width of a text in points, by the widths of the Noto Sans CJK family; for placing, not for breaking lines.
#[must_use]
pub fn text_width(text: &str, size: f64) -> f64 {
    let ems: f64 = text
        .chars()
        .map(|c| match c {
            '.' | ',' | ':' => 0.28,
            '0'..='9' | '+' | '-' => 0.56,
            '%' => 0.92,
            c if c.is_ascii() => 0.6,
            _ => 1.0,
        })
        .sum();
    ems * size
}

/// Round axis ticks from zero to at least `max`, four to six of them.
#[must_use]
pub fn ticks(max: f64) -> Vec<f64> {
    if !max.is_finite() || max <= 0.0 {
        return vec![0.0, 1.0];
    }
    let raw = max / 4.0;
    let magnitude = 10f64.powf(raw.log10().floor());
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].iter().map(|m| m * magnitude).find(|s| *s >= raw * 0.999).unwrap_or(raw);
    let count = (max / step).ceil().max(1.0) as u32;
    (0..=count).map(|n| f64::from(n) * step).collect()
}

/// An axis label: `0`, `5,000`, `20万`, `1.5亿`.
#[must_use]
pub fn axis_label(value: f64) -> String {
    let (scaled, suffix) = match value.abs() {
        v if v >= 1e8 => (value / 1e8, "亿"),
        v if v >= 1e4 => (value / 1e4, "万"),
        _ => (value, ""),
    };
    let text = format!("{scaled:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // Scaled values stay below ten thousand, so one separator is enough.
    match text.split('.').next().map(str::len) {
        Some(4) => format!("{},{}{suffix}", &text[..1], &text[1..]),
        _ => format!("{text}{suffix}"),
    }
}

/// A decimal as a position on paper; figures in text never pass through here.
#[must_use]
pub fn position(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_start_at_zero_and_end_on_round_numbers() {
        assert_eq!(
            ticks(223_458.0).iter().map(|t| axis_label(*t)).collect::<Vec<_>>(),
            ["0", "10万", "20万", "30万"]
        );
        assert_eq!(
            ticks(7_900.0).iter().map(|t| axis_label(*t)).collect::<Vec<_>>(),
            ["0", "2,000", "4,000", "6,000", "8,000"]
        );
        assert_eq!(ticks(0.0), [0.0, 1.0]);
        for max in [0.3, 1.0, 7.0, 99.0, 101.0, 4e5, 7.2e7] {
            let ticks = ticks(max);
            assert!((2..=6).contains(&ticks.len()) && ticks[ticks.len() - 1] >= max, "{max}: {ticks:?}");
        }
    }
}
