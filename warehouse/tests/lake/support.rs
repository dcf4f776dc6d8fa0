//! A lake in a temporary folder with one small district table.

use std::sync::Arc;

use arrow::array::{
    Array, AsArray, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use pujiang_definition::{LakeForms, Layers};
use pujiang_security::{Assignment, DistrictCode, Identity, Principal, PrincipalIssuer, Roles};
use pujiang_warehouse::{Catalog, Change, Lake, Mark};

pub const TABLE: &str = "
format = 1
title = \"交易\"
description = \"test\"
kind = \"district\"
key = \"no\"
version = \"version\"
time = \"at\"
[[column]]
name = \"no\"
title = \"号\"
type = \"text\"
visibility = \"internal\"
[[column]]
name = \"district_code\"
title = \"区\"
type = \"text\"
visibility = \"public\"
[[column]]
name = \"at\"
title = \"时间\"
type = \"timestamp\"
visibility = \"internal\"
[[column]]
name = \"category\"
title = \"类别\"
type = \"text\"
visibility = \"public\"
nullable = true
[[column]]
name = \"person\"
title = \"人\"
type = \"text\"
visibility = \"personal\"
nullable = true
[[column]]
name = \"amount\"
title = \"金额\"
type = \"decimal(12,2)\"
visibility = \"internal\"
[[column]]
name = \"version\"
title = \"版本\"
type = \"integer\"
visibility = \"internal\"
";

pub struct TestLake {
    pub dir: tempfile::TempDir,
    pub lake: Arc<Lake>,
}

pub async fn lake() -> TestLake {
    let dir = tempfile::tempdir().unwrap();
    let tables = dir.path().join("warehouse/tables/test");
    std::fs::create_dir_all(&tables).unwrap();
    std::fs::write(tables.join("pay.toml"), TABLE).unwrap();
    let lake = reopen(dir.path()).await;
    TestLake { dir, lake }
}

pub async fn reopen(dir: &std::path::Path) -> Arc<Lake> {
    let catalog = Catalog::load(&Layers::tree(dir), &LakeForms::default()).finished().unwrap();
    Lake::open(&dir.join("lake"), catalog).await.unwrap()
}

/// (no, district, minutes after 2026-09-01 00:00, category, person, amount in 分, version)
pub type Row<'a> = (&'a str, &'a str, i64, &'a str, &'a str, i128, i64);

pub fn batch(lake: &Lake, rows: &[Row]) -> RecordBatch {
    let base = 1_788_220_800_000_000_i64; // 2026-09-01 00:00 wall clock
    RecordBatch::try_new(
        lake.catalog().table("pay").unwrap().arrow_schema(),
        vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.0))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.1))),
            Arc::new(TimestampMicrosecondArray::from_iter_values(
                rows.iter().map(|r| base + r.2 * 60_000_000),
            )),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.3))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.4))),
            Arc::new(
                Decimal128Array::from_iter_values(rows.iter().map(|r| r.5))
                    .with_precision_and_scale(12, 2)
                    .unwrap(),
            ),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.6))),
        ],
    )
    .unwrap()
}

pub fn upserts(lake: &Lake, rows: &[Row]) -> Change {
    Change { upserts: vec![batch(lake, rows)], deletes: vec![] }
}

pub fn deletes(lake: &Lake, rows: &[Row]) -> Change {
    Change { upserts: vec![], deletes: vec![batch(lake, rows)] }
}

pub fn mark(version: i64) -> Option<Mark> {
    Some(Mark { app_id: "feed/test".into(), version })
}

pub fn principal(districts: &[&str]) -> Principal {
    let assignments = districts
        .iter()
        .map(|d| {
            if *d == "city" {
                Assignment::City
            } else {
                Assignment::District(DistrictCode::parse(d).unwrap())
            }
        })
        .collect();
    PrincipalIssuer::new(Roles::builtin().unwrap()).issue(Identity {
        account_id: "1".into(),
        account: "a".into(),
        name: "甲".into(),
        roles: vec!["city_analyst".into()],
        assignments,
        viewer: None,
    })
}

/// Cells of a query as text, row by row.
pub async fn ask(lake: &Lake, districts: &[&str], sql: &str) -> Vec<Vec<String>> {
    let session = lake.door().session(&principal(districts)).await.unwrap();
    let answer = session.sql(sql).await.unwrap();
    let mut rows = Vec::new();
    for batch in &answer.batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|c| arrow::compute::cast(c, &arrow::datatypes::DataType::Utf8).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cell = |c: &Arc<dyn Array>| {
                if c.is_null(row) { "∅".into() } else { c.as_string::<i32>().value(row).to_owned() }
            };
            rows.push(columns.iter().map(cell).collect());
        }
    }
    rows
}
