//! Questions that once got a wrong answer without a word, by their number in the list they came from. The right values are
//! PostgreSQL 15's (`TimeZone` Asia/Shanghai).

use tokio_postgres::types::Type;

use crate::support::{WireApp, code, text, texts};

/// The cells of all rows, `∅` for NULL.
async fn cells(client: &tokio_postgres::Client, sql: &str) -> String {
    let rows = texts(client, sql).await;
    let row = |row: &Vec<Option<String>>| {
        row.iter().map(|cell| cell.as_deref().unwrap_or("∅")).collect::<Vec<_>>().join("|")
    };
    rows.iter().map(row).collect::<Vec<_>>().join("; ")
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_2_epochs_are_points_in_time() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    for (sql, want) in [
        ("select to_timestamp(1790985900) = timestamp '2026-10-03 08:05:00'", "t"),
        ("select to_timestamp(1790985900)", "2026-10-03 08:05:00+08"),
        (
            "select to_timestamp(1790985900.5)::timestamp, to_timestamp(1790985900)::date",
            "2026-10-03 08:05:00.5|2026-10-03",
        ),
        ("select date_trunc('day', to_timestamp(1790985900))", "2026-10-03 00:00:00+08"),
        (
            "select extract(hour from to_timestamp(1790985900)), date_part('hour', to_timestamp(1790985900))",
            "8|8",
        ),
        ("select to_char(to_timestamp(1790985900), 'YYYY-MM-DD HH24:MI')", "2026-10-03 08:05"),
        (
            "select to_timestamp(x) from (values (1790985900::bigint), (1790985900)) v(x)",
            "2026-10-03 08:05:00+08; 2026-10-03 08:05:00+08",
        ),
        (
            "select from_unixtime(1790985900) = timestamp '2026-10-03 08:05:00', to_unixtime(timestamp '2026-10-03 08:05:00')",
            "t|1790985900",
        ),
        ("select to_timestamp_millis(1790985900000) = timestamp '2026-10-03 08:05:00'", "t"),
        // 12:30 in Shanghai on 15 October is the time of all rows.
        (
            "select count(*) from benefit_transaction where pay_time between to_timestamp(1792038600) and to_timestamp(1792038601)",
            "3",
        ),
        ("select count(*) from benefit_transaction where pay_time >= to_timestamp(1792038601)", "0"),
        ("select count(*) from benefit_transaction where pay_time in (to_timestamp(1792038600))", "3"),
        (
            "select count(*) from benefit_transaction where pay_time = any(array[to_timestamp(1792038600)])",
            "3",
        ),
        (
            "select count(*) from benefit_transaction where pay_time < all(array[to_timestamp(1792038601)])",
            "3",
        ),
    ] {
        assert_eq!(cells(&client, sql).await, want, "{sql}");
    }
    let moment = client
        .prepare_typed("select to_timestamp($1)::timestamp::text", &[Type::FLOAT8])
        .await
        .expect("prepared");
    let row = client.query_one(&moment, &[&1_790_985_900_f64]).await.expect("row");
    assert_eq!(row.get::<_, &str>(0), "2026-10-03 08:05:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_3_a_format_is_any_expression() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    let formats = [
        "'YYYY'||'-MM'",
        "('YYYY-MM')",
        "E'YYYY-MM'",
        "$$YYYY-MM$$",
        "'YYYY-MM'::text",
        "concat('YYYY', '-MM')",
    ];
    for format in formats {
        let sql = format!(
            "select to_char(pay_time, {format}), date_format(pay_time, {format}), count(*) from benefit_transaction group by 1, 2"
        );
        assert_eq!(cells(&client, &sql).await, "2026-10|2026-10|3", "{sql}");
        let sql = format!("select to_date('2026-10', {format}), to_timestamp('2026-10', {format})");
        assert_eq!(cells(&client, &sql).await, "2026-10-01|2026-10-01 00:00:00+08", "{sql}");
    }
    let columns = "select f, to_char(pay_time, f) from benefit_transaction, (values ('YYYY'), ('Q'), ('WW')) v(f) where txn_no = 'T1' order by 1";
    assert_eq!(cells(&client, columns).await, "Q|4; WW|42; YYYY|2026");
    for sql in [
        "select to_char(pay_time, $1) from benefit_transaction limit 1",
        "select date_format(pay_time, $1) from benefit_transaction limit 1",
    ] {
        let row =
            client.query_one(sql, &[&"YYYY-MM"]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert_eq!(row.get::<_, &str>(0), "2026-10", "{sql}");
    }
    let row =
        client.query_one("select to_date($1, $2)::text", &[&"03/10/2026", &"DD/MM/YYYY"]).await.expect("row");
    assert_eq!(row.get::<_, &str>(0), "2026-10-03");
    assert_eq!(cells(&client, "select date_format(timestamp '2026-10-03', '%Y年%m月')").await, "2026年10月");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_11_no_function_answers_null_for_not_there() {
    let wire = WireApp::start().await;
    let client = wire.client("city").await;
    for (sql, want) in [
        ("select json_build_object('a',1)", r#"{"a" : 1}"#),
        ("select current_setting('TimeZone')", "Asia/Shanghai"),
        ("select pg_size_pretty(1024::bigint)", "1024 bytes"),
        ("select current_setting('nothing_here', true)", "∅"),
        ("select format('%I.%I', 'a', 'B') from generate_series(1, 1)", r#"a."B""#),
    ] {
        assert_eq!(cells(&client, sql).await, want, "{sql}");
    }
    assert_eq!(code(&client, "select current_setting('nothing_here')").await.code(), "42704");
    assert_ne!(code(&client, "select set_config('search_path', 'x', false)").await.code(), "XX000");
    client.simple_query("set application_name = '浦江 测试'").await.expect("set");
    assert_eq!(text(&client, "select current_setting('application_name')").await, "浦江 测试");
    let json = client.query_one("select json_build_object('a', 1) as j", &[]).await.expect("row");
    assert_eq!(json.columns()[0].type_(), &Type::JSON);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_11_a_zone_is_honoured_or_refused() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    for set in ["set time zone 'UTC'", "set TimeZone to 'utc'", "set session time zone 'Etc/UTC'"] {
        client.simple_query(set).await.expect(set);
        assert_eq!(text(&client, "select to_timestamp(1790985900)").await, "2026-10-03 00:05:00+00", "{set}");
        assert_eq!(text(&client, "select extract(hour from to_timestamp(1790985900))").await, "0", "{set}");
        assert_eq!(
            text(&client, "select to_char(to_timestamp(1790985900), 'HH24:MI')").await,
            "00:05",
            "{set}"
        );
        // The lake's clocks hang in Shanghai: what would compare them with another clock is refused, not answered wrongly.
        for sql in [
            "select count(*) from benefit_transaction where pay_time > now()",
            "select to_timestamp(1790985900)::timestamp",
            "select pay_time::timestamptz from benefit_transaction",
        ] {
            assert_eq!(code(&client, sql).await.code(), "0A000", "{set}: {sql}");
        }
        assert_eq!(
            text(
                &client,
                "select count(*) from benefit_transaction where pay_time > timestamp '2026-10-15 12:00'"
            )
            .await,
            "3"
        );
    }
    client.simple_query("set time zone 'Asia/Shanghai'").await.expect("back");
    assert_eq!(
        text(&client, "select count(*) from benefit_transaction where pay_time > to_timestamp(0)").await,
        "3"
    );
    assert_eq!(code(&client, "set time zone 'Mars/Olympus'").await.code(), "22023");
    assert_eq!(code(&client, "set local time zone 'UTC'").await.code(), "25P01");
    let local = "begin; set local time zone 'UTC'; select to_timestamp(0); commit";
    assert_eq!(text(&client, local).await, "1970-01-01 00:00:00+00");
    assert_eq!(text(&client, "select to_timestamp(0)").await, "1970-01-01 08:00:00+08");
    let (host, port) = (wire.address.ip(), wire.address.port());
    let login = |zone: &str| {
        let password = crate::support::PASSWORD;
        format!(
            "host={host} port={port} user=city password={password} dbname=pujiang options='-c TimeZone={zone}'"
        )
    };
    let (utc, connection) =
        tokio_postgres::connect(&login("UTC"), tokio_postgres::NoTls).await.expect("connects");
    tokio::spawn(connection);
    assert_eq!(text(&utc, "select to_timestamp(0)").await, "1970-01-01 00:00:00+00");
    assert_eq!(text(&utc, "show timezone").await, "UTC");
    assert!(tokio_postgres::connect(&login("Mars/Olympus"), tokio_postgres::NoTls).await.is_err());
}
