//! The stretches of asked time in which an indicator has no figure, or no change, as an answer tells them.

use chrono::NaiveDate;

use super::Grid;
use crate::calendar::Span;
use crate::query::{Compare, Gap, Missing, ValidQuery};

/// Neighbouring periods with the same reason are one.
pub(super) fn stretches(valid: &ValidQuery<'_>, grid: &Grid, today: NaiveDate) -> Vec<Missing> {
    let mut stretches: Vec<Missing> = Vec::new();
    let mut add = |indicator: &str, span: Span, gap: Gap, compare: Option<Compare>| {
        let (code, reason) = (gap.code().to_owned(), gap.reason(compare));
        match stretches.last_mut() {
            Some(last)
                if last.indicator == indicator
                    && last.code == code
                    && last.compare == compare
                    && last.to.succ_opt() == Some(span.from) =>
            {
                last.to = span.to;
            }
            _ => stretches.push(Missing {
                indicator: indicator.to_owned(),
                from: span.from,
                to: span.to,
                code,
                compare,
                reason,
            }),
        }
    };
    for (place, indicator) in valid.indicators.iter().enumerate() {
        let gaps = grid.gaps.get(place).map(Vec::as_slice).unwrap_or_default();
        for (frame, gap) in grid.frames.iter().zip(gaps) {
            gap.iter().for_each(|gap| add(&indicator.id, frame.window, *gap, None));
        }
        // Periods that have not begun have no rows in the answer.
        let begun = |period: &Span| period.intersect(valid.range).is_none_or(|span| span.from <= today);
        let future = valid.range.cut(valid.grain).into_iter().filter(|period| !begun(period));
        future
            .filter_map(|period| period.intersect(valid.range))
            .for_each(|span| add(&indicator.id, span, Gap::NotBegun, None));
        for (compare, changes) in grid.changes.get(place).into_iter().flatten() {
            // A figure that is not there has its own reason, which is that of its changes, too.
            let uncompared = grid.frames.iter().zip(gaps).zip(changes).filter(|((_, gap), _)| gap.is_none());
            for ((frame, _), change) in uncompared {
                change.iter().for_each(|gap| add(&indicator.id, frame.window, *gap, Some(*compare)));
            }
        }
    }
    stretches
}
