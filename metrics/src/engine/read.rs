//! Adds up one rollup by segment of time and asked dimensions, in the engine's own operators, and sorts the sums into
//! series. Plans run here, in `overlap` and in `presence`; rows come only through the scoped session.

use std::collections::{BTreeSet, HashMap};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Int32Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::{Expr, ident, lit};
use pujiang_warehouse::RollupSpec;

use super::distinct::Sets;
use super::members::{Member, Members};
use super::refusal;
use super::series::{Series, Sums};
use super::source::Rollups;
use crate::calendar::Frame;
use crate::definition::{DISTRICT_COLUMN, IndicatorDef, PLACE};
use crate::error::MetricsError;
use crate::plan::{Part, PartKind, Segments, Window, epoch_day, windows};
use crate::query::{Compare, ValidQuery};

/// What to read of one rollup in one go: indicators of one kind, so that their windows are cut alike.
pub(super) struct Reading<'q> {
    pub(super) rollups: &'q dyn Rollups,
    pub(super) spec: &'q RollupSpec,
    pub(super) kind: PartKind,
    pub(super) parts: Vec<(&'q IndicatorDef, &'q Part)>,
    pub(super) query: &'q ValidQuery<'q>,
    pub(super) frames: &'q [Frame],
}

/// A sum of one segment and member, one value per column; none where no row counted.
struct Row {
    segment: usize,
    member: Member,
    values: Vec<Option<i128>>,
}

