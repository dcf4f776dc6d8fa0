//! The 22 queries of TPC-H on a hundredth of the data, for the city, one district, two districts and none, against
//! answers DuckDB gave on the rows of each scope (`bench/tpch/answers/`, made by `bench/tpch/duckdb_answers.py`).

use std::path::PathBuf;

use crate::tpch::{answer, load, query, scope};

const SCALE: f64 = 0.01;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scope_gets_the_answers_of_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let lake = load::lake(folder.path(), SCALE).await;
    let answers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench/tpch/answers");
    let mut wrong = Vec::new();
    let mut filled = 0;
    for scope in scope::all() {
        let expected = answer::read(&answers.join(format!("{}.txt", scope.name)));
        for query in query::all(SCALE) {
            let session = lake.door().session(&scope.principal).await.unwrap();
            let got = answer::texts(&session.sql(&query.sql).await.unwrap().batches);
            filled += usize::from(!got.is_empty());
            if let Some(difference) = answer::difference(&got, &expected[&query.name()]) {
                wrong.push(format!("{} under scope {}: {difference}", query.name(), scope.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(filled > 60, "only {filled} of 88 questions found rows");
}

#[test]
fn a_wrong_cell_a_missing_row_and_a_missing_cell_are_noticed() {
    let rows = |text: &str| -> answer::Rows {
        text.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
    };
    let expected = rows("A|1.50|25.522005853257337\nB|2|NULL");
    assert_eq!(answer::difference(&rows("A|1.5|25.522006\nB|2|NULL"), &expected), None);
    for wrong in
        ["A|1.51|25.522006\nB|2|NULL", "A|1.5|25.522006", "A|1.5\nB|2|NULL", "A|1.5|25.522006\nB|2|0"]
    {
        assert!(answer::difference(&rows(wrong), &expected).is_some(), "{wrong}");
    }
}
