//! Comparisons over HTTP: who may ask, small cells, problems with their field, entity tags.

use pujiang_security::Assignment;
use pujiang_transactional::accounts::AccountKind;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

const PATH: &str = "/api/v1/comparisons/benefit_transactions/query";
const OCTOBER: &str = r#"{"time":{"from":"2026-10-01","to":"2026-10-31"},"dimension":"category"}"#;
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test(flavor = "multi_thread")]
async fn a_district_sees_itself_and_no_small_cell_of_others() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let list = app.clerk("310104").await.get("/api/v1/comparisons").await.expect(200);
    let first = &list["comparisons"][1];
    assert_eq!(first["id"], "benefit_transactions");
    assert_eq!(
        (&first["minimum"], &first["unit"], &first["type"]),
        (&json!(5), &json!("笔"), &json!("integer"))
    );

    let clerk = app.clerk("310104").await.send("POST", PATH, &[JSON], OCTOBER).await.expect(200);
    assert_eq!(clerk["scope"]["label"], "仅徐汇区");
    assert!(
        clerk["data_version"].as_str().is_some_and(|version| version.starts_with("benefit_transaction@"))
    );
    let total = &clerk["rows"][0];
    assert_eq!(
        (&total["slot"], &total["own"], &total["average"], &total["rank"], &total["state"]),
        (&json!("total"), &json!("2"), &json!("<5"), &json!(null), &json!("small"))
    );
    assert!(!clerk.to_string().contains("310105"), "{clerk}");

    let city = app.city().await.send("POST", PATH, &[JSON], OCTOBER).await.expect(200);
    let rows = city["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 32, "each district in total and in the one category");
    assert!(rows.iter().all(|row| row["state"] == "shown"));
    let own = rows.iter().find(|row| row["district"] == "310104").expect("310104");
    assert_eq!((&own["rank"]["place"], &own["of"]), (&json!(1), &json!(16)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_compared_is_told_why() {
    let app = TestApp::start().await;
    app.auditor().await.get("/api/v1/comparisons").await.expect_problem(403, "forbidden");
    app.auditor().await.send("POST", PATH, &[JSON], OCTOBER).await.expect_problem(403, "metrics_forbidden");
    app.anonymous().send("POST", PATH, &[JSON], OCTOBER).await.expect_problem(401, "unauthenticated");
    let street = Assignment::parse("street:310104003").expect("street");
    app.account("street", &["street_clerk"], &[street], AccountKind::Person).await;
    let body = json!({"account": "street", "password": PASSWORD});
    let session = app.anonymous().post("/api/v1/session", &body).await.expect(200);
    let street = app.with_token(session["token"].as_str().expect("token"));
    street.send("POST", PATH, &[JSON], OCTOBER).await.expect_problem(403, "comparison_needs_district");

    let clerk = app.clerk("310104").await;
    let elsewhere = "/api/v1/comparisons/nothing_like_it/query";
    clerk.send("POST", elsewhere, &[JSON], OCTOBER).await.expect_problem(404, "not_found");
    let day = r#"{"time":{"from":"2026-10-01","to":"2026-10-02"}}"#;
    let problem = clerk.send("POST", PATH, &[JSON], day).await.expect_problem(400, "metrics_query_invalid");
    assert_eq!(problem["errors"][0]["field"], "time.to");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_comparison_is_304() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let clerk = app.clerk("310104").await;
    let first = clerk.send("POST", PATH, &[JSON], OCTOBER).await;
    let tag = first.header("etag").to_owned();
    assert!(!tag.is_empty(), "{}", first.text());
    assert_eq!(clerk.send("POST", PATH, &[JSON, ("if-none-match", &tag)], OCTOBER).await.status, 304);
    let city = app.city().await;
    assert_eq!(city.send("POST", PATH, &[JSON, ("if-none-match", &tag)], OCTOBER).await.status, 200);
    app.create_transaction(&clerk, "310104").await;
    let counters = app.anonymous().get("/metrics").await.text();
    assert!(counters.contains("pujiang_metrics_cache_hits_total{cache=\"comparisons\"} 1"), "{counters}");
}
