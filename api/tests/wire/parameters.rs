//! Parameters of every type: binary as drivers send them, text as pgbench does.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use rust_decimal::Decimal;
use tokio_postgres::types::{ToSql, Type};

use crate::support::{PASSWORD, WireApp, installed};

#[tokio::test(flavor = "multi_thread")]
async fn binary_parameters_of_every_type() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    let count = "select count(*) from benefit_transaction where ";
    let day = NaiveDate::from_ymd_opt(2026, 10, 15).expect("day");
    let noon = day.and_hms_opt(12, 0, 0).expect("time");
    let amount: Decimal = "10.25".parse().expect("decimal");
    // 04:30Z is 12:30 in Shanghai, the time of all rows.
    let moment: DateTime<FixedOffset> = "2026-10-15T04:30:00Z".parse().expect("moment");
    let moment = moment.with_timezone(&Utc);
    let many = vec!["T1", "T3", "T9"];
    let cases: [(&str, &[Type], &(dyn ToSql + Sync), i64); 13] = [
        ("txn_no = $1", &[], &"T1", 1),
        ("category = $1", &[], &"文旅", 3),
        ("amount = $1", &[], &amount, 1),
        ("amount > $1", &[Type::INT4], &10_i32, 2),
        ("amount > $1", &[Type::INT8], &10_i64, 2),
        ("amount > $1", &[Type::FLOAT8], &10.3_f64, 1),
        ("pay_time > $1", &[], &noon, 3),
        ("pay_time >= $1", &[Type::TIMESTAMPTZ], &moment, 3),
        ("pay_time > $1", &[Type::TIMESTAMPTZ], &moment, 0),
        ("cast(pay_time as date) = $1", &[], &day, 3),
        ("(amount > 15) = $1", &[], &true, 1),
        ("txn_no = $1", &[], &None::<&str>, 0),
        ("txn_no = any($1)", &[Type::TEXT_ARRAY], &many, 2),
    ];
    for (condition, types, value, want) in cases {
        let sql = format!("{count}{condition}");
        let statement =
            client.prepare_typed(&sql, types).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let row =
            client.query_one(&statement, &[value]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert_eq!(row.get::<_, i64>(0), want, "{sql} {value:?}");
    }
    let rows =
        client.query("select txn_no from benefit_transaction order by txn_no limit $1", &[&2_i64]).await;
    assert_eq!(rows.expect("limit").len(), 2);
}

/// As drivers send lists: without a cast, the statement says what the elements are.
#[tokio::test(flavor = "multi_thread")]
async fn right_answer_4_arrays_of_every_element_type() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    let count = "select count(*) from benefit_transaction where ";
    let day = NaiveDate::from_ymd_opt(2026, 10, 15).expect("day");
    let noon = day.and_hms_opt(12, 30, 0).expect("time");
    let decimal = |text: &str| text.parse::<Decimal>().expect("decimal");
    let moment: DateTime<Utc> = "2026-10-15T04:30:00Z".parse().expect("moment");
    let cases: [(&str, &(dyn ToSql + Sync), i64); 19] = [
        ("category = any($1)", &vec!["文旅", "体育"], 3),
        ("category = any($1::text[])", &vec!["文旅"], 3),
        ("category = any($1)", &vec![Some("文旅"), None], 3),
        ("category <> all($1)", &vec![Some("体育"), None], 0),
        ("category <> all($1)", &vec!["体育", "a,b", "NULL", ""], 3),
        ("category = any($1)", &Vec::<String>::new(), 0),
        ("category <> all($1)", &Vec::<String>::new(), 3),
        ("not (category = any($1))", &vec!["体育"], 3),
        ("amount = any($1)", &vec![decimal("10.25"), decimal("0.125")], 1),
        ("amount = any($1::numeric[])", &vec![decimal("10.25")], 1),
        ("amount >= all($1)", &vec![decimal("10.25"), decimal("3")], 2),
        ("record_version = any($1)", &vec![1_i64, 2, 3, 4, 5], 3),
        ("record_version = any($1::int[])", &vec![Some(-7_i32), None], 0),
        ("cast(pay_time as date) = any($1)", &vec![day], 3),
        ("cast(pay_time as date) = any($1::date[])", &vec![day], 3),
        ("pay_time = any($1)", &vec![noon], 3),
        ("pay_time = any($1::timestamptz[])", &vec![moment], 3),
        ("(amount > 10.24) = any($1)", &vec![true, false], 3),
        ("amount::float8 < any($1)", &vec![10.3_f64], 2),
    ];
    for (condition, value, want) in cases {
        let sql = format!("{count}{condition}");
        let row = client.query_one(&sql, &[value]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert_eq!(row.get::<_, i64>(0), want, "{sql} {value:?}");
    }
    let thousands: Vec<String> =
        (0..1_900).map(|number| format!("{number:060}")).chain(["T1".into()]).collect();
    let row = client.query_one(&format!("{count}txn_no = any($1)"), &[&thousands]).await.expect("thousands");
    assert_eq!(row.get::<_, i64>(0), 1);
    let sql = "select $1::text[] = array['a'], 1.5::numeric * $2, $3 + 0.01::numeric";
    let row = client.query_one(sql, &[&vec!["a"], &decimal("2"), &decimal("1234567890123456789.12")]).await;
    let row = row.expect("numbers");
    assert_eq!((row.get::<_, bool>(0), row.get::<_, Decimal>(1)), (true, decimal("3.0")));
    assert_eq!(row.get::<_, Decimal>(2), decimal("1234567890123456789.13"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_cannot_become_a_statement() {
    let wire = WireApp::start().await;
    wire.load().await;
    let clerk = wire.client("d310104").await;
    let sql = "select count(*) from benefit_transaction where district_code = $1";
    let row = clerk.query_one(sql, &[&"310104' or '1'='1"]).await.expect("row");
    assert_eq!(row.get::<_, i64>(0), 0);
    let row = clerk.query_one(sql, &[&"310105"]).await.expect("row");
    assert_eq!(row.get::<_, i64>(0), 0, "another district has no rows here");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_parameters_and_all_modes_of_pgbench() {
    let Some(pgbench) = installed("pgbench") else { return };
    let wire = WireApp::start().await;
    wire.load().await;
    let folder = tempfile::tempdir().expect("folder");
    let script = folder.path().join("read.sql");
    let text =
        "\\set n random(1, 20)\nselect count(*), sum(amount) from benefit_transaction where amount > :n;\n";
    std::fs::write(&script, text).expect("script");
    for mode in ["simple", "extended", "prepared"] {
        let mut command = tokio::process::Command::new(&pgbench);
        command.args(["-n", "-c", "4", "-j", "2", "-t", "25", "-M", mode, "-h", "127.0.0.1", "-U", "city"]);
        command.arg("-p").arg(wire.address.port().to_string()).arg("-f").arg(&script).arg("pujiang");
        let done = command.env("PGPASSWORD", PASSWORD).output().await.expect("pgbench runs");
        let (told, failed) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success() && told.contains("processed: 100/100"), "{mode}: {told}{failed}");
    }
}
