//! A lake of an older release: columns that tables have gained since then.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use pujiang_definition::{LakeForms, Layers};
use pujiang_warehouse::{Catalog, Change, Lake, WarehouseError};

use crate::support::*;

const NEW: &str = "[[column]]\nname = \"place\"\ntitle = \"地\"\ntype = \"text\"\nvisibility = \"public\"\nnullable = true\n";

fn redefine(t: &TestLake, text: &str) -> Arc<Catalog> {
    std::fs::write(t.dir.path().join("warehouse/tables/test/pay.toml"), text).unwrap();
    Catalog::load(&Layers::tree(t.dir.path()), &LakeForms::default()).finished().unwrap()
}

#[tokio::test]
async fn a_new_column_is_empty_in_old_rows_and_kept_in_new_ones() {
    let mut t = lake().await;
    t.lake
        .writer("pay")
        .unwrap()
        .upsert(upserts(&t.lake, &[("a", "310104", 0, "文旅", "p1", 100, 1)]), None)
        .await
        .unwrap();
    let catalog = redefine(&t, &format!("{TABLE}{NEW}"));
    t.lake = Lake::open(&t.dir.path().join("lake"), catalog).await.unwrap();
    let all = "select no, place, amount from pay order by no";
    assert_eq!(ask(&t.lake, &["310104"], all).await, [["a", "∅", "1.00"]]);
    // Rewriting the old file with a new row, and a second row beside it.
    let old = lake().await;
    let rows = [("a", "310104", 0, "文旅", "p1", 150, 2), ("b", "310104", 0, "文旅", "p1", 7, 1)];
    let mut columns = batch(&old.lake, &rows).columns().to_vec();
    columns.push(Arc::new(StringArray::from(vec![Some("310108"), None])));
    let batch = RecordBatch::try_new(t.lake.catalog().table("pay").unwrap().arrow_schema(), columns).unwrap();
    let change = Change { upserts: vec![batch], deletes: vec![] };
    t.lake.writer("pay").unwrap().upsert(change, None).await.unwrap();
    assert_eq!(ask(&t.lake, &["310104"], all).await, [["a", "310108", "1.50"], ["b", "∅", "0.07"]]);
    t.lake.maintain().await.unwrap();
    let again = Lake::open(&t.dir.path().join("lake"), t.lake.catalog().clone()).await.unwrap();
    assert_eq!(ask(&again, &["310104"], "select count(place) from pay").await, [["1"]]);
}

#[tokio::test]
async fn a_new_column_that_may_not_be_empty_needs_a_migration() {
    let t = lake().await;
    let catalog = redefine(&t, &format!("{TABLE}{}", NEW.replace("nullable = true\n", "")));
    let error = Lake::open(&t.dir.path().join("lake"), catalog).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, WarehouseError::SchemaDrift { .. }), "{error}");
}
