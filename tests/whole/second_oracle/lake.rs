//! The rows in a lake of a data folder, with the account that asks.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use pujiang_security::Assignment;
use pujiang_warehouse::{Change, Lake};

use super::rows::{Filled, filled};
use crate::lake_tables;
use crate::server::{Person, create};

/// Who asks: somebody who sees every row in clear.
pub const ACCOUNT: &str = "second-oracle";

/// Fills the folder.
pub async fn fill(data: &Path) {
    let lake = Lake::open(&data.join("lake"), lake_tables::catalog()).await.unwrap();
    for filled in filled() {
        let change = Change { upserts: vec![batch(&lake, &filled)], deletes: vec![] };
        lake.writer(filled.table).unwrap().upsert(change, None).await.unwrap();
    }
    let person = Person {
        account: ACCOUNT.into(),
        roles: vec!["city_analyst".into()],
        assignments: vec![Assignment::City],
    };
    create(data, &[person]).await;
}

fn batch(lake: &Lake, filled: &Filled) -> RecordBatch {
    let schema = lake.catalog().table(filled.table).unwrap().arrow_schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match filled.columns.iter().position(|(name, _)| name == field.name()) {
            None => new_null_array(field.data_type(), filled.rows.len()),
            Some(at) => {
                let texts: StringArray = filled.rows.iter().map(|row| row[at].as_deref()).collect();
                cast(&(Arc::new(texts) as ArrayRef), field.data_type()).unwrap()
            }
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}
