//! The last twelve months against the twelve before, as two lines with their names at the end.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::canvas::{self, Align, Canvas, Label, axis_label, position, text_width, ticks};
use super::palette;
use crate::data::IndicatorFacts;
use crate::text::number;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 178.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 26.0;
const SPAN: usize = 12;
const SIZE: f64 = 8.0;

/// `months` and `values` run side by side, oldest first, and end with the period of the report.
pub fn draw(
    indicator: &IndicatorFacts,
    months: &[NaiveDate],
    values: &[Option<Decimal>],
) -> Result<String, String> {
    let split = values.len().saturating_sub(SPAN);
    let (older, current) = values.split_at(split);
    let before = &older[older.len().saturating_sub(SPAN)..];
    if before.iter().chain(current).all(Option::is_none) {
        return nothing();
    }
    let names = &months[months.len().saturating_sub(SPAN)..];
    let max = before.iter().chain(current).flatten().map(|v| position(*v)).fold(0.0, f64::max);
    let marks = ticks(max);
    let top_mark = marks.last().copied().unwrap_or(1.0);
    let last = current.last().copied().flatten();
    let end_now = format!("近12个月 {}", number::compact(last, indicator.kind));
    let end_before =
        format!("上年同期 {}", number::compact(before.last().copied().flatten(), indicator.kind));
    let left = marks.iter().map(|m| text_width(&axis_label(*m), SIZE)).fold(0.0, f64::max) + 8.0;
    let right = text_width(&end_now, SIZE).max(text_width(&end_before, SIZE)) + 10.0;
    let plot = Plot { left, step: (WIDTH - left - right - 8.0) / (SPAN - 1) as f64, top_mark };
    canvas::draw(WIDTH, HEIGHT, |paper| {
        paper.text(
            &format!("单位：{}", indicator.unit),
            (left, 9.0),
            Label::new(7.5).color(palette::MUTED),
        )?;
        axes(paper, &plot, &marks, names)?;
        line(paper, &plot, before, Stroke::Before)?;
        line(paper, &plot, current, Stroke::Current)?;
        let (y_now, y_before) =
            apart(last.map(|v| plot.y(v)), before.last().copied().flatten().map(|v| plot.y(v)));
        let x = plot.x(SPAN - 1) + 8.0;
        paper.text(&end_now, (x, y_now + 3.0), Label::new(SIZE).bold().color(palette::ACCENT))?;
        if before.iter().any(Option::is_some) {
            paper.text(&end_before, (x, y_before + 3.0), Label::new(SIZE).color(palette::MUTED))?;
        }
        Ok(())
    })
}

/// Axes without a line would say nought.
fn nothing() -> Result<String, String> {
    let height = 22.0;
    canvas::draw(WIDTH, height, |paper| {
        paper.text("本期没有数据", (0.0, 14.0), Label::new(SIZE).color(palette::MUTED))
    })
}

struct Plot {
    left: f64,
    step: f64,
    top_mark: f64,
}

impl Plot {
    fn x(&self, at: usize) -> f64 {
        self.left + 4.0 + self.step * at as f64
    }

    fn y(&self, value: Decimal) -> f64 {
        self.height(position(value))
    }

    fn height(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / self.top_mark
    }
}

fn axes(paper: &Canvas<'_>, plot: &Plot, marks: &[f64], months: &[NaiveDate]) -> Result<(), String> {
    let end = plot.x(SPAN - 1) + 4.0;
    let muted = Label::new(SIZE).color(palette::MUTED);
    for mark in marks {
        let y = plot.height(*mark);
        let color = if *mark == 0.0 { palette::REFERENCE } else { palette::GRID };
        paper.line(&[(plot.left, y), (end, y)], color, 0.5)?;
        paper.text(&axis_label(*mark), (plot.left - 5.0, y + 2.8), muted.align(Align::Right))?;
    }
    for (at, month) in months.iter().enumerate() {
        let x = plot.x(at);
        paper.text(
            &format!("{}月", month.month()),
            (x, HEIGHT - BOTTOM + 11.0),
            muted.align(Align::Middle),
        )?;
        if at == 0 || month.month() == 1 {
            paper.text(
                &format!("{}年", month.year()),
                (x, HEIGHT - BOTTOM + 21.0),
                muted.align(Align::Middle),
            )?;
        }
    }
    Ok(())
}

enum Stroke {
    Current,
    Before,
}

/// A missing month interrupts the line; it is not drawn as zero.
fn line(paper: &Canvas<'_>, plot: &Plot, values: &[Option<Decimal>], stroke: Stroke) -> Result<(), String> {
    let offset = SPAN - values.len().min(SPAN);
    let points: Vec<Option<(f64, f64)>> =
        values.iter().enumerate().map(|(at, v)| v.map(|v| (plot.x(offset + at), plot.y(v)))).collect();
    for run in points.split(Option::is_none) {
        let run: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
        match stroke {
            Stroke::Current => {
                paper.line(&run, palette::ACCENT, 1.6)?;
                for point in &run {
                    paper.dot(*point, 1.7, palette::ACCENT)?;
                }
            }
            Stroke::Before => paper.dashes(&run, palette::REFERENCE, 1.2)?,
        }
    }
    Ok(())
}

/// Moves two end labels apart so that neither covers the other.
fn apart(now: Option<f64>, before: Option<f64>) -> (f64, f64) {
    let floor = HEIGHT - BOTTOM;
    let (now, before) = (now.unwrap_or(floor), before.unwrap_or(floor));
    let gap = SIZE + 3.0;
    if (now - before).abs() >= gap {
        return (now, before);
    }
    let middle = (now + before) / 2.0;
    match now <= before {
        true => (middle - gap / 2.0, middle + gap / 2.0),
        false => (middle + gap / 2.0, middle - gap / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;

    #[test]
    fn end_labels_never_overlap() {
        for (now, before) in [(50.0, 51.0), (51.0, 50.0), (50.0, 50.0), (20.0, 90.0)] {
            let (a, b) = apart(Some(now), Some(before));
            assert!((a - b).abs() >= SIZE + 2.9, "{now} {before}");
            assert_eq!(a <= b, now <= before);
        }
    }

    #[test]
    fn a_short_or_broken_series_is_drawn_without_inventing_zeros() {
        let data = fixture::city();
        let facts = data.indicator("S1-U03").expect("known");
        let mut values = vec![Some(Decimal::from(10)); 5];
        values[2] = None;
        let months = &data.trend.months[20..];
        let svg = draw(facts, months, &values).expect("drawn");
        assert_eq!(svg.matches("<circle").count(), 4);
        assert!(!svg.contains("上年同期"));
    }

    #[test]
    fn without_a_single_value_there_are_no_axes() {
        let data = fixture::city();
        let facts = data.indicator("S1-U03").expect("known");
        let svg = draw(facts, &data.trend.months, &[None; 25]).expect("drawn");
        assert!(svg.contains("本期没有数据"), "{svg}");
        assert!(!svg.contains("近12个月") && !svg.contains("月<"), "{svg}");
    }
}
