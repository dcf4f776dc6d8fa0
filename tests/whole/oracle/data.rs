//! Random rows for the district tables of the built-in catalog, and lakes that hold all or some of them.
//! Values come from small domains, so that joins meet, groups fill and divisors are zero now and then.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Array,
    Int64Builder, RecordBatch, StringArray, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::compute::filter_record_batch;
use pujiang_security::{DataScope, DistrictCode, district::DISTRICTS};
use pujiang_warehouse::{Catalog, Change, ColumnType, Door, Lake, TableDef};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

/// Tables the queries are about; enough for joins, few enough to keep a query cheap.
pub const TABLES: [&str; 3] = ["benefit_transaction", "state_event", "merchant_profile"];
const ROWS: usize = 240;
const DAY: i64 = 86_400_000_000;

/// Rows that are not to be seen by anybody: replaced or deleted before the first question.
const PAST: usize = 9;

/// A lake of random rows, with the rows beside it.
pub struct World {
    lake: Arc<Lake>,
    rows: Vec<(Arc<TableDef>, Vec<RecordBatch>)>,
    _folder: TempDir,
}

impl World {
    /// All districts, each table written in several commits, so that a partition has several files, over a past of
    /// replaced and deleted rows.
    pub async fn random(rng: &mut ChaCha8Rng) -> Self {
        let catalog = Catalog::builtin().unwrap();
        let mut rows = Vec::new();
        let mut past = Vec::new();
        for table in TABLES {
            let def = catalog.table(table).unwrap().clone();
            // Earlier versions of the first part, most of them in another district, and rows that are deleted.
            past.push((def.clone(), random_rows(&def, 0, -1, rng), random_rows(&def, PAST, -1, rng)));
            let batches = (0..3).map(|part| random_rows(&def, part, 0, rng)).collect();
            rows.push((def, batches));
        }
        let world = Self::empty(rows).await;
        for (def, replaced, deleted) in past {
            let writer = world.lake.writer(&def.id).unwrap();
            let change = Change { upserts: vec![replaced, deleted.clone()], deletes: vec![] };
            writer.upsert(change, None).await.unwrap();
            writer.upsert(Change { upserts: vec![], deletes: vec![deleted] }, None).await.unwrap();
        }
        world.write().await;
        world
    }

    /// A lake that holds only the rows the scope allows.
    pub async fn cut_to(&self, scope: &DataScope) -> Self {
        let allowed = |code: &str| DistrictCode::parse(code).is_ok_and(|code| scope.allows(code));
        let cut = |batch: &RecordBatch| {
            let codes = batch.column_by_name("district_code").unwrap();
            let codes = codes.as_any().downcast_ref::<StringArray>().unwrap();
            let keep: BooleanArray = (0..codes.len()).map(|row| Some(allowed(codes.value(row)))).collect();
            filter_record_batch(batch, &keep).unwrap()
        };
        let rows = self.rows.iter().map(|(def, batches)| (def.clone(), batches.iter().map(cut).collect()));
        let world = Self::empty(rows.collect()).await;
        world.write().await;
        world
    }

    async fn empty(rows: Vec<(Arc<TableDef>, Vec<RecordBatch>)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path(), Catalog::builtin().unwrap()).await.unwrap();
        Self { lake, rows, _folder: folder }
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

    /// Definitions of the tables.
    pub fn tables(&self) -> Vec<Arc<TableDef>> {
        self.rows.iter().map(|(def, _)| def.clone()).collect()
    }
}

fn random_rows(def: &TableDef, part: usize, least_version: i64, rng: &mut ChaCha8Rng) -> RecordBatch {
    let columns = def
        .columns
        .iter()
        .map(|column| {
            let absent = |rng: &mut ChaCha8Rng| column.nullable && rng.random_bool(0.15);
            if column.name == def.key {
                let keys: StringArray = (0..ROWS).map(|row| Some(format!("k{part}-{row:03}"))).collect();
                Arc::new(keys) as ArrayRef
            } else if column.name == "district_code" {
                let codes: StringArray =
                    (0..ROWS).map(|_| Some(DISTRICTS[rng.random_range(0..16)].code.as_str())).collect();
                Arc::new(codes)
            } else if def.version.as_ref() == Some(&column.name) {
                let version = |rng: &mut ChaCha8Rng| {
                    least_version + if least_version < 0 { 0 } else { rng.random_range(0..60) }
                };
                let versions: Int64Array = (0..ROWS).map(|_| Some(version(rng))).collect();
                Arc::new(versions)
            } else {
                random_column(column.kind, rng, &absent)
            }
        })
        .collect();
    RecordBatch::try_new(def.arrow_schema(), columns).unwrap()
}

fn random_column(
    kind: ColumnType,
    rng: &mut ChaCha8Rng,
    absent: &dyn Fn(&mut ChaCha8Rng) -> bool,
) -> ArrayRef {
    // One builder per type; `null` comes from the column's own rule.
    macro_rules! fill {
        ($builder:expr, $value:expr) => {{
            let mut builder = $builder;
            for _ in 0..ROWS {
                if absent(rng) {
                    builder.append_null();
                } else {
                    builder.append_value($value);
                }
            }
            Arc::new(builder.finish()) as ArrayRef
        }};
    }
    match kind {
        ColumnType::Text => fill!(StringBuilder::new(), format!("v{}", rng.random_range(0..8))),
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
