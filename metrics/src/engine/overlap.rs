//! Registered records against the codes that the rows of a period name: how many of those registered at its end were
//! seen, and how many strangers were. A set of rows alone cannot tell, because who is registered is a running sum of
//! state changes, and rows name codes where those name records. Three rollups meet here; `plan` says which.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{ident, lit};
use indexmap::IndexSet;
use roaring::RoaringBitmap;

use super::members::{Member, Members};
use super::refusal;
use super::series::Series;
use super::source::Rollups;
use crate::calendar::Frame;
use crate::definition::{DISTRICT, DISTRICT_COLUMN, IndicatorDef, Overlap, Side};
use crate::error::MetricsError;
use crate::plan::{DELTA, IDS, OverlapPart, Part, PartKind, RECORD, RollupPlan, Window, epoch_day, windows};
use crate::query::ValidQuery;

/// What to read for one indicator.
pub(super) struct OverlapReading<'q> {
    pub(super) rollups: &'q dyn Rollups,
    pub(super) plan: &'q RollupPlan,
    pub(super) indicator: &'q IndicatorDef,
    pub(super) overlap: &'q Overlap,
    pub(super) part: &'q Part,
    pub(super) sources: OverlapPart,
    pub(super) query: &'q ValidQuery<'q>,
    pub(super) frames: &'q [Frame],
}

/// Codes seen in a district in a month.
struct Seen {
    district: Option<String>,
    day: i32,
    codes: RoaringBitmap,
}

/// A record that entered or left the states that count.
struct Event {
    day: i32,
    record: usize,
    /// Its district and the asked dimensions, by number.
    place: usize,
    delta: i64,
}

/// Everything that was read.
#[derive(Default)]
struct Input {
    seen: Vec<Seen>,
    events: Vec<Event>,
    records: IndexSet<String>,
    places: IndexSet<(Option<String>, Member)>,
    codes: HashMap<usize, RoaringBitmap>,
}

