//! Feeds over HTTP: pushed batches, quarantine, replay.

use serde_json::json;

use crate::support::TestApp;

const BATCHES: &str = "/api/v1/feeds/museum/batches";

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_needs_a_key_and_a_right() {
    let app = TestApp::start().await;
    let city = app.city().await;
    city.send("POST", BATCHES, &[], "a,b\n").await.expect_problem(400, "idempotency_key_required");
    city.send("POST", BATCHES, &[("idempotency-key", "1")], "").await.expect_problem(400, "empty_batch");
    let refused = city.send("POST", BATCHES, &[("idempotency-key", "2")], "a,b\n1,2\n").await;
    assert_eq!(refused.status, 400, "a batch without the contract's columns: {}", refused.text());
    city.send("POST", "/api/v1/feeds/outbox/batches", &[("idempotency-key", "3")], "x")
        .await
        .expect_problem(400, "batch_refused");
    city.send("POST", "/api/v1/feeds/nothing/batches", &[("idempotency-key", "4")], "x")
        .await
        .expect_problem(404, "not_found");
    let clerk = app.clerk("310104").await;
    clerk.send("POST", BATCHES, &[("idempotency-key", "5")], "x").await.expect_problem(403, "forbidden");
    clerk.get("/api/v1/feeds").await.expect_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_feeds_tell_their_status() {
    let app = TestApp::start().await;
    for user in [app.city().await, app.sysadmin().await] {
        let list = user.get("/api/v1/feeds").await.expect(200);
        let feeds = list["feeds"].as_array().expect("feeds");
        let ids: Vec<&str> = feeds.iter().map(|feed| feed["id"].as_str().expect("id")).collect();
        assert_eq!(ids, ["bank", "clearing", "hospital", "museum", "outbox", "tourism", "transit"]);
        assert_eq!(feeds[0]["status"]["rows_in"], 0);
    }
    let replayed =
        app.city().await.post("/api/v1/feeds/bank/quarantine/replay", &json!({})).await.expect(200);
    assert_eq!(replayed, json!({"replayed": 0, "still_quarantined": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_6_a_packed_workbook_is_refused_as_a_batch_too() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let bomb = include_bytes!("../../../ingest/tests/cases/17-zip-bomb.xlsx").as_slice();
    let started = std::time::Instant::now();
    let refused = city.send("POST", "/api/v1/feeds/tourism/batches", &[("idempotency-key", "1")], bomb).await;
    refused.expect_problem(400, "batch_refused");
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_a_batch_is_told_in_a_sentence_and_no_card_is_shown() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let batch = include_bytes!("../../../ingest/tests/cases/12-cr-only-stray-quote.csv").as_slice();
    let answer = city.send("POST", "/api/v1/feeds/bank/batches", &[("idempotency-key", "1")], batch).await;
    let answer = answer.expect(200);
    assert_eq!(answer["accounting"], "收到 6 行 = 入库 5 + 合并 0 + 删除 0 + 隔离 1 + 被取代 0");
    let feeds = city.get("/api/v1/feeds").await.expect(200);
    let bank = feeds["feeds"].as_array().expect("feeds").iter().find(|f| f["id"] == "bank").expect("bank");
    assert_eq!(bank["status"]["accounting"], answer["accounting"]);
    let page = city.get("/api/v1/feeds/bank/quarantine").await.expect(200);
    let raw = page["items"][0]["raw"].as_str().expect("a preview");
    assert!(raw.contains("CRQ2") && !raw.contains("3100608965573510"), "page 2: {raw}");
}
