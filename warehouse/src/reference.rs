//! The reference table `district`: present and retired districts, written at every start so that a new
//! release brings its corrections along. An unchanged table is not committed again.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use pujiang_security::district::{DISTRICTS, RETIRED};

use crate::error::WarehouseError;
use crate::lake::Lake;
use crate::write::Change;

/// Writes the districts. `valid_to` is the first day on which the successor stands in the place of a retired one.
pub(crate) async fn write_districts(lake: &Lake) -> Result<(), WarehouseError> {
    let Some(def) = lake.catalog().table("district") else { return Ok(()) };
    let days = |date: NaiveDate| i32::try_from((date - NaiveDate::default()).num_days()).ok();
    let present = DISTRICTS.iter().map(|d| (d.code.as_str(), d.name, None, None));
    let retired = RETIRED.iter().map(|d| (d.code, d.name, days(d.valid_to), Some(d.successor.as_str())));
    let rows: Vec<_> = present.chain(retired).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.0))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.1))),
        Arc::new(Date32Array::from(vec![None; rows.len()])),
        Arc::new(rows.iter().map(|r| r.2).collect::<Date32Array>()),
        Arc::new(rows.iter().map(|r| r.3).collect::<StringArray>()),
    ];
    let batch = RecordBatch::try_new(def.arrow_schema(), columns)
        .map_err(WarehouseError::arrow("listing districts"))?;
    lake.writer("district")?.upsert(Change { upserts: vec![batch], deletes: vec![] }, None).await?;
    Ok(())
}
