//! Partials of distinct counts after a restart: kept where their numbers still mean the same, made again where not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use datafusion::prelude::col;
use pujiang_warehouse::Lake;
use pujiang_warehouse::rollup::{RollupKind, RollupSpec, bitmap_count};

use super::support::{ask, lake, principal, reopen, upserts};

async fn people(lake: &Lake, scope: &[&str]) -> String {
    let spec = RollupSpec {
        table: "pay".into(),
        time: "at".into(),
        dimensions: vec!["category".into()],
        kind: RollupKind::Distinct { column: "person".into(), filter: vec![] },
    };
    let session = lake.door().session(&principal(scope)).await.unwrap();
    let counted = session
        .rollup(&spec)
        .await
        .unwrap()
        .aggregate(vec![], vec![bitmap_count().call(vec![col("ids")])])
        .unwrap();
    let batches = session.collect(counted).await.unwrap();
    let kept = arrow::util::display::array_value_to_string(batches[0].column(0), 0).unwrap();
    let rows = ask(lake, scope, "select count(distinct person) from pay").await;
    assert_eq!(kept, rows[0][0], "the bitmaps and the rows of {scope:?}");
    kept
}

/// Side files (of partials, of numbers) with their contents.
fn files(dir: &Path, numbers: Numbers) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.join("lake/_rollup")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.parent().unwrap().ends_with("_ids") == matches!(numbers, Numbers::Ids) {
                found.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

enum Numbers {
    Ids,
    Partials,
}

const FIRST: &[super::support::Row] = &[
    ("a", "310104", 0, "文旅", "p1", 100, 1),
    ("b", "310104", 9, "餐饮", "p2", 200, 1),
    ("c", "310105", 5, "文旅", "p1", 300, 1),
    ("d", "310105", 7, "文旅", "p3", 300, 1),
];

#[tokio::test]
async fn a_restart_reads_the_bitmaps_that_are_there() {
    let t = lake().await;
    t.lake.writer("pay").unwrap().upsert(upserts(&t.lake, FIRST), None).await.unwrap();
    assert_eq!(people(&t.lake, &["city"]).await, "3");
    let made = files(t.dir.path(), Numbers::Partials);
    assert_eq!(made.len(), 2, "{:?}", made.keys());
    drop(t.lake);
    let again = reopen(t.dir.path()).await;
    assert_eq!(people(&again, &["city"]).await, "3");
    assert_eq!(people(&again, &["310105"]).await, "2");
    assert!(files(t.dir.path(), Numbers::Partials) == made, "nothing was made again");
}

#[tokio::test]
async fn lost_numbers_cost_the_partials_and_no_answer() {
    let delete: fn(&Path) = |path| std::fs::remove_file(path).unwrap();
    let cut: fn(&Path) = |path| std::fs::write(path, b"PAR1").unwrap();
    for (name, damage) in [("delete", delete), ("cut", cut)] {
        for which in 0..2 {
            let t = lake().await;
            let writer = t.lake.writer("pay").unwrap();
            writer.upsert(upserts(&t.lake, FIRST), None).await.unwrap();
            assert_eq!(people(&t.lake, &["310104"]).await, "2");
            assert_eq!(people(&t.lake, &["city"]).await, "3");
            drop((writer, t.lake));
            let ids = files(t.dir.path(), Numbers::Ids);
            assert_eq!(ids.len(), 2, "{:?}", ids.keys());
            damage(ids.keys().nth(which).unwrap());
            let again = reopen(t.dir.path()).await;
            // New people get the numbers that the lost ones had.
            let more: &[super::support::Row] = &[
                ("e", "310106", 0, "文旅", "p7", 100, 1),
                ("f", "310106", 0, "文旅", "p8", 100, 1),
                ("g", "310106", 0, "文旅", "p1", 100, 1),
            ];
            again.writer("pay").unwrap().upsert(upserts(&again, more), None).await.unwrap();
            assert_eq!(people(&again, &["310106"]).await, "3", "{name} {which}");
            assert_eq!(people(&again, &["city"]).await, "5", "{name} {which}");
            assert_eq!(people(&again, &["310104"]).await, "2", "{name} {which}");
        }
    }
}

#[tokio::test]
async fn a_broken_partial_is_made_again() {
    let t = lake().await;
    t.lake.writer("pay").unwrap().upsert(upserts(&t.lake, FIRST), None).await.unwrap();
    assert_eq!(people(&t.lake, &["city"]).await, "3");
    drop(t.lake);
    let made = files(t.dir.path(), Numbers::Partials);
    let paths: Vec<&PathBuf> = made.keys().collect();
    std::fs::write(paths[0], b"not a parquet file").unwrap();
    let again = reopen(t.dir.path()).await;
    assert_eq!(people(&again, &["city"]).await, "3");
    assert_eq!(files(t.dir.path(), Numbers::Partials).len(), 2);
}
