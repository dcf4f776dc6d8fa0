//! Scopes finer than a district: what they show, and that nothing tells of what they do not show.

use crate::town::*;

const STREET: &[&str] = &["street:310104003"];

async fn shown(t: &Town, assignments: &[&str]) -> String {
    let session = session(t, &["district_clerk"], assignments).await;
    ask(&session, "select string_agg(id, '' order by id) from member").await
}

#[tokio::test]
async fn each_grant_shows_its_rows_and_grants_unite() {
    let t = town().await;
    let cases: [(&[&str], &str); 13] = [
        (&["city"], "m1m2m3m4m5"),
        (&["310104"], "m1m2m3"),
        (&[], "∅"),
        (STREET, "m1m2"),
        (&["street:310105001"], "m4"),
        (&["street:310105002"], "∅"),
        (&["organization:o1"], "m1m2m4"),
        (&["organization:o2"], "m2m4"),
        (&["organization:o9"], "∅"),
        (&["person:p1"], "m1m5"),
        (&["310104", "person:p1"], "m1m2m3m5"),
        (&["street:310104004", "organization:o4"], "m3m4"),
        (&["310105", "street:310104004"], "m3m4m5"),
    ];
    for (assignments, expected) in cases {
        assert_eq!(shown(&t, assignments).await, expected, "{assignments:?}");
    }
}

#[tokio::test]
async fn a_table_without_a_column_for_a_grant_shows_nothing_by_it() {
    let t = town().await;
    let units = async |assignments: &[&str]| {
        ask(
            &session(&t, &["district_clerk"], assignments).await,
            "select string_agg(id, '' order by id) from unit",
        )
        .await
    };
    assert_eq!(units(&["organization:o2"]).await, "o2o4");
    assert_eq!(units(STREET).await, "∅");
    assert_eq!(units(&["person:p1"]).await, "∅");
    assert_eq!(units(&["310104", "person:p1"]).await, "o1o2o3o4");
}

#[tokio::test]
async fn the_hierarchy_is_that_of_now_and_part_of_the_fingerprint() {
    let t = town().await;
    let of = |assignment: &'static str| person("a", &["district_clerk"], &[assignment]);
    let (unit, street) = (of("organization:o3"), of("street:310104003"));
    let door = t.lake.door();
    let before = (door.fingerprint(&unit), door.fingerprint(&street));
    assert_eq!(&before.0, door.session(&unit).await.unwrap().fingerprint());
    assert_eq!(shown(&t, &["organization:o3"]).await, "m3");
    units(&t.lake, &[("o4", Some("o3")), ("o3", Some("o4"))]).await;
    assert_eq!(shown(&t, &["organization:o3"]).await, "m3m4", "a circle ends");
    assert_ne!(door.fingerprint(&unit), before.0, "answers kept under the old hierarchy are not found");
    assert_eq!(door.fingerprint(&street), before.1);
}

/// Each statement fails on a row that is not shown. The city's answer shows that it does.
#[tokio::test]
async fn errors_on_rows_not_shown_never_happen() {
    let t = town().await;
    let (street, city) =
        (session(&t, &["district_clerk"], STREET).await, session(&t, &["city_analyst"], &["city"]).await);
    let statements = [
        ("select count(*) from member where 10 / n > 0", "2"),
        ("select string_agg(id, '' order by id) from member where cast(note as bigint) > 0", "m1m2"),
        ("select sum(10 / n) from member", "15"),
        ("select count(*) from member a join member b on 10 / a.n = 10 / b.n", "2"),
        ("select id from member where cast(note as bigint) = 2", "m2"),
        ("select id from member order by 10 / n limit 1", "m2"),
        ("select count(*) from member where 10 / n > 0 and district_code = '310104'", "2"),
        ("select max(x) from (select 10 / n as x from member group by 10 / n) q", "10"),
        (
            "select count(*) from member a where exists (select 1 from member b where 10 / b.n = 10 / a.n)",
            "2",
        ),
        ("select count(*) from unit right join member on 10 / n > 100 where note is not null", "2"),
        (
            "with recursive r as (select n from member union all select n - 1 from r where 10 / n > 0 and n > 1) select count(*) from r",
            "3",
        ),
        ("select sum(q) from (select 10 / n as q, row_number() over (order by 10 / n) from member) w", "15"),
    ];
    for (sql, expected) in statements {
        assert_eq!(ask(&street, sql).await, expected, "{sql}");
        let failed = ask(&city, sql).await;
        assert!(
            failed.starts_with("error"),
            "{sql} must fail on the rows of the city, or it proves nothing: {failed}"
        );
    }
}

