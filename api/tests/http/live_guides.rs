//! Each guide is followed on a running server: its files are put into the data folder and applied, and what they define is
//! used, without a restart and without a compiler.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, TestApp, guide};

/// Puts the files of a guide into the data folder and has them applied.
async fn follow(app: &TestApp, name: &str) -> Value {
    for (file, text) in guide(name) {
        app.define(&file, &text);
    }
    let applied = app.sysadmin().await.post("/api/v1/definitions/apply", &json!({"note": name})).await;
    let applied = applied.expect(200);
    assert_eq!(applied["running"], applied["number"], "{applied}");
    applied
}

async fn count(user: &Client, table: &str) -> i64 {
    let sql = json!({"sql": format!("select count(*) from {table}")});
    let answer = user.post("/api/v1/sql", &sql).await.expect(200);
    answer["rows"][0][0].as_i64().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_resource_is_entered_and_reaches_the_lake() {
    let app = TestApp::start_live().await;
    let (city, clerk, neighbour) = (app.city().await, app.clerk("310104").await, app.clerk("310105").await);
    let path = "/api/v1/resources/service_station";
    let body = json!({"name": "徐家汇双拥服务站", "district_code": "310104", "seats": 12});
    clerk.post(path, &body).await.expect_problem(404, "not_found");
    let applied = follow(&app, "add-a-resource").await;
    let lines = applied["plan"]["lines"].to_string();
    for line in ["新增资源 service_station", "业务库：新建表 service_station"] {
        assert!(lines.contains(line), "{line}: {lines}");
    }
    let openapi = city.get("/api/v1/openapi.json").await.expect(200);
    assert!(openapi["paths"][path].is_object(), "the document follows the set");
    let record = clerk.post(path, &body).await.expect(201);
    let id = record["id"].as_str().expect("id");
    city.post(&format!("{path}/{id}/actions/approve"), &json!({})).await.expect(200);
    neighbour.get(&format!("{path}/{id}")).await.expect_problem(404, "not_found");
    // Through the outbox, which reads the new stream from now on.
    let started = Instant::now();
    while count(&clerk, "service_station").await == 0 {
        assert!(started.elapsed() < Duration::from_secs(30), "the record does not reach the lake");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(count(&neighbour, "service_station").await, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_table_is_asked_and_a_new_feed_fills_a_table() {
    let app = TestApp::start_live().await;
    let city = app.city().await;
    let batch =
        "单号,时间,行政区,优待证号,服务类别,实收\nLB1,2026/9/5 10:55,徐汇,3100608965573510,阅读,0.00\n";
    let push = |key: &'static str| {
        let city = city.clone();
        async move { city.send("POST", "/api/v1/feeds/library/batches", &[("idempotency-key", key)], batch).await }
    };
    push("1").await.expect_problem(404, "not_found");
    let applied = follow(&app, "add-a-table").await;
    assert!(applied["plan"]["lines"].to_string().contains("数据湖：新建表 consultation_visit"), "{applied}");
    assert_eq!(count(&city, "consultation_visit").await, 0);
    follow(&app, "add-a-feed").await;
    let loaded = push("2").await.expect(200);
    assert!(loaded["accounting"].to_string().contains("入库 1"), "{loaded}");
    assert_eq!(count(&city, "benefit_transaction").await, 1);
    assert!(app.data().join("inbox/library").is_dir(), "its inbox is watched");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_indicator_board_and_report_answer() {
    let app = TestApp::start_live().await;
    app.load_transactions().await;
    let city = app.city().await;
    let query = json!({"indicators": ["S1-U93"], "dimensions": [], "time": {"grain": "month", "from": "2026-10-01", "to": "2026-10-31"}});
    city.post("/api/v1/metrics/query", &query).await.expect(400);
    let applied = follow(&app, "add-an-indicator").await;
    assert_eq!(applied["plan"]["rollups"][0]["table"], "benefit_transaction", "{applied}");
    let answer = city.post("/api/v1/metrics/query", &query).await.expect(200);
    assert!(answer["columns"].to_string().contains("S1-U93"), "{answer}");

    city.post("/api/v1/boards/providers/data", &json!({})).await.expect_problem(404, "not_found");
    follow(&app, "add-a-board").await;
    let board = city.post("/api/v1/boards/providers/data", &json!({"period": "2026-10"})).await.expect(200);
    assert!(board["tiles"]["total"].is_object(), "{board}");

    follow(&app, "add-a-report").await;
    let runs = "/api/v1/reports/holder_monthly/runs";
    let started = city.post(runs, &json!({"period": "2026-10"})).await.expect(202);
    let run = format!("{runs}/{}", started["run"].as_str().expect("run"));
    let begun = Instant::now();
    loop {
        let view = city.get(&run).await.expect(200);
        if view["state"] != "running" {
            assert_eq!(view["state"], "done", "{view}");
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{view}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    app.stop().await;
}
