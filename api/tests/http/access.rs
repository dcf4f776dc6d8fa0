//! Why somebody sees a row, and looking through other eyes: for security administrators only, audited, and without a way
//! to the rows themselves.

use pujiang_security::Assignment;
use serde_json::{Value, json};

use crate::support::TestApp;

fn why(table: &str, id: &str, account: &str) -> String {
    format!("/api/v1/access/why?table={table}&id={id}&account={account}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_explained_by_the_grants_and_a_column_by_the_roles() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    app.clerk("310104").await;
    let admin = app.secadmin().await;
    let shown = admin.get(&why("benefit_transaction", "T1", "d310104")).await.expect(200);
    assert_eq!(shown["row"]["state"], "shown", "{shown}");
    assert!(shown["row"]["sentence"].as_str().is_some_and(|text| text.contains("徐汇区")), "{shown}");
    assert_eq!(shown["account"]["assignments"], json!(["徐汇区"]));
    assert_eq!(shown["account"]["roles"], json!(["区级人员"]));
    let columns = shown["columns"].as_array().expect("columns");
    assert!(
        columns
            .iter()
            .all(|c| c["treatment"].is_string() && c["sentence"].as_str().is_some_and(|s| !s.is_empty()))
    );
    let hidden = admin.get(&why("benefit_transaction", "T3", "d310104")).await.expect(200);
    assert_eq!(hidden["row"]["state"], "hidden", "{hidden}");
    let absent = admin.get(&why("benefit_transaction", "T9", "d310104")).await.expect(200);
    assert_eq!(absent["row"]["state"], "absent", "{absent}");
    assert_eq!(app.audited("explain_access").await.len(), 3);
    let last = app.audited("explain_access").await.pop().expect("entry");
    assert_eq!((&last["actor"], &last["target_id"]), (&json!("secadmin"), &json!("T9")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_row_is_told() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    app.clerk("310104").await;
    let admin = app.secadmin().await;
    for id in ["T1", "T3"] {
        let answer = admin.get(&why("benefit_transaction", id, "d310104")).await;
        let text = answer.text();
        for value in
            ["10.25", "7.25", "91310106MA0000029Q", "3100********0001", "文旅", "电子证", "2026-10-15"]
        {
            assert!(!text.contains(value), "{id}: {value} in {text}");
        }
        assert!(answer.header("cache-control").contains("no-store"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_security_administrators_ask_and_mistakes_are_named() {
    let app = TestApp::start().await;
    for client in [app.city().await, app.clerk("310104").await, app.sysadmin().await, app.auditor().await] {
        client.get(&why("district", "310104", "city")).await.expect_problem(403, "forbidden");
        client.get("/api/v1/access/subjects").await.expect_problem(403, "forbidden");
        let view = json!({"account": "city", "reason": "核实问题"});
        client.post("/api/v1/session/view-as", &view).await.expect_problem(403, "forbidden");
    }
    app.anonymous().get(&why("district", "310104", "city")).await.expect_problem(401, "unauthenticated");
    let admin = app.secadmin().await;
    for (table, id, account, status) in
        [("nothing", "1", "city", 404), ("district", "1", "nobody", 404), ("district", "%20", "city", 400)]
    {
        let answer = admin.get(&why(table, id, account)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    admin.get("/api/v1/access/why?table=district").await.expect_problem(400, "invalid_query");
    assert_eq!(app.audited("explain_access").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn subjects_are_accounts_and_tables_without_rows() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    app.clerk("310104").await;
    let subjects = app.secadmin().await.get("/api/v1/access/subjects").await.expect(200);
    let accounts = subjects["accounts"].as_array().expect("accounts");
    let clerk = accounts.iter().find(|account| account["account"] == "d310104").expect("clerk");
    assert_eq!((&clerk["scope"], &clerk["active"]), (&json!("仅徐汇区"), &json!(true)));
    let tables = subjects["tables"].as_array().expect("tables");
    let table = tables.iter().find(|table| table["name"] == "benefit_transaction").expect("table");
    assert_eq!(table["key_title"], "交易流水号");
}

async fn rows(client: &crate::support::Client) -> Value {
    let sql = json!({"sql": "select txn_no from benefit_transaction order by 1"});
    client.post("/api/v1/sql", &sql).await.expect(200)["rows"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_sees_the_same_and_changes_nothing() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let clerk = app.clerk("310104").await;
    let admin = app.secadmin().await;
    let body = json!({"account": "d310104", "reason": "核实看不到本区记录的反映"});
    let opened = admin.post("/api/v1/session/view-as", &body).await.expect(200);
    let principal = &opened["principal"];
    assert_eq!((&principal["account"], &principal["viewer"]), (&json!("d310104"), &json!("secadmin")));
    let eyes = app.with_token(opened["token"].as_str().expect("token"));
    assert_eq!(rows(&eyes).await, json!([["T1"], ["T2"]]));
    assert_eq!(rows(&clerk).await, rows(&eyes).await);

    let merchant = json!({"name": "测试单位", "category": "文旅", "district_code": "310104",
        "credit_code": crate::support::credit_code(1)});
    assert_eq!(eyes.post("/api/v1/resources/merchant_profile", &merchant).await.status, 403);
    assert_eq!(eyes.get("/api/v1/resources/merchant_profile/export?format=csv").await.status, 403);
    let export = json!({"sql": "select 1", "format": "csv"});
    eyes.post("/api/v1/sql/export", &export).await.expect_problem(403, "forbidden");
    let message = "/api/v1/inbox/01899179-8aa8-752a-ac60-7990446b4ffa/read";
    eyes.post(message, &json!({})).await.expect_problem(403, "view_is_read_only");
    // Nobody looks through eyes that look through eyes, nor asks why by way of them.
    let further = json!({"account": "secadmin", "reason": "再看一层"});
    eyes.post("/api/v1/session/view-as", &further).await.expect_problem(403, "forbidden");

    let entry = app.audited("view_as").await.pop().expect("entry");
    assert_eq!((&entry["actor"], &entry["target_id"]), (&json!("secadmin"), &json!("d310104")));
    assert_eq!(entry["reason"], "核实看不到本区记录的反映");
    // Ending the look leaves the administrator logged in.
    assert_eq!(eyes.delete("/api/v1/session", None).await.status, 204);
    eyes.get("/api/v1/session").await.expect_problem(401, "session_over");
    assert_eq!(admin.get("/api/v1/session").await.expect(200)["principal"]["viewer"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_needs_a_reason_and_somebody_else() {
    let app = TestApp::start().await;
    app.clerk("310104").await;
    let admin = app.secadmin().await;
    for (account, reason, status) in
        [("d310104", "  ", 400), ("secadmin", "看自己", 400), ("nobody", "核实问题", 404)]
    {
        let answer =
            admin.post("/api/v1/session/view-as", &json!({"account": account, "reason": reason})).await;
        assert_eq!(answer.status, status, "{account}: {}", answer.text());
    }
    assert!(app.audited("view_as").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_ends_with_the_right_to_it() {
    let app = TestApp::start().await;
    app.clerk("310104").await;
    let admin = app.secadmin().await;
    let body = json!({"account": "d310104", "reason": "核实问题"});
    let opened = admin.post("/api/v1/session/view-as", &body).await.expect(200);
    let eyes = app.with_token(opened["token"].as_str().expect("token"));
    eyes.get("/api/v1/session").await.expect(200);
    app.app
        .accounts
        .set_grants("test", "secadmin", &["auditor".into()], &[] as &[Assignment])
        .await
        .expect("grants");
    eyes.get("/api/v1/session").await.expect_problem(401, "session_over");
}
