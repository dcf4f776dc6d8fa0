//! Whatever is sent, the answer is a problem with 4xx: never 5xx, never a panic.

use serde_json::json;

use crate::support::TestApp;

const JSON: (&str, &str) = ("content-type", "application/json");

/// Bodies that are wrong everywhere.
const GARBAGE: [&str; 14] = [
    "",
    "{",
    "null",
    "[]",
    "\"text\"",
    "12345678901234567890123456789012345678901234567890",
    "1e999",
    "{\"a\":",
    "{\"\\ud800\":1}",
    "{\"period\":{\"$gt\":\"\"}}",
    "{\"sql\":12}",
    "{\"indicators\":{},\"time\":[]}",
    "\u{0}\u{1}\u{2}",
    "{\"account\":\"city\",\"password\":[1,2,3]}",
];

#[tokio::test(flavor = "multi_thread")]
async fn garbage_bodies_are_refused_everywhere() {
    let app = TestApp::start().await;
    let city = app.city().await;
    for path in [
        "/api/v1/session",
        "/api/v1/metrics/query",
        "/api/v1/boards/benefit/data",
        "/api/v1/sql",
        "/api/v1/resources/region",
        "/api/v1/reports/benefit_monthly/runs",
        "/api/v1/feeds/bank/quarantine/replay",
        "/api/v1/feeds/bank/batches",
    ] {
        for body in GARBAGE {
            let answer = city.send("POST", path, &[JSON], body).await;
            assert!(answer.status.is_client_error(), "{path} {body}: {} {}", answer.status, answer.text());
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path} {body}");
        }
    }
    let deep = format!("{{\"indicators\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let answer = city.send("POST", "/api/v1/metrics/query", &[JSON], deep).await;
    answer.expect_problem(400, "invalid_json");
}

