//! Values in both formats, scopes, errors, and what the audit log keeps.

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use serde_json::json;
use tokio_postgres::types::Type;

use crate::support::{WireApp, code, text, texts};

const EACH: &str = "select txn_no, amount, pay_time, cast(pay_time as date) as day, category, count(*) over () as n, \
                    amount > 15 as much, cast(amount as double) as f, cast(null as varchar) as nothing \
                    from benefit_transaction where txn_no = 'T1'";

#[tokio::test(flavor = "multi_thread")]
async fn every_type_in_text_and_binary() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    let text = texts(&client, EACH).await;
    let want = ["T1", "10.25", "2026-10-15 12:30:00", "2026-10-15", "文旅", "1", "f", "10.25"];
    let got: Vec<Option<&str>> = text[0].iter().map(Option::as_deref).collect();
    assert_eq!(got[..8], want.map(Some));
    assert_eq!(got[8], None);

    let row = client.query_one(EACH, &[]).await.expect("binary");
    let types: Vec<&Type> = row.columns().iter().map(|column| column.type_()).collect();
    let text_type = &Type::TEXT;
    assert_eq!(
        types,
        [
            text_type,
            &Type::NUMERIC,
            &Type::TIMESTAMP,
            &Type::DATE,
            text_type,
            &Type::INT8,
            &Type::BOOL,
            &Type::FLOAT8,
            text_type
        ]
    );
    let day = NaiveDate::from_ymd_opt(2026, 10, 15).expect("day");
    assert_eq!(row.get::<_, &str>(0), "T1");
    assert_eq!(row.get::<_, Decimal>(1), "10.25".parse::<Decimal>().expect("decimal"));
    assert_eq!(row.get::<_, NaiveDateTime>(2), day.and_hms_opt(12, 30, 0).expect("time"));
    assert_eq!(row.get::<_, NaiveDate>(3), day);
    assert_eq!(row.get::<_, &str>(4), "文旅");
    assert_eq!((row.get::<_, i64>(5), row.get::<_, bool>(6), row.get::<_, f64>(7)), (1, false, 10.25));
    assert_eq!(row.get::<_, Option<&str>>(8), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_only_their_scope() {
    let wire = WireApp::start().await;
    wire.load().await;
    let sql = "select district_code, count(*) from benefit_transaction group by 1 order by 1";
    let row = |district: &str, rows: &str| vec![Some(district.to_owned()), Some(rows.to_owned())];
    assert_eq!(texts(&wire.client("city").await, sql).await, [row("310104", "2"), row("310105", "1")]);
    let clerk = wire.client("d310104").await;
    assert_eq!(texts(&clerk, sql).await, [row("310104", "2")]);
    assert_eq!(text(&clerk, "show pujiang.scope").await, "仅徐汇区");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_the_codes_they_know() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    for (sql, want) in [
        ("selec 1", "42601"),
        ("select * from nothing", "42P01"),
        ("select nothing from district", "42703"),
        ("select nothing(1)", "42883"),
        ("select 1/0", "22012"),
        ("select cast('x' as int)", "22P02"),
        ("insert into district values ('1')", "25006"),
        ("create table x (a int)", "25006"),
        ("drop table district", "25006"),
        ("update district set name = 'x'", "25006"),
        ("copy district to stdout", "0A000"),
        ("prepare p as select 1", "0A000"),
        ("set role postgres", "42501"),
        ("select 1; select 2", "42601"),
        ("select 'open", "42601"),
    ] {
        assert_eq!(code(&client, sql).await.code(), want, "{sql}");
        assert_eq!(text(&client, "select 1").await, "1", "the connection goes on after {sql}");
    }
    let error = client.prepare("select * from nothing").await.expect_err("refused");
    assert_eq!(error.code().map(|code| code.code()), Some("42P01"));
    assert_eq!(client.query_one("select 1", &[]).await.expect("goes on").get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_knows_the_question_and_nothing_personal() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("d310104").await;
    texts(&client, "select txn_no from benefit_transaction where category = '文旅' /* 张三 */").await;
    client.query("select name from district where code = $1", &[&"310104"]).await.expect("rows");
    code(&client, "select * from nothing where name = '李四'").await;
    let entries = wire.audited().await;
    let kept: Vec<_> = entries.iter().map(|entry| entry["after"].as_str().expect("after")).collect();
    let kept: Vec<serde_json::Value> =
        kept.iter().map(|after| serde_json::from_str(after).expect("json")).collect();
    assert_eq!(kept.len(), 3, "{entries:?}");
    let first = &kept[0];
    assert_eq!(first["tables"], json!(["benefit_transaction"]));
    assert_eq!(
        (&first["rows"], &first["ending"], &first["channel"]),
        (&json!(2), &json!("done"), &json!("postgres"))
    );
    assert_eq!(first["scope"], "仅徐汇区");
    assert_eq!(first["statement"], "select txn_no from benefit_transaction where category = ?");
    assert!(
        first["data_version"].as_str().is_some_and(|version| version.starts_with("benefit_transaction@"))
    );
    assert_eq!((&kept[1]["rows"], &kept[1]["tables"]), (&json!(1), &json!(["district"])));
    assert_eq!(kept[2]["ending"], "failed");
    let all = format!("{entries:?}");
    for personal in ["文旅", "张三", "李四", "310104'"] {
        assert!(!all.contains(personal), "{personal} is in the audit log");
    }
    assert!(entries.iter().all(|entry| entry["actor"] == "d310104" && entry["origin"] == "127.0.0.1"));
    assert!(entries[0]["result"] == "成功" && entries[2]["result"] == "失败");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_6_overflow_has_its_code() {
    let wire = WireApp::start().await;
    let client = wire.client("city").await;
    for sql in [
        "select 9223372036854775807 + 1",
        "select 2147483647::int + 1::int",
        "select 9223372036854775807 * 2",
        "select 3000000000::int",
        "select 123.456::numeric(4,2)",
    ] {
        assert_eq!(code(&client, sql).await.code(), "22003", "{sql}");
    }
    for sql in ["select 1 / 0", "select 1.0 / 0", "select 1::float8 / 0"] {
        assert_eq!(code(&client, sql).await.code(), "22012", "{sql}");
    }
    assert_eq!(code(&client, "select 'a' = any('{a')").await.code(), "22P02");
    let sum = "select sum(x) from (values (9223372036854775807), (1)) t(x)";
    assert_eq!(text(&client, sum).await, "9223372036854775808");
    let row = client.query_one(sum, &[]).await.expect("binary");
    assert_eq!(row.get::<_, Decimal>(0), "9223372036854775808".parse::<Decimal>().expect("decimal"));
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_10_quotients_are_shown_as_postgresql_shows_them() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    for (sql, want) in [
        ("select 1/3.0", "0.33333333333333333333"),
        ("select 10/4.0", "2.5000000000000000"),
        ("select avg(amount) from benefit_transaction", "12.5833333333333333"),
        ("select sum(amount) from benefit_transaction", "37.75"),
        ("select round(avg(amount), 2) from benefit_transaction", "12.58"),
        ("select (2/3.0)::text || '!'", "0.66666666666666666667!"),
        ("select 99999999999999999999999999999999999999::numeric", "99999999999999999999999999999999999999"),
        ("select case when true then 1 else 0.5 end", "1.0"),
    ] {
        assert_eq!(text(&client, sql).await, want, "{sql}");
        if want.len() < 28 && !sql.contains("text") {
            let row = client.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            assert_eq!(row.columns()[0].type_(), &Type::NUMERIC, "{sql}");
            assert_eq!(row.get::<_, Decimal>(0), want.parse::<Decimal>().expect("decimal"), "{sql}");
        }
    }
}
