//! Treated columns: whatever a statement does with them, it does with the values as they are shown.

use datafusion::logical_expr::col;
use pujiang_warehouse::rollup::bitmap_count;
use pujiang_warehouse::{
    AdditiveMeasure, Answer, ErrorKind, Lake, MeasureExpr, RollupKind, RollupSpec, RowFilter, WarehouseError,
};

use crate::town::*;

#[tokio::test]
async fn masked_values_filter_group_join_and_sort_as_shown() {
    let t = town().await;
    let clerk = session(&t, &["district_clerk"], &["310104", "310105"]).await;
    let cases = [
        (
            "select mobile from member order by id",
            "138****1111; 138****2222; 139****3333; 138****1111; 137****5555",
        ),
        ("select count(*) from member where mobile = '13812341111'", "0"),
        ("select count(*) from member where mobile = '138****1111'", "2"),
        ("select count(*) from member where mobile like '%1234%'", "0"),
        ("select count(*) from member where mobile in ('13812341111', '139****3333')", "1"),
        ("select count(*) from member where mobile > '13812'", "1"),
        ("select mobile, count(*) from member group by mobile having count(*) > 1", "138****1111 2"),
        ("select min(mobile), max(mobile) from member", "137****5555 139****3333"),
        ("select count(distinct mobile) from member", "4"),
        ("select count(*) from member a join member b on a.mobile = b.mobile", "7"),
        ("select count(*) from member a join member b on a.mobile = b.name", "0"),
        ("select id from member order by mobile desc, id limit 1", "m3"),
        ("select max(length(mobile)) from member", "11"),
        ("select count(*) from member where substr(mobile, 4, 4) = '1234'", "0"),
        ("select count(*) from member where mobile ~ '^1381234'", "0"),
        (
            "select count(*) from (select mobile from member where mobile is not null union select '13812341111') u",
            "5",
        ),
        (
            "with recursive r as (select mobile from member where id = 'm1' union all select m.mobile from member m join r on m.mobile = r.mobile where false) select * from r",
            "138****1111",
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(ask(&clerk, sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn pseudonyms_count_and_join_like_the_values() {
    let t = town().await;
    let clerk = session(&t, &["street_clerk"], &["310104", "310105"]).await;
    let tokens = ask(&clerk, "select mobile from member order by id").await;
    let tokens: Vec<&str> = tokens.split("; ").collect();
    assert!(tokens.iter().all(|t| t.len() == 32), "{tokens:?}");
    assert_eq!(tokens[0], tokens[3]);
    assert_eq!(ask(&clerk, "select count(distinct mobile) from member").await, "4");
    assert_eq!(ask(&clerk, "select count(*) from member a join member b on a.mobile = b.mobile").await, "7");
    assert_eq!(ask(&clerk, "select count(*) from member where mobile = '13812341111'").await, "0");
    let by_token = format!("select count(*) from member where mobile = '{}'", tokens[0]);
    assert_eq!(ask(&clerk, &by_token).await, "2");
    // Names are masked for the same role: both treatments in one statement.
    assert_eq!(ask(&clerk, "select string_agg(name, '' order by id) from member").await, "张*张*李*王*赵*");
}

/// An error with the columns it offers in the order of the alphabet: those like the one asked for stand first.
fn sorted(error: &str) -> String {
    let Some((words, columns)) = error.split_once("可用的列有：") else { return error.to_owned() };
    let mut columns: Vec<&str> = columns.split('、').collect();
    columns.sort_unstable();
    format!("{words}{}", columns.join("、"))
}

#[tokio::test]
async fn hidden_columns_do_not_exist() {
    let t = town().await;
    let clerk = session(&t, &["unit_clerk"], &["310104"]).await;
    for sql in [
        "select mobile from member",
        "select id from member where mobile is null",
        "select count(*) from member order by max(mobile)",
        "select m.\"mobile\" from member m",
        "select count(mobile) from member",
        "select id from member group by mobile",
    ] {
        let error = ask(&clerk, sql).await;
        let unknown = ask(&clerk, &sql.replace("mobile", "nothing")).await;
        assert!(error.starts_with("error"), "{sql}: {error}");
        assert_eq!(sorted(&error.replace("mobile", "nothing")), sorted(&unknown), "as any unknown column");
    }
    assert!(ask(&clerk, "select name from member").await.starts_with("error"));
    assert_eq!(
        ask(&clerk, "select * from member where id = 'm1'").await,
        "m1 310104 310104003 o1 p1 1 1 2024-10-24"
    );
    let described =
        ask(&clerk, "select column_name from information_schema.columns where table_name = 'member'").await;
    assert!(described.contains("person_id") && !described.contains("mobile"), "{described}");
    let shown = ask(&clerk, "show columns from member").await;
    assert!(shown.contains("person_id") && !shown.contains("mobile"), "{shown}");
}

#[tokio::test]
async fn several_roles_take_the_weaker_only_if_every_role_names_the_column() {
    let t = town().await;
    let first = async |roles: &[_]| {
        ask(&session(&t, roles, &["city"]).await, "select mobile from member where id = 'm1'").await
    };
    assert_eq!(first(&["city_analyst"]).await, "13812341111");
    assert_eq!(first(&["city_analyst", "district_clerk"]).await, "13812341111");
    assert!(first(&["city_analyst", "unit_clerk"]).await.starts_with("error"));
}

#[tokio::test]
async fn without_a_key_columns_to_be_pseudonyms_are_hidden() {
    let t = town().await;
    let catalog = t.lake.catalog().clone();
    let keyless = Lake::open(&t.dir.path().join("lake"), catalog).await.unwrap();
    let session = keyless.door().session(&person("a", &["street_clerk"], &["city"])).await.unwrap();
    assert!(ask(&session, "select mobile from member").await.starts_with("error"));
}

fn count(dimensions: &[&str], filter: Vec<RowFilter>) -> RollupSpec {
    RollupSpec {
        table: "member".into(),
        time: "day".into(),
        dimensions: dimensions.iter().map(ToString::to_string).collect(),
        kind: RollupKind::Additive {
            measures: vec![AdditiveMeasure { name: "rows".into(), expr: MeasureExpr::Count, filter }],
        },
    }
}

#[tokio::test]
async fn aggregates_refuse_what_needs_clear_values() {
    let t = town().await;
    let clerk = session(&t, &["district_clerk"], &["310104"]).await;
    let refused = async |spec: &RollupSpec| match clerk.rollup(spec).await {
        Err(error @ WarehouseError::HiddenColumn { .. }) => {
            assert_eq!(error.kind(), ErrorKind::Forbidden);
            true
        }
        _ => false,
    };
    let on_mobile = vec![RowFilter { column: "mobile".into(), any_of: vec!["13812341111".into()] }];
    assert!(refused(&count(&[], on_mobile)).await, "a filter would tell who has this number");
    let distinct = |column: &str| RollupSpec {
        kind: RollupKind::Distinct { column: column.into(), filter: vec![] },
        ..count(&[], vec![])
    };
    assert!(refused(&distinct("mobile")).await, "masks make different numbers equal");
    assert!(!refused(&distinct("person_id")).await);
    let city = session(&t, &["city_analyst"], &["city"]).await;
    assert!(!matches!(city.rollup(&distinct("mobile")).await, Err(WarehouseError::HiddenColumn { .. })));
}

#[tokio::test]
async fn aggregates_of_finer_scopes_are_those_of_their_rows() {
    let t = town().await;
    let totals = async |roles: &[_], scope: &[&str], spec: &RollupSpec| {
        let session = session(&t, roles, scope).await;
        let frame = session.rollup(spec).await.unwrap();
        let fields: Vec<String> =
            frame.schema().fields().iter().map(|f| format!("{} {}", f.name(), f.data_type())).collect();
        let sorted =
            frame.sort(vec![col("district_code").sort(true, false), col("day").sort(true, false)]).unwrap();
        (rows(&session.collect(sorted).await.unwrap()), fields.join(", "))
    };
    let spec = count(&[], vec![]);
    let (city, shape) = totals(&["city_analyst"], &["city"], &spec).await;
    assert_eq!(city, "310104 2024-10-04 2; 310104 2024-10-24 1; 310105 2024-10-04 2");
    let (street, same_shape) = totals(&["district_clerk"], &["street:310104003"], &spec).await;
    assert_eq!(street, "310104 2024-10-04 1; 310104 2024-10-24 1");
    assert_eq!(shape, same_shape);
    assert_eq!(
        totals(&["district_clerk"], &["organization:o4", "person:p1"], &spec).await.0,
        "310104 2024-10-24 1; 310105 2024-10-04 2"
    );
    assert_eq!(totals(&["district_clerk"], &["street:310105002"], &spec).await.0, "");
    // A masked dimension groups by its mask, also where the scope is a choice of files.
    let by_name = count(&["name"], vec![]);
    let masked = totals(&["street_clerk"], &["310104"], &by_name).await.0;
    let mut masked: Vec<&str> = masked.split("; ").collect();
    masked.sort_unstable();
    assert_eq!(masked, ["310104 2024-10-04 张* 1", "310104 2024-10-04 李* 1", "310104 2024-10-24 张* 1"]);
    // Different values through bitmaps.
    let people =
        RollupSpec { kind: RollupKind::Distinct { column: "person_id".into(), filter: vec![] }, ..spec };
    let distinct = async |scope: &[&str]| {
        let session = session(&t, &["district_clerk"], scope).await;
        let counted = session
            .rollup(&people)
            .await
            .unwrap()
            .aggregate(vec![], vec![bitmap_count().call(vec![col("ids")])])
            .unwrap();
        rows(&session.collect(counted).await.unwrap())
    };
    assert_eq!(distinct(&["310104", "310105"]).await, "4");
    assert_eq!(distinct(&["street:310104003", "person:p1"]).await, "2");
}

fn rows(batches: &[arrow::array::RecordBatch]) -> String {
    let answer = Answer {
        schema: std::sync::Arc::new(arrow::datatypes::Schema::empty()),
        batches: batches.to_vec(),
        data_version: String::new(),
        tables: vec![],
        cut: false,
    };
    cells(&answer)
}
