//! Random rows for every table of the built-in catalog, and lakes that hold all or some of them. Values come from
//! small domains, so that joins meet, groups fill and divisors are zero now and then; units, persons and streets
//! refer to each other as real ones do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Array, Int64Builder, RecordBatch,
    StringArray, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::compute::concat_batches;
use pujiang_security::district::DISTRICTS;
use pujiang_tests::repository::root;
use pujiang_warehouse::{Change, ColumnDef, ColumnType, Door, Lake, TableDef, TableKind};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use super::grants::{Grant, owners, texts, visible};
use super::masks;
use crate::lake_tables;

const ROWS: usize = 160;
const PARTS: usize = 3;
const DAY: i64 = 86_400_000_000;

/// Rows that are not to be seen by anybody: replaced or deleted before the first question.
const PAST: usize = 9;
/// Units and persons others refer to, so that a unit or a person has several rows elsewhere.
const REFERRED: usize = 24;

/// A lake of random rows, with the rows beside it.
pub struct World {
    lake: Arc<Lake>,
    rows: Vec<(Arc<TableDef>, Vec<RecordBatch>)>,
    folder: TempDir,
}

impl World {
    /// All districts, each table written in several commits, so that a partition has several files, over a past of
    /// replaced and deleted rows.
    pub async fn random(rng: &mut ChaCha8Rng) -> Self {
        let maker = Maker { streets: streets() };
        let world = Self::empty(Vec::new()).await;
        let mut rows = Vec::new();
        let mut past = Vec::new();
        for def in world.tables_to_fill() {
            if def.kind == TableKind::District {
                // Earlier versions of the first part, most of them in another district, and rows that are deleted.
                past.push((def.clone(), maker.rows(&def, 0, -1, rng), maker.rows(&def, PAST, -1, rng)));
            }
            let batches = (0..PARTS).map(|part| maker.rows(&def, part, 0, rng)).collect();
            rows.push((def, batches));
        }
        for (def, replaced, deleted) in past {
            let writer = world.lake.writer(&def.id).unwrap();
            let change = Change { upserts: vec![replaced, deleted.clone()], deletes: vec![] };
            writer.upsert(change, None).await.unwrap();
            writer.upsert(Change { upserts: vec![], deletes: vec![deleted] }, None).await.unwrap();
        }
        let world = Self { rows, ..world };
        world.write().await;
        world
    }

    /// A lake that never held anything but what the grants show, with the treatments of the roles done to it.
    pub async fn cut_to(&self, grants: &[Grant], role: &str) -> Self {
        let above = self.units();
        let cut = |(def, batches): &(Arc<TableDef>, Vec<RecordBatch>)| {
            let all = concat_batches(&def.arrow_schema(), batches).unwrap();
            let all = match def.kind {
                TableKind::Reference => all,
                TableKind::District => visible(&def.id, &all, grants, &above),
            };
            (def.clone(), vec![masks::treat(&def.id, &all, role)])
        };
        let world = Self::empty(self.rows.iter().map(cut).collect()).await;
        world.write().await;
        world
    }

    /// Every unit with the one above it.
    pub fn units(&self) -> Vec<(String, Option<String>)> {
        let (_, batches) = self.rows.iter().find(|(def, _)| def.id == "organization").unwrap();
        let of = |batch: &RecordBatch| {
            let above = texts(batch, "parent_id").unwrap_or_else(|| vec![None; batch.num_rows()]);
            texts(batch, "id").unwrap().into_iter().flatten().zip(above).collect::<Vec<_>>()
        };
        batches.iter().flat_map(of).collect()
    }

    async fn empty(rows: Vec<(Arc<TableDef>, Vec<RecordBatch>)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(&Self::lake_folder(folder.path()), lake_tables::catalog()).await.unwrap();
        Self { lake, rows, folder }
    }

    fn lake_folder(data: &Path) -> std::path::PathBuf {
        data.join("lake")
    }

    /// Tables the lake does not fill by itself.
    fn tables_to_fill(&self) -> Vec<Arc<TableDef>> {
        let filled: Vec<String> =
            self.lake.status().into_iter().filter(|table| table.rows > 0).map(|table| table.id).collect();
        self.lake.catalog().tables().filter(|def| !filled.contains(&def.id)).cloned().collect()
    }

    async fn write(&self) {
        for (def, batches) in &self.rows {
            let writer = self.lake.writer(&def.id).unwrap();
            for batch in batches.iter().filter(|batch| batch.num_rows() > 0) {
                let change = Change { upserts: vec![batch.clone()], deletes: vec![] };
                writer.upsert(change, None).await.unwrap();
            }
        }
    }

    /// The door of the lake.
    pub fn door(&self) -> Door {
        self.lake.door()
    }

    /// A data folder whose lake this is.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Definitions of all tables, those the lake fills included.
    pub fn tables(&self) -> Vec<Arc<TableDef>> {
        self.lake.catalog().tables().cloned().collect()
    }

    /// The keys the naive filter keeps of every district table.
    pub fn visible_keys(&self, grants: &[Grant]) -> BTreeMap<String, BTreeSet<String>> {
        let above = self.units();
        let district = self.rows.iter().filter(|(def, _)| def.kind == TableKind::District);
        district
            .map(|(def, batches)| {
                let keys = batches.iter().flat_map(|batch| {
                    texts(&visible(&def.id, batch, grants, &above), &def.key).unwrap().into_iter().flatten()
                });
                (def.id.clone(), keys.collect())
            })
            .collect()
    }

