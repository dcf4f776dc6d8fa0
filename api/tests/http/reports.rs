//! Reports over HTTP: runs, files of the own scope only, inbox.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const RUNS: &str = "/api/v1/reports/benefit_monthly/runs";

async fn finished(user: &Client, run: &str) -> Value {
    let started = Instant::now();
    loop {
        let view = user.get(&format!("{RUNS}/{run}")).await.expect(200);
        if view["state"] != "running" {
            return view;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{view}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_gives_each_scope_its_own_files() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let (city, xuhui, changning) = (app.city().await, app.clerk("310104").await, app.clerk("310105").await);
    xuhui.post(RUNS, &json!({"period": "2026-10"})).await.expect_problem(403, "forbidden");
    let started = city.post(RUNS, &json!({"period": "2026-10"})).await.expect(202);
    let run = started["run"].as_str().expect("run");
    let view = finished(&city, run).await;
    assert_eq!(view["state"], "done", "{view}");
    let files = view["files"].as_array().expect("files");
    assert_eq!(files.len(), 2, "{view}");
    let own = finished(&xuhui, run).await;
    let name = own["files"][0]["name"].as_str().expect("name");
    assert!(name.contains("徐汇区"), "{own}");
    let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let path = format!("{RUNS}/{run}/files/{encoded}");
    let file = xuhui.get(&path).await;
    assert_eq!(file.status, 200, "{}", file.text());
    assert!(file.bytes.starts_with(b"%PDF") || file.bytes.starts_with(b"PK"));
    changning.get(&path).await.expect_problem(404, "not_found");
    city.get(&path).await.expect_problem(404, "not_found");
    app.auditor().await.get(&path).await.expect_problem(403, "forbidden");

    let inbox = xuhui.get("/api/v1/inbox").await.expect(200);
    assert_eq!(inbox["unread"], 1, "{inbox}");
    let message = inbox["messages"][0]["id"].as_str().expect("id");
    changning
        .post(&format!("/api/v1/inbox/{message}/read"), &json!({}))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(xuhui.post(&format!("/api/v1/inbox/{message}/read"), &json!({})).await.status, 204);
    assert_eq!(xuhui.get("/api/v1/inbox").await.expect(200)["unread"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_need_their_right() {
    let app = TestApp::start().await;
    app.leader().await.get("/api/v1/reports").await.expect_problem(403, "forbidden");
    let list = app.clerk("310104").await.get("/api/v1/reports").await.expect(200);
    assert_eq!(list["reports"][0]["id"], "benefit_monthly");
    app.city()
        .await
        .post(RUNS, &json!({"period": "2099-01"}))
        .await
        .expect_problem(400, "report_period_not_begun");
}
