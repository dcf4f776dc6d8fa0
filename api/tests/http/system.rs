//! What operators and browsers ask of the server itself.

use std::time::Duration;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn health_readiness_and_counters() {
    let app = TestApp::start().await;
    let nobody = app.anonymous();
    assert_eq!(nobody.get("/healthz").await.text(), "ok");
    let ready = nobody.get("/readyz").await.expect(200);
    assert_eq!(ready["ready"], true);
    let about = nobody.get("/api/v1/about").await.expect(200);
    assert_eq!(about["name"], "浦江");
    let text = nobody.get("/metrics").await.text();
    assert!(
        text.contains("pujiang_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"}"),
        "{text}"
    );
    assert!(text.contains("pujiang_table_version{table=\"benefit_transaction\"}"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start().await;
    let nobody = app.anonymous();
    for path in ["/", "/api/v1/about", "/api/v1/nothing", "/healthz"] {
        let answer = nobody.get(path).await;
        assert!(answer.header("content-security-policy").starts_with("default-src 'self'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openapi_names_every_route_once() {
    let app = TestApp::start().await;
    let document = app.anonymous().get("/api/v1/openapi.json").await.expect(200);
    let paths = document["paths"].as_object().expect("paths");
    let mut ids = Vec::new();
    for methods in paths.values() {
        for operation in methods.as_object().expect("methods").values() {
            ids.push(operation["operationId"].as_str().expect("operationId").to_owned());
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids repeat");
    // The routes of the router, each of which must be described.
    let router = include_str!("../../src/router.rs");
    for line in router.lines().filter(|line| line.contains(".route(\"")) {
        let path = line.split('"').nth(1).expect("path");
        let root = ["/healthz", "/readyz", "/metrics"].contains(&path) && line.contains("system::");
        let path = if root { path.to_owned() } else { format!("/api/v1{path}") };
        // Generic record routes are described once per resource.
        let described =
            paths.contains_key(&path) || paths.contains_key(&path.replace("{resource}", "region"));
        assert!(described, "{path} is not in the OpenAPI document");
    }
    let region = &document["components"]["schemas"]["region"];
    assert!(region["properties"]["name"].is_object(), "{region}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_a_tick_and_the_end_of_the_server_ends_the_stream() {
    let app = TestApp::start().await;
    app.anonymous().get("/api/v1/events").await.expect_problem(401, "unauthenticated");
    let city = app.city().await;
    let listening = tokio::spawn(async move { city.get("/api/v1/events").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    app.load_transactions().await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    app.app.stop.cancel();
    let stream = listening.await.expect("stream");
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let ticks = stream.text().matches("event: data").count();
    assert_eq!(ticks, 2, "one on opening, one for the commit: {}", stream.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compressed_on_demand() {
    let app = TestApp::start().await;
    let gzip = ("accept-encoding", "gzip");
    let answer = app.anonymous().send("GET", "/api/v1/openapi.json", &[gzip], "").await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert!(answer.bytes.starts_with(&[0x1f, 0x8b]));
}
