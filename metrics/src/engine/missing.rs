//! The stretches of asked time in which an indicator has no figure, as an answer tells them.

use chrono::NaiveDate;

use super::Grid;
use crate::calendar::Span;
use crate::query::{Gap, Missing, ValidQuery};

/// Neighbouring periods with the same reason are one.
pub(super) fn stretches(valid: &ValidQuery<'_>, grid: &Grid, today: NaiveDate) -> Vec<Missing> {
    let mut stretches: Vec<Missing> = Vec::new();
    let mut add = |indicator: &str, span: Span, gap: Gap| {
        let (code, reason) = (gap.code().to_owned(), gap.reason());
        match stretches.last_mut() {
            Some(last)
                if last.indicator == indicator
                    && last.code == code
                    && last.to.succ_opt() == Some(span.from) =>
            {
                last.to = span.to;
            }
            _ => stretches.push(Missing {
                indicator: indicator.to_owned(),
                from: span.from,
                to: span.to,
                code,
                reason,
            }),
        }
    };
    for (indicator, gaps) in valid.indicators.iter().zip(&grid.gaps) {
        for (frame, gap) in grid.frames.iter().zip(gaps) {
            gap.iter().for_each(|gap| add(&indicator.id, frame.window, *gap));
        }
        // Periods that have not begun have no rows in the answer.
        let begun = |period: &Span| period.intersect(valid.range).is_none_or(|span| span.from <= today);
        let future = valid.range.cut(valid.grain).into_iter().filter(|period| !begun(period));
        future
            .filter_map(|period| period.intersect(valid.range))
            .for_each(|span| add(&indicator.id, span, Gap::NotBegun));
    }
    stretches
}
