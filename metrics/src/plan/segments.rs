//! Cuts time at the edges of all windows of a read, so that one pass adds up each segment once and every window,
//! however they overlap, is a run of neighbouring segments.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{AsArray, Int32Array};
use arrow::datatypes::{DataType, Date32Type};
use chrono::{Days, NaiveDate};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::Window;

/// The segments of one read.
#[derive(Debug)]
pub(crate) struct Segments {
    /// First days of the segments and the day after the last one.
    edges: Vec<NaiveDate>,
    /// Whether a first segment holds everything before the first edge.
    unbounded: bool,
}

impl Segments {
    /// The segments all these windows can be composed of. Windows of one read are of one kind.
    pub(crate) fn of(windows: &BTreeSet<Window>) -> Self {
        let mut edges = BTreeSet::new();
        for window in windows {
            if let Window::Between(span) = window {
                edges.insert(span.from);
            }
            edges.insert(day_after(window));
        }
        let unbounded = windows.iter().any(|window| matches!(window, Window::UpTo(_)));
        Self { edges: edges.into_iter().collect(), unbounded }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.edges.len().saturating_sub(1) + usize::from(self.unbounded)
    }

    /// The run of segments a window is composed of, as `first..end`.
    pub(crate) fn run(&self, window: &Window) -> Option<(usize, usize)> {
        let place = |day: NaiveDate| {
            self.edges.binary_search(&day).ok().map(|edge| edge + usize::from(self.unbounded))
        };
        let end = place(day_after(window))?;
        match window {
            Window::Between(span) => Some((place(span.from)?, end)),
            Window::UpTo(_) => Some((0, end)),
        }
    }

    /// The windows that touch any of these segments.
    pub(crate) fn filled(&self, windows: &BTreeSet<Window>, segments: &BTreeSet<usize>) -> BTreeSet<Window> {
        let touched = |window: &&Window| {
            self.run(window).is_some_and(|(first, end)| segments.range(first..end).next().is_some())
        };
        windows.iter().filter(touched).copied().collect()
    }

    /// The days a read has to look at; without a first day if everything before counts too.
    pub(crate) fn reach(&self) -> Option<(Option<NaiveDate>, NaiveDate)> {
        let (first, end) = (self.edges.first()?, self.edges.last()?);
        Some(((!self.unbounded).then_some(*first), *end - Days::new(1)))
    }

    /// The function from a day to the number of its segment, as the engine runs it.
    pub(crate) fn function(&self) -> ScalarUDF {
        let mut table = Vec::new();
        for (place, edge) in self.edges.windows(2).enumerate() {
            let days = usize::try_from((edge[1] - edge[0]).num_days()).unwrap_or(0);
            let segment = i32::try_from(place + usize::from(self.unbounded)).unwrap_or(i32::MAX);
            table.resize(table.len() + days, segment);
        }
        ScalarUDF::new_from_impl(SegmentOf {
            signature: Signature::exact(vec![DataType::Date32], Volatility::Immutable),
            base: self.edges.first().map_or(0, |edge| epoch_day(*edge)),
            before: self.unbounded.then_some(0),
            table: table.into(),
        })
    }
}

fn day_after(window: &Window) -> NaiveDate {
    match window {
        Window::Between(span) => span.to + Days::new(1),
        Window::UpTo(day) => *day + Days::new(1),
    }
}

/// Days since 1970-01-01, as Arrow keeps a date.
pub(crate) fn epoch_day(day: NaiveDate) -> i32 {
    i32::try_from((day - NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}

/// A table look-up per row: a search among edges would cost more than the addition it serves.
#[derive(Debug, PartialEq, Eq, Hash)]
struct SegmentOf {
    signature: Signature,
    base: i32,
    before: Option<i32>,
    table: Arc<[i32]>,
}

impl ScalarUDFImpl for SegmentOf {
    fn name(&self) -> &str {
        "metrics_segment"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let days = match arguments.args.first() {
            Some(value) => value.to_array(arguments.number_rows)?,
            None => return datafusion::common::internal_err!("metrics_segment takes a day"),
        };
        let segment = |day: i32| match usize::try_from(i64::from(day) - i64::from(self.base)) {
            Ok(place) => self.table.get(place).copied(),
            Err(_) => self.before,
        };
        let segments: Int32Array =
            days.as_primitive::<Date32Type>().iter().map(|day| day.and_then(segment)).collect();
        Ok(ColumnarValue::Array(Arc::new(segments)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Span;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn between(from: &str, to: &str) -> Window {
        Window::Between(Span { from: day(from), to: day(to) })
    }

    #[test]
    fn overlapping_windows_are_runs_of_segments() {
        let (month, year, part) = (
            between("2026-03-01", "2026-03-31"),
            between("2026-01-01", "2026-03-31"),
            between("2026-03-01", "2026-03-10"),
        );
        let segments = Segments::of(&BTreeSet::from([month, year, part]));
        assert_eq!(segments.len(), 3);
        assert_eq!(segments.run(&year), Some((0, 3)));
        assert_eq!(segments.run(&month), Some((1, 3)));
        assert_eq!(segments.run(&part), Some((1, 2)));
        assert_eq!(segments.reach(), Some((Some(day("2026-01-01")), day("2026-03-31"))));
    }

    #[test]
    fn stocks_start_at_the_beginning_of_time() {
        let (september, october) = (Window::UpTo(day("2026-09-30")), Window::UpTo(day("2026-10-31")));
        let segments = Segments::of(&BTreeSet::from([september, october]));
        assert_eq!(segments.len(), 2);
        assert_eq!(segments.run(&september), Some((0, 1)));
        assert_eq!(segments.run(&october), Some((0, 2)));
        assert_eq!(segments.reach(), Some((None, day("2026-10-31"))));
    }
}
