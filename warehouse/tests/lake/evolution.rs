//! A lake of an older release: columns that tables have gained since then.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use pujiang_definition::{LakeForms, Layers};
use pujiang_warehouse::{Catalog, Change, Lake, TableMade, WarehouseError};

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

#[tokio::test]
async fn a_lake_is_redefined_beside_the_one_in_use() {
    let t = lake().await;
    let write = |rows: Vec<(&'static str, &'static str)>| {
        let rows: Vec<_> =
            rows.iter().map(|(no, person)| (*no, "310104", 0, "文旅", *person, 100, 1)).collect();
        upserts(&t.lake, &rows)
    };
    t.lake.writer("pay").unwrap().upsert(write(vec![("a", "p1")]), None).await.unwrap();
    let older = t.lake.writer("pay").unwrap();
    let other = TABLE.replace("\"交易\"", "\"又一张\"");
    std::fs::write(t.dir.path().join("warehouse/tables/test/other.toml"), other).unwrap();
    let catalog = redefine(&t, &format!("{TABLE}{NEW}"));
    let newer = t.lake.redefined(catalog).await.unwrap();
    // Both answer, the newer one with its column and its table; a commit of either is seen by both.
    let all = "select no, place from pay order by no";
    assert_eq!(ask(&newer, &["310104"], all).await, [["a", "∅"]]);
    assert_eq!(ask(&newer, &["310104"], "select count(*) from other").await, [["0"]]);
    let columns = batch(&t.lake, &[("b", "310104", 0, "文旅", "p2", 100, 1)]).columns().to_vec();
    let placed: arrow::array::ArrayRef = Arc::new(StringArray::from(vec![Some("310108")]));
    let columns = columns.into_iter().chain([placed]).collect();
    let batch = RecordBatch::try_new(newer.catalog().table("pay").unwrap().arrow_schema(), columns).unwrap();
    newer
        .writer("pay")
        .unwrap()
        .upsert(Change { upserts: vec![batch], deletes: vec![] }, None)
        .await
        .unwrap();
    assert_eq!(ask(&t.lake, &["310104"], "select no from pay order by no").await, [["a"], ["b"]]);
    // A writer of before, rewriting files, keeps the column it does not know.
    for no in ["c", "d", "e", "f", "g", "h", "i", "j"] {
        older.upsert(write(vec![(no, "p3")]), None).await.unwrap();
    }
    let placed = "select no from pay where place = '310108'";
    assert_eq!(ask(&newer, &["310104"], placed).await, [["b"]]);
}

#[tokio::test]
async fn a_plan_tells_what_would_be_made_and_what_cannot() {
    let t = lake().await;
    t.lake
        .writer("pay")
        .unwrap()
        .upsert(upserts(&t.lake, &[("a", "310104", 0, "文旅", "p1", 100, 1)]), None)
        .await
        .unwrap();
    let root = t.dir.path().join("lake");
    let older = t.lake.catalog().clone();
    assert!(Lake::plan(&root, &older, &older).await.unwrap().is_empty());
    let other = TABLE.replace("\"交易\"", "\"又一张\"");
    std::fs::write(t.dir.path().join("warehouse/tables/test/other.toml"), other).unwrap();
    let newer = redefine(&t, &format!("{TABLE}{NEW}"));
    let plan = Lake::plan(&root, &older, &newer).await.unwrap();
    let made: Vec<(&str, &TableMade, usize)> =
        plan.iter().map(|one| (one.table.as_str(), &one.made, one.problems.len())).collect();
    assert_eq!(
        made,
        [("other", &TableMade::Table, 0), ("pay", &TableMade::Columns(vec!["place".to_owned()]), 0)]
    );
    let person = "[[column]]\nname = \"person\"\ntitle = \"人\"\ntype = \"text\"\nvisibility = \"personal\"\nnullable = true\n";
    let wrong = TABLE.replace("decimal(12,2)", "decimal(14,2)").replace(person, "");
    let newer = redefine(&t, &format!("{wrong}{}", NEW.replace("nullable = true\n", "")));
    let plan = Lake::plan(&root, &older, &newer).await.unwrap();
    let problems = &plan.iter().find(|one| one.table == "pay").unwrap().problems;
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].contains("列 amount 现为"), "{problems:?}");
    assert!(problems[1].contains("新列 place 必须可以为空"), "{problems:?}");
    assert!(problems[2].contains("列 person 已有数据"), "{problems:?}");
    // Nothing was made or changed by asking.
    assert!(!root.join("other").exists());
    assert!(Lake::plan(&root, &older, &older).await.unwrap().is_empty());
}