/// What a plan shows must be the same whatever lies in rows not shown.
#[tokio::test]
async fn plans_show_nothing_beneath_the_barrier() {
    let t = town().await;
    let street = session(&t, &["district_clerk"], STREET).await;
    for sql in [
        "explain select * from member where n = 1",
        "explain verbose select * from member where n = 1",
        "explain analyze select * from member where n = 1",
        "explain analyze verbose select id from member order by n limit 1",
        "explain analyze select count(*) from member",
        "explain select max(n), min(id), count(*) from member",
        "explain analyze select count(*) from member a join member b on a.id = b.id where a.n = 1",
    ] {
        let plan = ask(&street, sql).await;
        assert!(plan.contains("BarrierExec: table=member"), "{sql}: {plan}");
        for secret in [
            "parquet",
            "DataSourceExec",
            "FilterExec: street",
            "street_code IN",
            "310105",
            "output_rows=5",
            "output_rows=3",
            "row_groups",
            "pruned",
            "bytes_scanned",
        ] {
            assert!(!plan.contains(secret), "{sql} shows {secret}: {plan}");
        }
    }
    let empty = session(&t, &["district_clerk"], &["street:310105002"]).await;
    let masked = |plan: String| plan.replace("310105002", "S").replace("310104003", "S");
    let explain = "explain select id from member where n = 1";
    assert_eq!(
        masked(ask(&empty, explain).await),
        masked(ask(&street, explain).await),
        "where there is no row, too"
    );
}

#[tokio::test]
async fn counts_and_extremes_are_of_the_rows_shown() {
    let t = town().await;
    let street = session(&t, &["district_clerk"], STREET).await;
    let cases = [
        ("select count(*) from member", "2"),
        ("select min(n), max(n), max(id) from member", "1 2 m2"),
        ("select count(distinct district_code) from member", "1"),
        ("select count(*) from member where district_code = '310105'", "0"),
        ("select count(*) from (select * from member limit 3) q", "2"),
        ("select id from member order by n desc limit 1", "m2"),
        ("select id from member order by id offset 1", "m2"),
        ("with member as (select * from member) select count(*) from member", "2"),
        ("select count(*) from member m1, member m2", "4"),
        ("select (select count(*) from member) + (select count(*) from public.member)", "4"),
        ("select count(*) from member where n not in (select n from member where n = 1)", "1"),
        (
            "select count(*) from (select id from member union all select id from pujiang.public.member) u",
            "4",
        ),
        ("select grouping(n), count(*) from member group by rollup(n) order by 1, 2", "0 1; 0 1; 1 2"),
    ];
    for (sql, expected) in cases {
        assert_eq!(ask(&street, sql).await, expected, "{sql}");
    }
}

/// A choice of files needs no barrier: the speed of district scopes must not suffer from finer ones.
#[tokio::test]
async fn districts_are_read_without_a_barrier() {
    let t = town().await;
    let plan = async |roles: &[&str], scope: &[&str], sql: &str| {
        ask(&session(&t, roles, scope).await, &format!("explain {sql}")).await
    };
    for scope in [&["310104"][..], &["city"]] {
        let plain = plan(&["district_clerk"], scope, "select id, n from member where n = 1").await;
        assert!(!plain.contains("BarrierExec") && plain.contains("predicate=n"), "{plain}");
    }
    let clear = plan(&["city_analyst"], &["city"], "select mobile from member where n = 1").await;
    assert!(!clear.contains("BarrierExec"), "{clear}");
    let treated = plan(&["district_clerk"], &["310104"], "select mobile from member where n = 1").await;
    assert!(treated.contains("BarrierExec"), "{treated}");
}
