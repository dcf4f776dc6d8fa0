//! What a scope lets through, and rollups over it.

use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::col;
use pujiang_warehouse::rollup::bitmap_count;
use pujiang_warehouse::{AdditiveMeasure, ErrorKind, MeasureExpr, RollupKind, RollupSpec, RowFilter};

use crate::support::*;

async fn filled() -> TestLake {
    let t = lake().await;
    let rows = [
        ("a", "310104", 0, "文旅", "p1", 100, 1),
        ("b", "310104", 1440, "购物", "p1", 200, 1),
        ("c", "310105", 0, "文旅", "p2", 400, 1),
        ("d", "310105", 45 * 1440, "文旅", "p1", 800, 1),
        ("e", "310000", 0, "文旅", "p3", 1600, 1),
    ];
    t.lake.writer("pay").unwrap().upsert(upserts(&t.lake, &rows), None).await.unwrap();
    t
}

#[tokio::test]
async fn a_scope_is_its_files() {
    let t = filled().await;
    let check = async |scope: &[&str], sql: &str, expected: &[&str]| {
        let got: Vec<String> = ask(&t.lake, scope, sql).await.into_iter().map(|r| r.join(" ")).collect();
        assert_eq!(got, expected, "{scope:?}: {sql}");
    };
    check(&["city"], "select sum(amount) from pay", &["31.00"]).await;
    check(&["310104"], "select sum(amount) from pay", &["3.00"]).await;
    check(&["310104", "310105"], "select sum(amount) from pay", &["15.00"]).await;
    check(&[], "select count(*) from pay", &["0"]).await;
    check(&["310104"], "select distinct district_code from pay", &["310104"]).await;
    check(&["310104"], "select count(*) from pay where district_code = '310105'", &["0"]).await;
    check(&["city"], "select no from pay where district_code in ('310105') order by no", &["c", "d"]).await;
    check(&["310105"], "select max(at) from pay", &["2026-10-16T00:00:00"]).await;
    check(&["310104"], "with pay as (select * from pay) select count(*) from pay", &["2"]).await;
}

#[tokio::test]
async fn only_reading_one_statement() {
    let t = filled().await;
    let session = t.lake.door().session(&principal(&["city"])).await.unwrap();
    for sql in [
        "drop table pay",
        "insert into pay select * from pay",
        "create table x as select 1",
        "create external table x stored as parquet location '/tmp'",
        "copy pay to '/tmp/x.parquet'",
        "set datafusion.execution.batch_size = 1",
        "select 1; select 2",
        "select * from '/etc/passwd'",
        "select * from nowhere",
        "selec",
        "delete from pay",
        "update pay set amount = 0",
    ] {
        let kind = session.sql(sql).await.map(|_| ()).unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::Invalid | ErrorKind::Forbidden), "{sql}: {kind:?}");
    }
}

#[tokio::test]
async fn rollups_agree_with_rows_before_and_after_a_change() {
    let t = filled().await;
    let measure = |name: &str, expr| AdditiveMeasure { name: name.into(), expr, filter: vec![] };
    let spec = RollupSpec {
        table: "pay".into(),
        time: "at".into(),
        dimensions: vec!["category".into()],
        kind: RollupKind::Additive {
            measures: vec![
                measure("n", MeasureExpr::Count),
                measure("paid", MeasureExpr::Sum("amount".into())),
                AdditiveMeasure {
                    name: "culture".into(),
                    expr: MeasureExpr::Count,
                    filter: vec![RowFilter { column: "category".into(), any_of: vec!["文旅".into()] }],
                },
            ],
        },
    };
    let people = RollupSpec {
        kind: RollupKind::Distinct { column: "person".into(), filter: vec![] },
        dimensions: vec![],
        ..spec.clone()
    };
    let totals = async |scope: &[&str]| {
        let session = t.lake.door().session(&principal(scope)).await.unwrap();
        let frame = session.rollup(&spec).await.unwrap();
        let frame =
            frame.aggregate(vec![], vec![sum(col("n")), sum(col("paid")), sum(col("culture"))]).unwrap();
        let additive = session.collect(frame).await.unwrap();
        let frame = session
            .rollup(&people)
            .await
            .unwrap()
            .aggregate(vec![], vec![bitmap_count().call(vec![col("ids")])])
            .unwrap();
        let distinct = session.collect(frame).await.unwrap();
        format!(
            "{} {}",
            arrow::util::pretty::pretty_format_batches(&additive)
                .unwrap()
                .to_string()
                .lines()
                .nth(3)
                .unwrap(),
            arrow::util::pretty::pretty_format_batches(&distinct)
                .unwrap()
                .to_string()
                .lines()
                .nth(3)
                .unwrap(),
        )
        .replace([' ', '|'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
    };
    assert_eq!(totals(&["city"]).await, "5 31.00 4 3");
    assert_eq!(totals(&["310104"]).await, "2 3.00 1 1");
    t.lake
        .writer("pay")
        .unwrap()
        .upsert(upserts(&t.lake, &[("a", "310104", 0, "文旅", "p9", 150, 2)]), None)
        .await
        .unwrap();
    assert_eq!(
        totals(&["310104"]).await,
        "2 3.50 1 2",
        "the replaced file's partial is not counted any more"
    );
    assert_eq!(totals(&["310105"]).await, "2 12.00 2 2");
}
