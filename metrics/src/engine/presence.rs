//! Periods an indicator has no figure of: 0 is said only where rows of the scope tell that there was nothing. Looked at
//! only when an answer would be nought throughout, so that ordinary questions do not pay for it.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray, Date32Array};
use arrow::datatypes::{Date32Type, Int32Type};
use chrono::NaiveDate;
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{col, ident};

use super::refusal;
use super::source::Rollups;
use crate::calendar::Frame;
use crate::definition::{IndicatorDef, Silence};
use crate::error::MetricsError;
use crate::plan::{Part, PartKind, Role, RollupPlan, Segments, Window, window};
use crate::query::{Gap, ValidQuery};

/// Which days of the scope have rows of an indicator, whatever an answer is filtered by.
struct Presence {
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    /// Asked windows that hold rows.
    filled: BTreeSet<Window>,
}

/// Why the frames whose windows no row fell into have no figure; none for those that are truly 0.
pub(super) async fn gaps(
    rollups: &dyn Rollups,
    plan: &RollupPlan,
    (indicator, part): (&IndicatorDef, &Part),
    query: &ValidQuery<'_>,
    (frames, role): (&[Frame], Role),
    is_filled: impl Fn(&Window) -> bool,
) -> Result<Vec<Option<Gap>>, MetricsError> {
    let of_role = |frame: &Frame| window(part.kind, role, frame);
    let empty: BTreeSet<Window> =
        frames.iter().filter_map(of_role).filter(|window| !is_filled(window)).collect();
    if empty.is_empty() {
        return Ok(vec![None; frames.len()]);
    }
    let presence = presence(rollups, plan, (indicator, part), query, &empty).await?;
    let gap = |frame: &Frame| {
        let window =
            of_role(frame).filter(|window| empty.contains(window) && !presence.filled.contains(window))?;
        presence.gap(window, part.kind, indicator.silence)
    };
    Ok(frames.iter().map(gap).collect())
}

impl Presence {
    fn gap(&self, window: Window, kind: PartKind, silence: Silence) -> Option<Gap> {
        let (Some(first), Some(last)) = (self.first, self.last) else { return Some(Gap::NoData) };
        match window {
            // A stock is known from the first change on.
            Window::UpTo(day) => (day < first).then_some(Gap::BeforeData { first }),
            Window::Between(span) if span.to < first => Some(Gap::BeforeData { first }),
            Window::Between(span) if kind == PartKind::Overlap && span.from <= last => Some(Gap::Silent),
            Window::Between(span) => {
                (silence == Silence::Unknown && span.from > last).then_some(Gap::NoRows { last })
            }
        }
    }
}

async fn presence(
    rollups: &dyn Rollups,
    plan: &RollupPlan,
    (indicator, part): (&IndicatorDef, &Part),
    query: &ValidQuery<'_>,
    windows: &BTreeSet<Window>,
) -> Result<Presence, MetricsError> {
    let mut presence = Presence { first: None, last: None, filled: BTreeSet::new() };
    let Some(spec) = plan.rows_behind(part) else { return Ok(presence) };
    let failed = |source| MetricsError::Aggregate { table: spec.table.clone(), source: Box::new(source) };
    let shape = |column: &str| MetricsError::Shape { table: spec.table.clone(), column: column.to_owned() };
    let segments = Segments::of(windows);
    let frame = Box::pin(refusal::rollup(rollups, spec, &[(indicator, part)], query)).await?;
    let segment = segments.function().call(vec![ident("day")]).alias("segment");
    let days = vec![min(col("day")).alias("first"), max(col("day")).alias("last")];
    // Days outside the windows have no segment and stand together in one group.
    // A row counts whatever its state: where rows arrive and none is confirmed, none is the right figure.
    let plan = frame.aggregate(vec![segment], days).map_err(failed)?;
    let mut touched = BTreeSet::new();
    for batch in Box::pin(plan.collect()).await.map_err(failed)? {
        let numbers = batch.column(0).as_primitive_opt::<Int32Type>().ok_or_else(|| shape("segment"))?;
        let day =
            |place: usize| batch.column(place).as_primitive_opt::<Date32Type>().ok_or_else(|| shape("day"));
        let (first, last) = (day(1)?, day(2)?);
        for row in 0..batch.num_rows() {
            let date = |column: &Date32Array| column.is_valid(row).then(|| column.value_as_date(row));
            presence.first = presence.first.into_iter().chain(date(first).flatten()).min();
            presence.last = presence.last.into_iter().chain(date(last).flatten()).max();
            if numbers.is_valid(row) {
                touched.extend(usize::try_from(numbers.value(row)).ok());
            }
        }
    }
    if part.kind != PartKind::Stock {
        presence.filled = segments.filled(windows, &touched);
    }
    Ok(presence)
}