impl OverlapReading<'_> {
    /// Reads the series and makes its members known.
    pub(super) async fn run(&self, members: &mut Members) -> Result<Series, MetricsError> {
        let mut input = Input::default();
        self.seen(&mut input).await?;
        self.events(&mut input).await?;
        self.codes(&mut input).await?;
        input.events.sort_by_key(|event| event.day);
        let mut windows: Vec<Window> =
            windows(PartKind::Overlap, &self.query.compare, self.frames).into_iter().collect();
        // The shorter history first: what is registered is only ever added to.
        windows.sort_by_key(last_day);
        let (mut counts, mut filled) = (HashMap::new(), BTreeSet::new());
        let (mut held, mut next): (HashMap<(usize, usize), i64>, usize) = (HashMap::new(), 0);
        for window in windows {
            while let Some(event) = input.events.get(next).filter(|event| event.day <= last_day(&window)) {
                *held.entry((event.record, event.place)).or_default() += event.delta;
                next += 1;
            }
            let seen = of_window(&input.seen, &window);
            if !seen.is_empty() {
                filled.insert(window);
            }
            let registered = held.iter().filter(|(_, sum)| **sum > 0).map(|(key, _)| *key);
            let found = match self.overlap.side {
                Side::Registered => self.registered(&input, &seen, registered),
                Side::Strangers => self.strangers(&input, &seen, registered),
            };
            for (member, count) in found {
                counts.insert((window, members.number(member)), count);
            }
        }
        Ok(Series::of_counts(counts, HashMap::new(), filled))
    }

    fn by_district(&self) -> bool {
        self.query.dimensions.iter().any(|dimension| dimension == DISTRICT)
    }

    /// Registered records that were seen: anywhere, or in their own district where districts stand apart.
    fn registered(
        &self,
        input: &Input,
        seen: &BTreeMap<Option<String>, RoaringBitmap>,
        registered: impl Iterator<Item = (usize, usize)>,
    ) -> HashMap<Member, i128> {
        let anywhere: RoaringBitmap = seen.values().fold(RoaringBitmap::new(), |all, one| all | one);
        let nothing = RoaringBitmap::new();
        let mut records: HashMap<&Member, HashSet<usize>> = HashMap::new();
        for (record, place) in registered {
            let Some((district, member)) = input.places.get_index(place) else { continue };
            let here = if self.by_district() { seen.get(district).unwrap_or(&nothing) } else { &anywhere };
            // Whoever is registered makes the member known, seen or not: its rate is 0 and not missing.
            let found = records.entry(member).or_default();
            if input.codes.get(&record).is_some_and(|codes| !codes.is_disjoint(here)) {
                found.insert(record);
            }
        }
        records.into_iter().map(|(member, found)| (member.clone(), found.len() as i128)).collect()
    }

    /// Codes that were seen and belong to nobody registered: nowhere, or not in the district where they were seen.
    fn strangers(
        &self,
        input: &Input,
        seen: &BTreeMap<Option<String>, RoaringBitmap>,
        registered: impl Iterator<Item = (usize, usize)>,
    ) -> HashMap<Member, i128> {
        let key =
            |district: &Option<String>| if self.by_district() { vec![district.clone()] } else { Vec::new() };
        let mut strangers: HashMap<Member, RoaringBitmap> = HashMap::new();
        for (district, codes) in seen {
            *strangers.entry(key(district)).or_default() |= codes;
        }
        for (record, place) in registered {
            let Some((district, _)) = input.places.get_index(place) else { continue };
            if let (Some(left), Some(codes)) = (strangers.get_mut(&key(district)), input.codes.get(&record)) {
                *left -= codes;
            }
        }
        strangers.into_iter().map(|(member, left)| (member, i128::from(left.len()))).collect()
    }

    async fn seen(&self, input: &mut Input) -> Result<(), MetricsError> {
        let frame = self.read(self.part.rollup).await?;
        let table = Batches { table: &self.overlap.seen, batches: self.collect(frame, self.within()).await? };
        for batch in &table.batches {
            let (districts, days) = (table.text(batch, DISTRICT_COLUMN)?, table.days(batch)?);
            for row in 0..batch.num_rows() {
                let district = districts.is_valid(row).then(|| districts.value(row).to_owned());
                let codes = table.bitmap(batch, row)?;
                input.seen.push(Seen { district, day: days.value(row), codes });
            }
        }
        Ok(())
    }

    async fn events(&self, input: &mut Input) -> Result<(), MetricsError> {
        let frame = self.read(self.sources.stock).await?;
        // The rows of a registered record tell its category; those that name its code may be of another.
        let filters = self.query.filters.iter().map(|(dimension, values)| {
            let values = values.iter().map(|value| lit(value.as_str())).collect();
            ident(self.query.column_of(dimension)).in_list(values, false)
        });
        let keep: Vec<_> = filters.collect();
        let table = Batches { table: &self.overlap.stock, batches: self.collect(frame, keep).await? };
        for batch in &table.batches {
            let (districts, days) = (table.text(batch, DISTRICT_COLUMN)?, table.days(batch)?);
            let (records, deltas) = (table.text(batch, RECORD)?, table.numbers(batch, DELTA)?);
            let dimensions = self.query.dimensions.iter();
            let dimensions: Vec<StringArray> = dimensions
                .map(|dimension| table.text(batch, self.query.column_of(dimension)))
                .collect::<Result<_, _>>()?;
            for row in 0..batch.num_rows() {
                // Rows of other states carry no delta.
                let Some(delta) = deltas.get(row).copied().flatten() else { continue };
                let text = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
                let place = (text(&districts), dimensions.iter().map(text).collect());
                input.events.push(Event {
                    day: days.value(row),
                    record: input.records.insert_full(records.value(row).to_owned()).0,
                    place: input.places.insert_full(place).0,
                    delta,
                });
            }
        }
        Ok(())
    }

    async fn codes(&self, input: &mut Input) -> Result<(), MetricsError> {
        let frame = self.read(self.sources.codes).await?;
        let batches = self.collect(frame, Vec::new()).await?;
        let table = Batches { table: &self.overlap.records, batches };
        for batch in &table.batches {
            let records = table.text(batch, &self.overlap.key)?;
            for row in 0..batch.num_rows() {
                if let Some(record) = input.records.get_index_of(records.value(row)) {
                    *input.codes.entry(record).or_default() |= table.bitmap(batch, row)?;
                }
            }
        }
        Ok(())
    }

    async fn read(&self, rollup: usize) -> Result<DataFrame, MetricsError> {
        let spec = self.plan.rollups.get(rollup).ok_or_else(|| MetricsError::Shape {
            table: self.overlap.records.clone(),
            column: self.indicator.id.clone(),
        })?;
        Box::pin(refusal::as_it_is(self.rollups, spec, self.indicator)).await
    }

    /// The condition on rows that name codes: the asked districts.
    fn within(&self) -> Vec<datafusion::logical_expr::Expr> {
        let districts = self.query.filters.get(DISTRICT).into_iter();
        let asked = districts.map(|values| {
            ident(DISTRICT_COLUMN).in_list(values.iter().map(|value| lit(value.as_str())).collect(), false)
        });
        asked.collect()
    }

    async fn collect(
        &self,
        frame: DataFrame,
        keep: Vec<datafusion::logical_expr::Expr>,
    ) -> Result<Vec<RecordBatch>, MetricsError> {
        let failed = |source| MetricsError::Aggregate {
            table: self.overlap.records.clone(),
            source: Box::new(source),
        };
        let kept = keep.into_iter().try_fold(frame, DataFrame::filter).map_err(failed)?;
        Box::pin(kept.collect()).await.map_err(failed)
    }
}

