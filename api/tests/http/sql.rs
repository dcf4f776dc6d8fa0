//! SQL over HTTP reads, and only what the caller may see.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn only_one_reading_statement_passes() {
    let app = TestApp::start().await;
    let city = app.city().await;
    for sql in [
        "create table x (a int)",
        "create external table x stored as csv location '/etc/passwd'",
        "create view v as select 1",
        "drop table benefit_transaction",
        "insert into district values ('1')",
        "insert into benefit_transaction select * from benefit_transaction",
        "update district set name = 'x'",
        "delete from district",
        "truncate table district",
        "copy district to '/tmp/pujiang-leak.csv'",
        "copy (select 1) to '/tmp/pujiang-leak.parquet'",
        "set datafusion.execution.batch_size = 1",
        "reset datafusion.execution.batch_size",
        "select 1; select 2",
        "select 1; drop table district",
        "begin",
        "commit",
        "prepare p as select 1",
        "execute p",
        "select * from '/etc/passwd'",
        "select * from read_csv('/etc/passwd')",
        "select * from generate_series(1, 10)",
        "select * from account",
        "select * from outbox",
        "explain analyze insert into district values ('1')",
        "select",
        "select * from nothing",
        "select 1/0",
        "select cast('x' as int)",
        "select '",
        "with recursive r as (select 1) select * from q",
        "vacuum",
        "kill 1",
        "load 'x'",
        "attach 'x'",
        "declare c cursor for select 1",
    ] {
        let answer = city.post("/api/v1/sql", &json!({"sql": sql})).await;
        // generate_series reads no file and no table; whether it answers is the engine's business.
        let harmless = sql.contains("generate_series");
        assert!(
            answer.status.is_client_error() || (harmless && answer.status == 200),
            "{sql}: {} {}",
            answer.status,
            answer.text()
        );
        assert!(!answer.text().contains("root:"), "{sql}");
    }
    assert!(!std::path::Path::new("/tmp/pujiang-leak.csv").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_name_scope_and_version() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let sql = json!({"sql": "select district_code, count(*) n, sum(amount) total from benefit_transaction group by 1 order by 1"});
    let all = app.city().await.post("/api/v1/sql", &sql).await.expect(200);
    assert_eq!(all["scope"]["label"], "全市");
    assert_eq!(all["columns"][1], json!({"name": "n", "type": "integer"}));
    assert_eq!(all["columns"][2]["type"], "decimal");
    assert_eq!(all["rows"], json!([["310104", 2, "30.50"], ["310105", 1, "7.25"]]));
    assert!(all["data_version"].as_str().is_some_and(|v| v.starts_with("benefit_transaction@")), "{all}");

    let own = app.clerk("310104").await.post("/api/v1/sql", &sql).await.expect(200);
    assert_eq!(own["rows"], json!([["310104", 2, "30.50"]]));
    assert_eq!(own["scope"]["label"], "仅徐汇区");

    app.auditor().await.post("/api/v1/sql", &sql).await.expect_problem(403, "forbidden");
    app.anonymous().post("/api/v1/sql", &sql).await.expect_problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_and_arrow_by_accept() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let city = app.city().await;
    let body = json!({"sql": "select txn_no, amount from benefit_transaction order by txn_no"}).to_string();
    let json_type = ("content-type", "application/json");
    let csv = city.send("POST", "/api/v1/sql", &[json_type, ("accept", "text/csv")], body.clone()).await;
    assert!(csv.text().starts_with("\u{feff}txn_no,amount\nT1,10.25\n"), "{}", csv.text());
    assert!(csv.header("pujiang-data-version").starts_with("benefit_transaction@"));
    let arrow_type = ("accept", "application/vnd.apache.arrow.stream");
    let arrow = city.send("POST", "/api/v1/sql", &[json_type, arrow_type], body).await;
    let reader = arrow::ipc::reader::StreamReader::try_new(arrow.bytes.as_slice(), None).expect("stream");
    let rows: usize = reader.map(|batch| batch.expect("batch").num_rows()).sum();
    assert_eq!(rows, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_25_csv_is_disarmed_marked_and_keeps_null_apart() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let sql = "select '=1+1' a, null b, '' c, '逗,号' d, -1.5 e, '+1-1' f";
    let json_type = ("content-type", "application/json");
    let want = "\u{feff}a,b,c,d,e,f\n'=1+1,,\"\",\"逗,号\",-1.5,'+1-1\n";
    let body = json!({"sql": sql}).to_string();
    let answer = city.send("POST", "/api/v1/sql", &[json_type, ("accept", "text/csv")], body).await;
    assert_eq!(answer.text(), want);
    let body = json!({"sql": sql, "format": "csv"}).to_string();
    let file = city.send("POST", "/api/v1/sql/export", &[json_type], body).await;
    assert_eq!(file.text(), want);
    let heading = json!({"sql": "select 1 as \"=1+1\""}).to_string();
    let answer = city.send("POST", "/api/v1/sql", &[json_type, ("accept", "text/csv")], heading).await;
    assert_eq!(answer.text(), "\u{feff}'=1+1\n1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_would_harm_the_process_are_refused() {
    let app = TestApp::start().await;
    let city = app.city().await;
    for sql in [
        // Each of these once ended the process or held it for a minute.
        format!("select {}", vec!["1"; 20_000].join("+")),
        format!("select 1 where {}", vec!["1=1"; 5_000].join(" or ")),
        format!("select {}1{}", "(".repeat(3_000), ")".repeat(3_000)),
        format!("select * from {}", vec!["district"; 300].join(",")),
        "select length(repeat('x', 2147483647))".to_owned(),
        "select lpad('x', 2000000000, 'ab')".to_owned(),
        "select array_repeat(1, 100000000)".to_owned(),
        "select regexp_replace('a', '(', 'b')".to_owned(),
    ] {
        let shown: String = sql.chars().take(60).collect();
        let answer = city.post("/api/v1/sql", &json!({"sql": sql})).await;
        assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
    }
    let long = city
        .post(
            "/api/v1/sql",
            &json!({"sql": "select * from generate_series(1, 100000) a cross join generate_series(1, 2) b"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (long["truncated"].clone(), long["rows"].as_array().map(Vec::len)),
        (json!(true), Some(100_000))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_words() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let city = app.city().await;
    for (sql, want) in [
        ("select 实付金额 from benefit_transaction", "没有列“实付金额”，可用的列有："),
        ("select amont from benefit_transaction", "没有列“amont”，可用的列有：amount、"),
        ("select cast('2026-13-45' as date)", "日期或时间超出范围"),
        // Evaluated within the scan of a file, which reports it as Rust writes its values.
        (
            "select 1 from benefit_transaction where cast('2026-13-0' || substr(txn_no, 2) as date) > date '2026-01-01'",
            "日期或时间超出范围",
        ),
    ] {
        let problem =
            city.post("/api/v1/sql", &json!({"sql": sql})).await.expect_problem(400, "invalid_query");
        let detail = problem["detail"].as_str().expect("detail");
        assert!(detail.contains(want), "{sql}: {detail}");
        for wrapper in ["Schema error", "Execution", "Valid fields", "caused by"] {
            assert!(!detail.contains(wrapper), "{sql}: {detail}");
        }
    }
}

/// Clients that ask and do not read would keep every answer in memory.
#[tokio::test(flavor = "multi_thread")]
async fn attack_17_answers_wait_for_room_when_too_many_are_unread() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let unread = app.app.sql.unread();
    let sql = json!({"sql": "select code from district"});
    let held = unread.take("city", 256 << 20).expect("all of its part");
    let refused = city.post("/api/v1/sql", &sql).await;
    assert_eq!(refused.header("retry-after"), "10");
    refused.expect_problem(503, "answers_unread");
    let file = json!({"sql": "select code from district", "format": "csv"});
    city.post("/api/v1/sql/export", &file).await.expect_problem(503, "answers_unread");
    app.clerk("310104").await.post("/api/v1/sql", &sql).await.expect(200);
    drop(held);
    city.post("/api/v1/sql", &sql).await.expect(200);
    assert_eq!(unread.held(), 0, "what was read is free again");
}
