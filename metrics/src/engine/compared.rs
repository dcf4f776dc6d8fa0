//! Whether the time a change looks back to can stand beside the period at all: not if the records begin within it, for a
//! part of a period against a whole one looks like growth, and not by days where different values are kept by month.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::min;
use datafusion::logical_expr::col;
use pujiang_warehouse::{
    AdditiveMeasure, ComparisonReader, MeasureExpr, RollupKind, RollupSpec, WarehouseError,
};
use tokio::sync::OnceCell;

use super::source::Rollups;
use crate::calendar::Frame;
use crate::error::MetricsError;
use crate::plan::{PartKind, Role, Window, window};
use crate::query::{Compare, Gap};

/// The day of the first record of all data behind indicators, by their ids.
pub(crate) type FirstDays = HashMap<String, NaiveDate>;

/// Changes that look back, and what they look back to.
pub(super) const CHANGES: [(Compare, Role); 2] =
    [(Compare::Yoy, Role::LastYear), (Compare::Mom, Role::Previous)];

/// A first day, read once for all who ask at the same time: the tiles of a board all do.
type Slot = Arc<OnceCell<Option<NaiveDate>>>;

/// First days by table and time column, each of one version of the table.
#[derive(Default)]
pub(super) struct KnownFirstDays {
    known: Mutex<HashMap<(String, String), (String, Slot)>>,
}

impl KnownFirstDays {
    /// The day of the first record behind a rollup, whoever asks: when records begin is a fact of the platform, and a
    /// district with a late first record is compared like all others. Nothing else of rows outside a scope is told, and
    /// this only where the records begin within a time that is compared with.
    pub(super) async fn first_day(
        &self,
        reader: &ComparisonReader,
        spec: &RollupSpec,
    ) -> Result<Option<NaiveDate>, MetricsError> {
        let slot = self.slot(spec, reader.data_version(&[&spec.table]));
        let read = || async { earliest(days(reader, spec).await?, &spec.table).await };
        slot.get_or_try_init(read).await.copied()
    }

    fn slot(&self, spec: &RollupSpec, version: String) -> Slot {
        // Nothing panics while holding it.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry((spec.table.clone(), spec.time.clone())).or_default();
        if entry.0 != version {
            *entry = (version, Slot::default());
        }
        entry.1.clone()
    }
}

/// The day of the first record behind a rollup that the asker has; none if it needs columns nobody shows.
pub(super) async fn own_first_day(
    rollups: &dyn Rollups,
    spec: &RollupSpec,
) -> Result<Option<NaiveDate>, MetricsError> {
    match rollups.rollup(spec).await {
        Ok(frame) => earliest(frame, &spec.table).await,
        Err(WarehouseError::HiddenColumn { .. }) => Ok(None),
        Err(source) => Err(MetricsError::Rollup { table: spec.table.clone(), source: Box::new(source) }),
    }
}

async fn earliest(frame: DataFrame, table: &str) -> Result<Option<NaiveDate>, MetricsError> {
    let failed = |source| MetricsError::Aggregate { table: table.to_owned(), source: Box::new(source) };
    let plan = frame.aggregate(Vec::new(), vec![min(col("day")).alias("first")]).map_err(failed)?;
    let mut first: Option<NaiveDate> = None;
    for batch in Box::pin(plan.collect()).await.map_err(failed)? {
        let days = batch.columns().first().and_then(|column| column.as_primitive_opt::<Date32Type>());
        let shape = || MetricsError::Shape { table: table.to_owned(), column: "first".to_owned() };
        let days = days.ok_or_else(shape)?;
        let there = (0..days.len()).filter(|row| days.is_valid(*row));
        first = first.into_iter().chain(there.filter_map(|row| days.value_as_date(row))).min();
    }
    Ok(first)
}