/// The codes of each district in the months of a window.
fn of_window(seen: &[Seen], window: &Window) -> BTreeMap<Option<String>, RoaringBitmap> {
    let mut found: BTreeMap<Option<String>, RoaringBitmap> = BTreeMap::new();
    let Window::Between(span) = window else { return found };
    let days = epoch_day(span.from)..=epoch_day(span.to);
    for one in seen.iter().filter(|one| days.contains(&one.day)) {
        *found.entry(one.district.clone()).or_default() |= &one.codes;
    }
    found
}

fn last_day(window: &Window) -> i32 {
    match window {
        Window::Between(span) => epoch_day(span.to),
        Window::UpTo(day) => epoch_day(*day),
    }
}

/// The batches of one rollup, whose columns were agreed with the warehouse.
struct Batches<'a> {
    table: &'a str,
    batches: Vec<RecordBatch>,
}

impl Batches<'_> {
    fn text(&self, batch: &RecordBatch, name: &str) -> Result<StringArray, MetricsError> {
        let column = batch.column_by_name(name).ok_or_else(|| self.shape(name))?;
        let text = cast(column, &DataType::Utf8).map_err(|_| self.shape(name))?;
        Ok(text.as_string::<i32>().clone())
    }

    fn days<'b>(&self, batch: &'b RecordBatch) -> Result<&'b arrow::array::Date32Array, MetricsError> {
        let column = batch.column_by_name("day").and_then(|column| column.as_primitive_opt::<Date32Type>());
        column.ok_or_else(|| self.shape("day"))
    }

    fn numbers(&self, batch: &RecordBatch, name: &str) -> Result<Vec<Option<i64>>, MetricsError> {
        let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
        Ok(column.ok_or_else(|| self.shape(name))?.iter().collect())
    }

    fn bitmap(&self, batch: &RecordBatch, row: usize) -> Result<RoaringBitmap, MetricsError> {
        let column = batch.column_by_name(IDS).and_then(|column| column.as_binary_opt::<i32>());
        let column = column.ok_or_else(|| self.shape(IDS))?;
        if column.is_null(row) {
            return Ok(RoaringBitmap::new());
        }
        // Written by the rollups of this process.
        RoaringBitmap::deserialize_unchecked_from(column.value(row)).map_err(|_| self.shape(IDS))
    }

    fn shape(&self, column: &str) -> MetricsError {
        MetricsError::Shape { table: self.table.to_owned(), column: column.to_owned() }
    }
}
