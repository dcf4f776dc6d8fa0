//! Looking through another account's eyes: for the security administrator only, reading only, and on record.

use pujiang_transactional::audit;
use serde_json::json;

use super::place::{CANARY, OWN, Scene};
use crate::server::Http;

const VIEW: &str = "/api/v1/session/view-as";

#[tokio::test(flavor = "multi_thread")]
async fn other_eyes_see_their_rows_and_change_nothing() {
    let scene = Scene::usual().await;
    let secadmin = scene.server.http("secadmin").await;
    let body = json!({"account": "clerk", "reason": "核对数据权限"});
    let opened = secadmin.post(VIEW, &body).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    let token = opened.json()["token"].as_str().unwrap().to_owned();
    let eyes = Http::with_token(scene.server.address(), &token);
    let sql = json!({"sql": "select count(*) from benefit_transaction"});
    assert_eq!(eyes.post("/api/v1/sql", &sql).await.json()["rows"][0][0], OWN + 25);
    assert_eq!(eyes.get("/api/v1/session").await.json()["principal"]["viewer"], "secadmin");
    // Writing, reviewing, starting, taking out: nothing of it.
    let merchant = json!({"name": "x", "credit_code": "91310104MA00000011", "category": "文旅", "district_code": "310104"});
    assert_eq!(eyes.post("/api/v1/resources/merchant_profile", &merchant).await.status, 403);
    assert_eq!(eyes.get("/api/v1/resources/person/export?format=csv").await.status, 403);
    let export = json!({"sql": "select 1", "format": "csv"});
    assert_eq!(eyes.post("/api/v1/sql/export", &export).await.status, 403);
    assert_eq!(
        eyes.post("/api/v1/reports/benefit_monthly/runs", &json!({"period": "2026-10"})).await.status,
        403
    );
    assert_eq!(eyes.post(VIEW, &json!({"account": "city", "reason": "weiter"})).await.status, 403);
    // What was looked at stands under both names.
    let entries = audit::list(&scene.store, 0, 1000).await.unwrap();
    let said = |action: &str| {
        entries.iter().any(|entry| {
            let text = format!("{:?}", entry.content);
            entry.content["action"] == action && text.contains("secadmin") && text.contains("clerk")
        })
    };
    assert!(said("sql"), "the question is not on record with its viewer: {entries:?}");
    let reasons = entries.iter().filter(|entry| entry.content["reason"] == "核对数据权限").count();
    assert_eq!(reasons, 1, "the reason is not on record");
    assert!(!format!("{entries:?}").contains(&token), "the audit log keeps the token");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_borrows_eyes() {
    let scene = Scene::usual().await;
    for account in ["city", "clerk", "leader", "sysadmin", "auditor", "nobody"] {
        let user = scene.server.http(account).await;
        let answer = user.post(VIEW, &json!({"account": "neighbour", "reason": "想看看"})).await;
        assert_eq!(answer.status, 403, "{account}: {}", answer.text());
        let why = user.get(&format!("/api/v1/access/why?table=person&id={CANARY}&account=neighbour")).await;
        assert_eq!(why.status, 403, "{account}: {}", why.text());
    }
    let secadmin = scene.server.http("secadmin").await;
    // Without a reason, of nobody, and of an administrator: refused.
    for body in [
        json!({"account": "clerk", "reason": ""}),
        json!({"account": "clerk"}),
        json!({"account": "nobody-of-this-name", "reason": "核对数据权限"}),
    ] {
        let answer = secadmin.post(VIEW, &body).await;
        assert!((400..=404).contains(&answer.status), "{body}: {}", answer.text());
    }
}
