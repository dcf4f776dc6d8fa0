//! The pages of administrators and auditors: which accounts there are, and what stands in the audit log. Each for its own
//! role, and neither a way to business data.

use pujiang_security::Assignment;
use pujiang_transactional::accounts::AccountKind;
use serde_json::{Value, json};

use crate::support::TestApp;

fn column<'v>(answer: &'v Value, name: &str) -> Vec<&'v str> {
    answer["items"].as_array().expect("items").iter().filter_map(|item| item[name].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn page_11_administrators_see_which_accounts_there_are() {
    let app = TestApp::start().await;
    let district = Assignment::parse("310104").expect("a district");
    app.account("zhang", &["district_clerk"], &[district], AccountKind::Person).await;
    for client in [app.sysadmin().await, app.secadmin().await] {
        let answer = client.get("/api/v1/accounts").await;
        assert!(answer.header("cache-control").contains("no-store"));
        let answer = answer.expect(200);
        let accounts = answer["accounts"].as_array().expect("accounts");
        let found = accounts.iter().find(|account| account["account"] == "zhang").expect("the account");
        assert_eq!(found["name"], "zhang");
        assert_eq!(found["roles"], json!(["区级人员"]));
        assert_eq!(found["assignments"], json!(["徐汇区"]));
        assert_eq!((&found["active"], &found["last_login_at"]), (&json!(true), &Value::Null));
        assert!(!answer.to_string().contains("argon2"), "{answer}");
    }
    for client in [app.city().await, app.clerk("310104").await, app.auditor().await] {
        client.get("/api/v1/accounts").await.expect_problem(403, "forbidden");
    }
    app.anonymous().get("/api/v1/accounts").await.expect_problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_11_auditors_search_the_log() {
    let app = TestApp::start().await;
    let city = app.city().await;
    for _ in 0..3 {
        city.post("/api/v1/sql", &json!({"sql": "SELECT count(*) FROM district"})).await.expect(200);
    }
    let auditor = app.auditor().await;
    let asked = auditor.get("/api/v1/logs?action=sql&size=2").await.expect(200);
    assert_eq!(column(&asked, "actor"), ["city", "city"]);
    assert_eq!(column(&asked, "action_title"), ["查询", "查询"]);
    assert_eq!(column(&asked, "target_title"), ["数据查询", "数据查询"]);
    assert_eq!(column(&asked, "result"), ["成功", "成功"]);
    let numbers: Vec<i64> =
        asked["items"].as_array().expect("items").iter().filter_map(|item| item["seq"].as_i64()).collect();
    assert!(numbers[0] > numbers[1], "newest first: {numbers:?}");
    let next = asked["next"].as_i64().expect("there is a third");
    let rest = auditor.get(&format!("/api/v1/logs?action=sql&size=2&before={next}")).await.expect(200);
    assert_eq!((rest["items"].as_array().map(Vec::len), &rest["next"]), (Some(1), &Value::Null));
    // What was asked is on record, once, with what was looked for.
    let own = auditor.get("/api/v1/logs?action=read_audit").await.expect(200);
    assert_eq!(own["items"][0]["after"]["action"], "sql");
    assert_eq!(own["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn log_28_entries_about_records_say_which_address_they_came_from() {
    let app = TestApp::start().await;
    let city = app.city().await.at("192.0.2.7");
    let made = app.create_transaction(&city, "310104").await;
    let id = made["id"].as_str().expect("id");
    let reverse = format!("/api/v1/resources/benefit_transaction/{id}/actions/reverse");
    city.post(&reverse, &json!({"reason": "重复录入"})).await.expect(200);
    let export = city.get("/api/v1/resources/benefit_transaction/export?format=csv").await;
    assert_eq!(export.status, 200, "{}", export.text());
    let auditor = app.auditor().await;
    for action in ["create", "reverse", "export"] {
        let found = auditor.get(&format!("/api/v1/logs?action={action}&actor=city")).await.expect(200);
        let mut entries = found["items"].as_array().expect("items").iter();
        let entry = entries.find(|item| item["target_type"] == "benefit_transaction").expect(action);
        assert_eq!(entry["origin"], "192.0.2.7", "{action}: {entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn page_11_the_log_narrows_by_day_person_and_ending_and_refuses_what_it_does_not_know() {
    let app = TestApp::start().await;
    let wrong = json!({"sql": "SELECT nothing FROM district"});
    assert_eq!(app.city().await.post("/api/v1/sql", &wrong).await.status, 400);
    let auditor = app.auditor().await;
    let count = async |query: &str| {
        let answer = auditor.get(&format!("/api/v1/logs?{query}")).await.expect(200);
        answer["items"].as_array().map(Vec::len).unwrap_or_default()
    };
    assert_eq!(count("action=sql&result=refused&actor=city").await, 1);
    assert_eq!(count("action=sql&result=done").await, 0);
    assert_eq!(count("action=sql&to=2001-01-01").await, 0);
    assert_eq!(count("action=sql&from=2001-01-01&to=2100-01-01").await, 1);
    assert_eq!(count("actor=nobody").await, 0);
    for wrong in ["result=perhaps", "from=yesterday", "colour=red"] {
        auditor.get(&format!("/api/v1/logs?{wrong}")).await.expect_problem(400, "invalid_query");
    }
    for client in [app.city().await, app.clerk("310104").await, app.sysadmin().await, app.secadmin().await] {
        client.get("/api/v1/logs").await.expect_problem(403, "forbidden");
    }
}

/// Auditors watch what is done and see no business data: fields are named, what was in them is not.
#[tokio::test(flavor = "multi_thread")]
async fn attack_20_the_log_shows_auditors_no_values_of_records() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let merchant = app.create_merchant(&city, "310104", 7).await;
    let code = merchant["credit_code"].as_str().expect("a code");
    let answer = app.auditor().await.get("/api/v1/logs?target_type=merchant_profile").await.expect(200);
    let made = &answer["items"][0];
    assert_eq!((&made["action"], &made["target_id"]), (&json!("create"), &merchant["id"]));
    let fields = made["fields"].as_array().expect("fields");
    assert!(fields.contains(&json!("单位名称")) && fields.contains(&json!("统一社会信用代码")), "{made}");
    assert_eq!((&made["before"], &made["after"]), (&Value::Null, &Value::Null));
    assert!(!answer.to_string().contains(code), "{answer}");
    // The log itself has kept the values: its chain is made of them.
    assert!(app.audited("create").await.iter().any(|entry| entry.to_string().contains(code)));
}
