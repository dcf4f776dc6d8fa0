//! Horizontal bars, sorted by the caller: ranking with the change against last year, composition with the share.

use plotters::style::RGBColor;
use rust_decimal::Decimal;

use super::canvas::{self, Align, Label, position, text_width};
use super::palette::{self, tone};
use crate::data::{Cell, IndicatorFacts};
use crate::text::number;

const WIDTH: f64 = 480.0;
const ROW: f64 = 15.5;
const SIZE: f64 = 8.5;
const HEAD: f64 = 14.0;

/// One bar with the texts beside it.
struct Bar<'a> {
    name: &'a str,
    value: Option<Decimal>,
    value_text: String,
    note: String,
    note_color: RGBColor,
}

/// Bars with the change against the same period last year, as arrow, colour and number.
pub fn ranking(indicator: &IndicatorFacts, cells: &[&Cell]) -> Result<String, String> {
    let bars = cells.iter().map(|cell| Bar {
        name: &cell.label,
        value: cell.value,
        value_text: number::compact(cell.value, indicator.kind),
        note: number::with_arrow(cell.yoy),
        note_color: tone(cell.yoy, indicator.direction).color(),
    });
    draw(indicator, "同比", bars.collect())
}

/// Bars with the share of the total.
pub fn composition(indicator: &IndicatorFacts, cells: &[&Cell]) -> Result<String, String> {
    let bars = cells.iter().map(|cell| Bar {
        name: &cell.label,
        value: cell.value,
        value_text: number::compact(cell.value, indicator.kind),
        note: number::share(cell.share),
        note_color: palette::INK,
    });
    draw(indicator, "占比", bars.collect())
}

fn draw(indicator: &IndicatorFacts, note_title: &str, bars: Vec<Bar<'_>>) -> Result<String, String> {
    let name_width = bars.iter().map(|b| text_width(b.name, SIZE)).fold(24.0, f64::max) + 8.0;
    let value_width = bars.iter().map(|b| text_width(&b.value_text, SIZE)).fold(20.0, f64::max) + 8.0;
    let note_width = bars.iter().map(|b| text_width(&b.note, SIZE)).fold(24.0, f64::max) + 6.0;
    let room = WIDTH - name_width - value_width - note_width - 4.0;
    let max = bars.iter().filter_map(|b| b.value).map(position).fold(0.0, f64::max);
    let height = HEAD + ROW * bars.len().max(1) as f64 + 2.0;
    canvas::draw(WIDTH, height, |paper| {
        let muted = Label::new(7.5).color(palette::MUTED);
        paper.text(&format!("单位：{}", indicator.unit), (name_width, 8.0), muted)?;
        paper.text(note_title, (WIDTH, 8.0), muted.align(Align::Right))?;
        if bars.iter().all(|bar| bar.value.is_none()) {
            return paper.text("本期没有数据", (name_width, HEAD + 10.0), muted);
        }
        for (at, bar) in bars.iter().enumerate() {
            let top = HEAD + ROW * at as f64;
            let baseline = top + ROW * 0.5 + SIZE * 0.34;
            paper.text(bar.name, (name_width - 6.0, baseline), Label::new(SIZE).align(Align::Right))?;
            let length = match bar.value {
                Some(value) if max > 0.0 => room * (position(value).max(0.0) / max),
                _ => 0.0,
            };
            if length > 0.0 {
                paper.bar(
                    (name_width, top + 2.5),
                    (name_width + length.max(0.5), top + ROW - 2.5),
                    palette::ACCENT,
                )?;
            }
            paper.text(&bar.value_text, (name_width + length + 4.0, baseline), Label::new(SIZE))?;
            paper.text(
                &bar.note,
                (WIDTH, baseline),
                Label::new(SIZE).align(Align::Right).color(bar.note_color),
            )?;
        }
        paper.line(&[(name_width, HEAD), (name_width, height - 2.0)], palette::REFERENCE, 0.6)
    })
}
