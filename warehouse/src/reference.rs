//! The reference tables `district` and `street`: present and retired districts with their days, and the streets of today.
//! Written at every start so that a new release brings its corrections along; an unchanged table is not committed again.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use pujiang_security::district::{DISTRICTS, RETIRED, valid_from};
use pujiang_security::street;

use crate::error::WarehouseError;
use crate::lake::Lake;
use crate::write::Change;

/// Days since the epoch.
fn days(date: NaiveDate) -> i32 {
    i32::try_from((date - NaiveDate::default()).num_days()).unwrap_or(0)
}

/// Writes both tables, where the definitions have them.
pub(crate) async fn write(lake: &Lake) -> Result<(), WarehouseError> {
    write_table(lake, "district", districts()).await?;
    write_table(lake, "street", streets()).await
}

async fn write_table(lake: &Lake, table: &str, columns: Vec<ArrayRef>) -> Result<(), WarehouseError> {
    let Some(def) = lake.catalog().table(table) else { return Ok(()) };
    let batch =
        RecordBatch::try_new(def.arrow_schema(), columns).map_err(WarehouseError::arrow("listing places"))?;
    lake.writer(table)?.upsert(Change { upserts: vec![batch], deletes: vec![] }, None).await?;
    Ok(())
}

/// Code, name, first day, first day no longer valid, successor.
fn districts() -> Vec<ArrayRef> {
    let present = DISTRICTS.iter().map(|d| (d.code.as_str(), d.name, valid_from(d.code), None, None));
    let retired =
        RETIRED.iter().map(|d| (d.code, d.name, None, Some(d.valid_to), Some(d.successor.as_str())));
    let rows: Vec<_> = present.chain(retired).collect();
    vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.0))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.1))),
        Arc::new(rows.iter().map(|r| r.2.map(days)).collect::<Date32Array>()),
        Arc::new(rows.iter().map(|r| r.3.map(days)).collect::<Date32Array>()),
        Arc::new(rows.iter().map(|r| r.4).collect::<StringArray>()),
    ]
}

/// Code, name, district, and three columns that are empty as long as no street of the list was retired.
fn streets() -> Vec<ArrayRef> {
    let all: Vec<_> = street::all().collect();
    vec![
        Arc::new(StringArray::from_iter_values(all.iter().map(|s| s.code.as_str()))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|s| s.name))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|s| s.district.as_str()))),
        Arc::new(Date32Array::new_null(all.len())),
        Arc::new(Date32Array::new_null(all.len())),
        Arc::new(StringArray::new_null(all.len())),
    ]
}