impl Reading<'_> {
    /// Reads the series of all its indicators and makes their members known.
    pub(super) async fn run(&self, members: &mut Members) -> Result<Vec<(String, Series)>, MetricsError> {
        let asked = refusal::rollup(self.rollups, self.spec, &self.parts, self.query);
        let frame = Box::pin(asked).await?;
        let windows = windows(self.kind, &self.query.compare, self.frames);
        match self.kind {
            PartKind::Flow | PartKind::Stock => self.sums(frame, windows, members).await,
            // Overlaps are of several rollups; `overlap` reads them.
            PartKind::Distinct | PartKind::Overlap => self.counts(frame, &windows, members).await,
        }
    }

    async fn sums(
        &self,
        frame: DataFrame,
        windows: BTreeSet<Window>,
        members: &mut Members,
    ) -> Result<Vec<(String, Series)>, MetricsError> {
        let segments = Segments::of(&windows);
        let mut columns: Vec<&str> = Vec::new();
        for (_, part) in &self.parts {
            if !columns.contains(&part.column.as_str()) {
                columns.push(&part.column);
            }
        }
        let totals = columns.iter().map(|column| sum(ident(*column))).collect();
        let (rows, scales) = self.aggregate(frame, &segments, totals).await?;
        let mut cells: Vec<Vec<(usize, usize, i128)>> = vec![Vec::new(); columns.len()];
        for row in rows.into_iter().filter(|row| row.values.iter().any(Option::is_some)) {
            let member = members.number(row.member);
            for (cells, value) in cells.iter_mut().zip(row.values) {
                cells.extend(value.map(|value| (row.segment, member, value)));
            }
        }
        let series = |(indicator, part): &(&IndicatorDef, &Part)| {
            let place = columns.iter().position(|column| *column == part.column)?;
            let cells = cells.get(place)?;
            let filled = segments.filled(&windows, &cells.iter().map(|(segment, ..)| *segment).collect());
            let windows = windows.iter().copied();
            let sums = Sums::new(&segments, windows, cells, members.len(), *scales.get(place)?);
            Some((indicator.id.clone(), Series::of_sums(sums, filled)))
        };
        Ok(self.parts.iter().filter_map(series).collect())
    }

    async fn counts(
        &self,
        frame: DataFrame,
        windows: &BTreeSet<Window>,
        members: &mut Members,
    ) -> Result<Vec<(String, Series)>, MetricsError> {
        let Some((indicator, part)) = self.parts.first() else { return Ok(Vec::new()) };
        let segments = Segments::of(windows);
        let Some(keep) = self.keep(&segments) else { return Ok(Vec::new()) };
        let mut columns = self.keys(&segments);
        columns.push(ident(&part.column));
        let plan = frame
            .filter(keep)
            .and_then(|frame| frame.select(columns))
            .map_err(|source| self.failed(source))?;
        let batches = Box::pin(plan.collect()).await.map_err(|source| self.failed(source))?;
        let mut sets = Sets::default();
        for batch in &batches {
            let ids = batch
                .columns()
                .last()
                .and_then(|column| column.as_binary_opt::<i32>())
                .ok_or_else(|| self.shape(&part.column))?;
            for (row, key) in self.decode_keys(batch)?.into_iter().enumerate() {
                let Some((segment, member)) = key.filter(|_| ids.is_valid(row)) else { continue };
                let member = members.number(member);
                sets.add(member, segment, ids.value(row)).map_err(|_| self.shape(&part.column))?;
            }
        }
        let filled = segments.filled(windows, &sets.filled());
        let wholes = match self.query.compare.contains(&Compare::Share) {
            true => self.wholes(&sets, &segments, windows, members),
            false => HashMap::new(),
        };
        let counts = sets.counts(&segments, windows);
        Ok(vec![(indicator.id.clone(), Series::of_counts(counts, wholes, filled))])
    }

    /// What all members along the first dimension count together: whoever is in two of them counts once, so that a
    /// share is one of the whole and not of a sum nobody sees.
    fn wholes(
        &self,
        sets: &Sets,
        segments: &Segments,
        windows: &BTreeSet<Window>,
        members: &Members,
    ) -> HashMap<Window, HashMap<Member, i128>> {
        let (groups, group_of) = members.groups();
        let united = sets.united(|member| group_of.get(member).copied().unwrap_or_default());
        let mut wholes: HashMap<Window, HashMap<Member, i128>> = HashMap::new();
        for ((window, group), count) in united.counts(segments, windows) {
            let rest = groups.get(group).cloned().unwrap_or_default();
            wholes.entry(window).or_default().insert(rest, count);
        }
        wholes
    }

    async fn aggregate(
        &self,
        frame: DataFrame,
        segments: &Segments,
        totals: Vec<Expr>,
    ) -> Result<(Vec<Row>, Vec<u32>), MetricsError> {
        let mut scales = vec![0; totals.len()];
        let Some(keep) = self.keep(segments) else { return Ok((Vec::new(), scales)) };
        let totals = totals
            .into_iter()
            .enumerate()
            .map(|(place, total)| total.alias(format!("total_{place}")))
            .collect();
        let plan = frame
            .filter(keep)
            .and_then(|frame| frame.aggregate(self.keys(segments), totals))
            .map_err(|source| self.failed(source))?;
        let batches = Box::pin(plan.collect()).await.map_err(|source| self.failed(source))?;
        let mut rows = Vec::new();
        for batch in &batches {
            let mut numbers = Vec::new();
            for (place, scale) in scales.iter_mut().enumerate() {
                let column = batch.columns().get(1 + self.query.dimensions.len() + place);
                let (values, digits) = column.and_then(integers).ok_or_else(|| self.shape("total"))?;
                *scale = digits;
                numbers.push(values);
            }
            for (row, key) in self.decode_keys(batch)?.into_iter().enumerate() {
                let values = || numbers.iter().map(|column| column.get(row).copied().flatten()).collect();
                rows.extend(key.map(|(segment, member)| Row { segment, member, values: values() }));
            }
        }
        Ok((rows, scales))
    }

    /// The condition on rows of the rollup; none if there is no time to look at.
    fn keep(&self, segments: &Segments) -> Option<Expr> {
        let (first, last) = segments.reach()?;
        let day = |day| lit(ScalarValue::Date32(Some(epoch_day(day))));
        let mut keep = ident("day").lt_eq(day(last));
        if let Some(first) = first {
            keep = keep.and(ident("day").gt_eq(day(first)));
        }
        for (dimension, values) in &self.query.filters {
            let values = values.iter().map(|value| lit(value.as_str())).collect();
            keep = keep.and(self.value_of(dimension).in_list(values, false));
        }
        Some(keep)
    }

    /// Segment and dimensions, the first columns of every read.
    fn keys(&self, segments: &Segments) -> Vec<Expr> {
        let segment = segments.function().call(vec![ident("day")]).alias("segment");
        let dimensions =
            self.query.dimensions.iter().map(|dimension| self.value_of(dimension).alias(dimension));
        [segment].into_iter().chain(dimensions).collect()
    }

    /// Segment and member of every row. Days that no window needs have no segment.
    fn decode_keys(&self, batch: &RecordBatch) -> Result<Vec<Option<(usize, Member)>>, MetricsError> {
        let segments = batch
            .columns()
            .first()
            .and_then(|column| column.as_primitive_opt::<Int32Type>())
            .ok_or_else(|| self.shape("segment"))?;
        let mut texts: Vec<ArrayRef> = Vec::new();
        for (place, dimension) in self.query.dimensions.iter().enumerate() {
            let column = batch.columns().get(place + 1).ok_or_else(|| self.shape(dimension))?;
            texts.push(cast(column, &DataType::Utf8).map_err(|_| self.shape(dimension))?);
        }
        let texts: Vec<&StringArray> = texts.iter().map(|text| text.as_string::<i32>()).collect();
        let member = |row: usize| {
            texts.iter().map(|text| text.is_valid(row).then(|| text.value(row).to_owned())).collect()
        };
        let key = |(row, segment): (usize, Option<i32>)| {
            usize::try_from(segment?).ok().map(|segment| (segment, member(row)))
        };
        Ok(segments.iter().enumerate().map(key).collect())
    }

    /// The value of a dimension in a row of the rollup. A row that does not say where it was, was where it is.
    fn value_of(&self, dimension: &str) -> Expr {
        let column = ident(self.query.column_of(dimension));
        match dimension {
            PLACE => coalesce(vec![column, ident(DISTRICT_COLUMN)]),
            _ => column,
        }
    }

    fn failed(&self, source: DataFusionError) -> MetricsError {
        MetricsError::Aggregate { table: self.spec.table.clone(), source: Box::new(source) }
    }

    fn shape(&self, column: &str) -> MetricsError {
        MetricsError::Shape { table: self.spec.table.clone(), column: column.to_owned() }
    }
}

/// The values of a number column in units of 10^-scale, with the scale.
fn integers(column: &ArrayRef) -> Option<(Vec<Option<i128>>, u32)> {
    match column.data_type() {
        DataType::Int64 => {
            Some((column.as_primitive::<Int64Type>().iter().map(|value| value.map(i128::from)).collect(), 0))
        }
        DataType::Decimal128(_, scale) => {
            Some((column.as_primitive::<Decimal128Type>().iter().collect(), u32::try_from(*scale).ok()?))
        }
        _ => None,
    }
}
