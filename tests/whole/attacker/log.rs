//! The server's own log: who keeps the machine reads it, and may see no values, no statements, no passwords and no tokens.

use serde_json::json;

use super::place::{CANARY, Scene};
use crate::server::PASSWORD;

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_hold_no_values_statements_or_tokens() {
    let scene = Scene::usual().await;
    let login = json!({"account": "city", "password": PASSWORD});
    let opened = scene.server.anonymous().post("/api/v1/session", &login).await.json();
    let token = opened["token"].as_str().unwrap().to_owned();
    let city = scene.server.http("city").await;
    let wire = scene.server.wire("city").await;
    let secret = "secret-4711";
    for sql in [
        format!("select * from person where full_name = '{secret}'"),
        format!("select cast('{secret}' as int)"),
        format!("select cast(category as int), '{secret}' from benefit_transaction"),
        format!("select {secret}("),
        format!("select * from \"{secret}\""),
        format!("select 1 / 0, '{secret}'"),
    ] {
        city.post("/api/v1/sql", &json!({ "sql": sql })).await;
        let _ = wire.simple(&sql).await;
        let _ = wire.extended(&sql).await;
    }
    city.get(&format!("/api/v1/resources/person?filter[full_name]={secret}")).await;
    city.get(&format!("/api/v1/resources/{secret}/{secret}")).await;
    city.get(&format!("/{secret}?token={secret}")).await;
    city.post("/api/v1/resources/person", &json!({"full_name": secret})).await;
    let wrong = json!({"account": "city", "password": format!("{secret}-password")});
    scene.server.anonymous().post("/api/v1/session", &wrong).await;
    // People type passwords into the wrong field.
    let swapped = json!({"account": format!("{secret} "), "password": "x"});
    scene.server.anonymous().post("/api/v1/session", &swapped).await;
    let log = scene.server.log();
    assert!(log.lines().count() > 10, "the log says too little to prove anything: {log}");
    for (what, text) in
        [("a literal", secret), ("a password", PASSWORD), ("a token", &token), ("a value", CANARY)]
    {
        let line = log.lines().find(|line| line.contains(text));
        assert!(line.is_none(), "{what} is in the log: {line:?}");
    }
}