#[tokio::test(flavor = "multi_thread")]
async fn media_types_sizes_methods_and_addresses() {
    let app = TestApp::start().await;
    let city = app.city().await;
    city.send("POST", "/api/v1/sql", &[("content-type", "text/plain")], "select 1")
        .await
        .expect_problem(415, "unsupported_media_type");
    city.send("POST", "/api/v1/sql", &[], "{}").await.expect_problem(415, "unsupported_media_type");
    let large = format!("{{\"sql\":\"{}\"}}", "x".repeat(3 << 20));
    city.send("POST", "/api/v1/sql", &[JSON], large).await.expect_problem(413, "body_too_large");
    for (method, path) in [
        ("DELETE", "/api/v1/boards"),
        ("PUT", "/api/v1/session"),
        ("POST", "/healthz"),
        ("GET", "/api/v1/sql"),
        ("POST", "/api/v1/resources/region/abc"),
    ] {
        city.send(method, path, &[], "").await.expect_problem(405, "method_not_allowed");
    }
    for path in ["/api/v1/nothing", "/api", "/api/v2/session", "/api/v1/", "/api/v1/boards/benefit"] {
        city.get(path).await.expect_problem(404, "no_such_route");
    }
    city.send("PUT", "/portal", &[], "").await.expect_problem(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_paths_and_query_strings() {
    let app = TestApp::start().await;
    let city = app.city().await;
    for (path, statuses) in [
        ("/api/v1/resources/nothing", vec![404]),
        ("/api/v1/resources/account", vec![404]),
        ("/api/v1/resources/region%00", vec![404]),
        ("/api/v1/resources/region/not-a-uuid", vec![404]),
        ("/api/v1/resources/region/%FF%FE", vec![404]),
        ("/api/v1/resources/region/..%2f..%2fetc%2fpasswd", vec![404]),
        ("/api/v1/resources/region/0190c0de-0000-7000-8000-000000000000", vec![404]),
        ("/api/v1/resources/region?page[size]=-1", vec![400]),
        ("/api/v1/resources/region?page[size]=999999999999999999999", vec![400]),
        ("/api/v1/resources/region?page[size]=abc", vec![400]),
        ("/api/v1/resources/region?page[after]=%F0%9F%92%A9", vec![400]),
        ("/api/v1/resources/region?page[after]=AAAA", vec![400]),
        ("/api/v1/resources/region?page[after]=eyJhIjoxfQ", vec![400]),
        ("/api/v1/resources/region?sort=password_hash", vec![400]),
        ("/api/v1/resources/region?sort=-", vec![400]),
        ("/api/v1/resources/region?sort=name;drop%20table%20account", vec![400]),
        ("/api/v1/resources/region?filter[nothing]=1", vec![400]),
        ("/api/v1/resources/region?filter[name][like]=%25", vec![400]),
        ("/api/v1/resources/region?filter=1", vec![400]),
        ("/api/v1/resources/region?filter[]=1", vec![400]),
        ("/api/v1/resources/region?unknown=1", vec![400]),
        ("/api/v1/resources/region?q=%00", vec![200, 400]),
        ("/api/v1/resources/region?q='%20or%201=1--", vec![200]),
        ("/api/v1/resources/region/export?format=exe", vec![400]),
        ("/api/v1/resources/region/export", vec![200, 400]),
        ("/api/v1/feeds/nothing/quarantine", vec![404]),
        ("/api/v1/feeds/bank/quarantine?after=abc", vec![400]),
        ("/api/v1/feeds/..%2fbank/quarantine", vec![404]),
        ("/api/v1/reports/nothing/runs", vec![404]),
        ("/api/v1/reports/benefit_monthly/runs/nothing", vec![404]),
        ("/api/v1/reports/benefit_monthly/runs/..%2f..%2f/files/keys.json", vec![404]),
        ("/api/v1/reports/benefit_monthly/runs/x/files/..%2f..%2fkeys.json", vec![404]),
        ("/api/v1/reports/benefit_monthly/runs/x/files/%2Fetc%2Fpasswd", vec![404]),
        ("/..%2f..%2fetc/passwd", vec![200, 404]),
        ("/assets/..%2f..%2fkeys.json", vec![404]),
    ] {
        let answer = city.get(path).await;
        assert!(statuses.contains(&answer.status.as_u16()), "{path}: {} {}", answer.status, answer.text());
        if answer.status.is_client_error() {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_values_name_their_field() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let time = json!({"grain": "month", "from": "2026-10-01", "to": "2026-10-31"});
    for (path, body, field) in [
        ("/api/v1/boards/benefit/data", json!({"period": "2026-13"}), "period"),
        ("/api/v1/boards/benefit/data", json!({"period": "9999-12"}), "period"),
        ("/api/v1/boards/benefit/data", json!({"district": "徐汇"}), "district"),
        ("/api/v1/boards/benefit/data", json!({"district": "310104' or '1'='1"}), "district"),
        ("/api/v1/boards/benefit/data", json!({"category": ""}), "category"),
        ("/api/v1/boards/benefit/data", json!({"category": "x"}), "category"),
        ("/api/v1/boards/benefit/data", json!({"map_indicator": "X"}), "map_indicator"),
        (
            "/api/v1/metrics/query",
            json!({"indicators": ["S1-U03"], "time": time, "filters": {"mode": ["x"]}}),
            "filters.mode",
        ),
        ("/api/v1/boards/benefit/data", json!({"colour": "red"}), "colour"),
        ("/api/v1/metrics/query", json!({"indicators": ["X"], "time": time}), "indicators"),
        ("/api/v1/metrics/query", json!({"indicators": ["S1-U03"], "time": time, "extra": 1}), "extra"),
        ("/api/v1/sql", json!({"sql": " "}), "sql"),
        ("/api/v1/reports/benefit_monthly/runs", json!({"period": "October"}), "period"),
    ] {
        let problem = city.post(path, &body).await;
        assert_eq!(problem.status, 400, "{path} {body}: {}", problem.text());
        let problem = problem.json();
        let named = problem["field"].as_str().unwrap_or_default();
        assert!(named.starts_with(field), "{path} {body}: {problem}");
    }
    // A code without rows is nought; a code that does not exist is told with those that do.
    let asked = |mode: &str| json!({"indicators": ["S1-U03"], "time": time, "filters": {"mode": [mode]}});
    city.post("/api/v1/metrics/query", &asked("跳转")).await.expect(200);
    let problem = city.post("/api/v1/metrics/query", &asked("x")).await.expect_problem(400, "invalid_query");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("电子证、主扫")), "{problem}");
    city.post("/api/v1/boards/benefit/data", &json!({"category": "金融"})).await.expect(200);
    city.post("/api/v1/boards/nothing/data", &json!({})).await.expect_problem(404, "not_found");
}