    /// Table, column and sorted values of every text column as it was written, nulls left out.
    pub fn texts(&self) -> Vec<(String, String, Vec<String>)> {
        let mut all = Vec::new();
        for (def, batches) in &self.rows {
            for column in def.columns.iter().filter(|column| column.kind == ColumnType::Text) {
                let values = batches.iter().flat_map(|batch| texts(batch, &column.name).unwrap().into_iter());
                let mut values: Vec<String> = values.flatten().collect();
                values.sort_unstable();
                all.push((def.id.clone(), column.name.clone(), values));
            }
        }
        all
    }

    /// Keys of a table's rows; empty for tables the lake fills by itself.
    pub fn keys(&self, table: &str) -> Vec<String> {
        let rows = self.rows.iter().filter(|(def, _)| def.id == table);
        rows.flat_map(|(def, batches)| {
            batches.iter().flat_map(|batch| texts(batch, &def.key).unwrap().into_iter().flatten())
        })
        .collect()
    }
}

/// The key of a row; it begins with its table, so that a key in an error text tells whose row it is.
pub fn key(table: &str, part: usize, row: usize) -> String {
    format!("{table}{part}-{row:03}")
}

/// Makes rows whose references meet.
struct Maker {
    /// (street, district), three of each district.
    streets: Vec<(String, String)>,
}

impl Maker {
    fn rows(&self, def: &TableDef, part: usize, least_version: i64, rng: &mut ChaCha8Rng) -> RecordBatch {
        let districts: Vec<&str> =
            (0..ROWS).map(|_| DISTRICTS[rng.random_range(0..DISTRICTS.len())].code.as_str()).collect();
        let columns = def.columns.iter().map(|column| -> ArrayRef {
            if column.name == def.key {
                Arc::new((0..ROWS).map(|row| Some(key(&def.id, part, row))).collect::<StringArray>())
            } else if def.kind == TableKind::District && column.name == "district_code" {
                Arc::new(StringArray::from(districts.clone()))
            } else if def.version.as_ref() == Some(&column.name) {
                let version = |_| if least_version < 0 { -1 } else { rng.random_range(0..60) };
                Arc::new(Int64Array::from((0..ROWS).map(version).collect::<Vec<_>>()))
            } else if let Some(values) = self.references(def, column, part, &districts, rng) {
                Arc::new(StringArray::from(values))
            } else {
                random_column(column, rng)
            }
        });
        RecordBatch::try_new(def.arrow_schema(), columns.collect()).unwrap()
    }

    /// Values of a column that names a street, a unit or a person.
    fn references(
        &self,
        def: &TableDef,
        column: &ColumnDef,
        part: usize,
        districts: &[&str],
        rng: &mut ChaCha8Rng,
    ) -> Option<Vec<Option<String>>> {
        let owners = owners(&def.id);
        let named = |pick: fn(&super::grants::Owners) -> Option<&'static str>| {
            owners.and_then(pick) == Some(column.name.as_str())
        };
        let absent = |rng: &mut ChaCha8Rng| column.nullable && rng.random_bool(0.15);
        let mut values = Vec::with_capacity(districts.len());
        for (row, district) in districts.iter().enumerate() {
            values.push(if def.id == "organization" && column.name == "parent_id" {
                // Only earlier units are above: the hierarchy has several roots and no circle.
                let most = (part * ROWS + row).min(REFERRED);
                (most > 2 && rng.random_bool(0.8)).then(|| key("organization", 0, rng.random_range(0..most)))
            } else if named(|owners| owners.street) {
                let mut streets = self.streets.iter().filter(|(_, of)| of == district);
                let street = streets.nth(rng.random_range(0..3)).map(|(street, _)| street.clone());
                if absent(rng) { None } else { street }
            } else if named(|owners| owners.organization) {
                (!absent(rng)).then(|| key("organization", 0, rng.random_range(0..REFERRED)))
            } else if named(|owners| owners.person) {
                (!absent(rng)).then(|| key("person", 0, rng.random_range(0..REFERRED)))
            } else {
                return None;
            });
        }
        Some(values)
    }
}

/// Three streets of each district.
fn streets() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("ingest/data/shanghai_streets.csv")).unwrap();
    let rows = text.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        Some((cells.next()?.to_owned(), cells.nth(1)?.trim().to_owned()))
    });
    let mut chosen: Vec<(String, String)> = Vec::new();
    for (street, district) in rows {
        if chosen.iter().filter(|(_, of)| *of == district).count() < 3 {
            chosen.push((street, district));
        }
    }
    chosen
}

fn random_column(column: &ColumnDef, rng: &mut ChaCha8Rng) -> ArrayRef {
    // One builder per type; `null` comes from the column's own rule.
    macro_rules! fill {
        ($builder:expr, $value:expr) => {{
            let mut builder = $builder;
            for _ in 0..ROWS {
                if column.nullable && rng.random_bool(0.15) {
                    builder.append_null();
                } else {
                    builder.append_value($value);
                }
            }
            Arc::new(builder.finish()) as ArrayRef
        }};
    }
    match column.kind {
        ColumnType::Text => fill!(StringBuilder::new(), masks::sample(&column.name, rng.random_range(0..8))),
        ColumnType::Integer => fill!(Int64Builder::new(), rng.random_range(0..60)),
        ColumnType::Date => fill!(Date32Builder::new(), 20_700 + rng.random_range(0..60)),
        ColumnType::Boolean => fill!(BooleanBuilder::new(), rng.random_bool(0.5)),
        ColumnType::Timestamp => {
            fill!(TimestampMicrosecondBuilder::new(), 20_700 * DAY + rng.random_range(0..60 * DAY))
        }
        ColumnType::Decimal(precision, scale) => {
            let builder = Decimal128Builder::new().with_precision_and_scale(precision, scale).unwrap();
            fill!(builder, rng.random_range(0..100_000))
        }
    }
}