/// The days of all rows: of the rollup that lies ready, or of one that counts and names no column the person does not
/// see as it is.
async fn days(reader: &ComparisonReader, spec: &RollupSpec) -> Result<DataFrame, MetricsError> {
    let failed = |source| MetricsError::Rollup { table: spec.table.clone(), source: Box::new(source) };
    match reader.rollup(spec).await {
        Err(WarehouseError::HiddenColumn { .. }) => {}
        other => return other.map_err(failed),
    }
    let count = AdditiveMeasure { name: "rows".to_owned(), expr: MeasureExpr::Count, filter: Vec::new() };
    let bare = RollupSpec {
        dimensions: Vec::new(),
        kind: RollupKind::Additive { measures: vec![count] },
        ..spec.clone()
    };
    reader.rollup(&bare).await.map_err(failed)
}

/// Why the figure of a frame is not compared with an earlier one; none if nothing speaks against it. A time wholly before
/// the first record has no figure, which is why there is no change against it.
pub(super) fn gap(kind: PartKind, role: Role, frame: &Frame, first: Option<NaiveDate>) -> Option<Gap> {
    if matches!(kind, PartKind::Distinct | PartKind::Overlap) && !frame.whole {
        return Some(Gap::NotWhole { open: frame.open });
    }
    let first = first?;
    let (from, to) = match window(kind, role, frame)? {
        Window::Between(span) => (span.from, span.to),
        // A stock is known on any day once its events have begun; it is another thing where they begin within.
        Window::UpTo(day) if role == Role::LastYear => (frame.last_year.period.from, day),
        Window::UpTo(day) => (frame.previous.period.from, day),
    };
    (from < first && first <= to).then_some(Gap::Cut { first })
}

/// Which times may have no figure. A change against nought is none; only a rate of a part of what is registered is 0 %
/// though nothing has arrived, and so what it is compared with is looked at, too.
pub(super) fn looked_at(kind: PartKind, compare: &BTreeSet<Compare>) -> Vec<Role> {
    let asked = CHANGES.into_iter().filter(|(one, _)| kind == PartKind::Overlap && compare.contains(one));
    [Role::Value].into_iter().chain(asked.map(|(_, role)| role)).collect()
}

/// Whether changes of an indicator with these parts are computed from days: then a running period has some.
pub(super) fn by_days(kinds: impl IntoIterator<Item = PartKind>) -> bool {
    kinds.into_iter().all(|kind| matches!(kind, PartKind::Flow | PartKind::Stock))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Grain, Span, frames};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of(kind: PartKind, role: Role, grain: Grain, from: &str, today: &str) -> Option<&'static str> {
        let range = Span::holding(grain, day(from));
        let frame = frames(grain, range, day(today))[0];
        gap(kind, role, &frame, Some(day("2023-11-29"))).map(Gap::code)
    }

    #[test]
    fn a_part_of_a_period_is_not_compared_with_a_whole_one() {
        let check = |role, grain, from: &str, expected: Option<&str>| {
            for kind in [PartKind::Flow, PartKind::Distinct, PartKind::Stock] {
                assert_eq!(of(kind, role, grain, from, "2026-11-21"), expected, "{kind:?} {grain:?} {from}");
            }
        };
        check(Role::LastYear, Grain::Month, "2024-11-01", Some("cut_by_first_record"));
        check(Role::LastYear, Grain::Month, "2024-10-01", None);
        check(Role::LastYear, Grain::Month, "2024-12-01", None);
        check(Role::Previous, Grain::Month, "2023-12-01", Some("cut_by_first_record"));
        check(Role::Previous, Grain::Month, "2024-01-01", None);
        check(Role::LastYear, Grain::Year, "2024-01-01", Some("cut_by_first_record"));
        check(Role::LastYear, Grain::Year, "2025-01-01", None);
        check(Role::Previous, Grain::Day, "2023-11-30", None);
    }

    #[test]
    fn a_running_period_looks_at_the_days_it_is_compared_by() {
        let check = |kind, today: &str, expected: Option<&str>| {
            let given = of(kind, Role::LastYear, Grain::Month, "2024-11-01", today);
            assert_eq!(given, expected, "{kind:?} {today}");
        };
        check(PartKind::Flow, "2024-11-21", None);
        check(PartKind::Flow, "2024-11-30", Some("cut_by_first_record"));
        check(PartKind::Flow, "2024-11-01", None);
        check(PartKind::Distinct, "2024-11-21", Some("not_whole"));
        check(PartKind::Overlap, "2024-11-01", Some("not_whole"));
    }
}
