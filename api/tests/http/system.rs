//! What operators and browsers ask of the server itself.

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
