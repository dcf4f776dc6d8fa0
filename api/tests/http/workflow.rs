//! Guards, change requests, histories and names over HTTP, as the portal asks for them.

use serde_json::{Value, json};

use crate::support::{CARD, Client, PASSWORD, TestApp};

const MERCHANTS: &str = "/api/v1/resources/merchant_profile";
const TRANSACTIONS: &str = "/api/v1/resources/benefit_transaction";

fn path(resource: &str, record: &Value) -> String {
    format!("{resource}/{}", record["id"].as_str().expect("id"))
}

async fn resource(user: &Client, id: &str) -> Value {
    let list = user.get("/api/v1/resources").await.expect(200);
    let all = list["resources"].as_array().expect("resources");
    all.iter().find(|one| one["id"] == id).expect("resource").clone()
}

fn named<'a>(list: &'a Value, key: &str, name: &str) -> &'a Value {
    list.as_array().and_then(|all| all.iter().find(|one| one[key] == name)).unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_13_the_refusal_names_the_right_way() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    let made = app.create_transaction(&clerk, "310104").await;
    let at = path(TRANSACTIONS, &made);
    for answer in [
        clerk.patch(&at, Some("\"1\""), &json!({"amount": "1.00"})).await,
        clerk.patch(&at, Some("\"1\""), &json!({"pay_time": "2026-01-01 08:00"})).await,
        clerk.delete(&at, None).await,
        clerk.delete_because(&at, "\"1\"", "误录").await,
    ] {
        let problem = answer.expect_problem(409, "state_guard");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("冲正")), "{problem}");
    }
    let unit = format!("{MERCHANTS}/{}", made["merchant_id"].as_str().expect("unit"));
    let account = json!({"settle_account": "6222021234567890"});
    let problem = clerk.patch(&unit, Some("\"2\""), &account).await.expect_problem(409, "needs_review");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("申请变更")), "{problem}");
    let body =
        json!({"merchant_id": made["merchant_id"], "card_no": "3100000000000000", "original_amount": "1"});
    let problem = clerk.post(TRANSACTIONS, &body).await.expect_problem(400, "invalid_fields");
    assert_eq!(problem["errors"][0]["code"], "unknown_reference", "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_13_definitions_tell_what_each_may_do_in_each_state() {
    let app = TestApp::start().await;
    let (clerk, city) = (app.clerk("310104").await, app.city().await);
    let transaction = resource(&clerk, "benefit_transaction").await;
    let confirmed = named(&transaction["states"], "code", "confirmed");
    assert_eq!((&confirmed["edit"], &confirmed["delete"]), (&json!([]), &json!("never")));
    assert!(confirmed["remedy"].as_str().is_some_and(|text| text.contains("冲正")));
    let fields = &transaction["fields"];
    for inner in ["risk_flagged", "source", "merchant_code"] {
        assert_eq!(named(fields, "name", inner)["writable"], false, "{inner}");
    }
    assert_eq!(
        named(fields, "name", "amount")["computed"],
        json!({"plus": ["original_amount"], "minus": ["discount"]})
    );
    assert_eq!(named(fields, "name", "merchant_id")["must_be"], json!(["active"]));
    assert_eq!(named(fields, "name", "service_id")["same"], json!(["merchant_id"]));
    assert_eq!(named(fields, "name", "card_no")["found_in"], "preferential_card");
    assert_eq!(named(fields, "name", "street_code")["inside"], "district_code");
    assert_eq!(named(fields, "name", "pay_time")["not_before"], "2020-01-01");
    assert_eq!(named(&transaction["actions"], "id", "reverse")["tone"], "danger");
    let unit = resource(&city, "merchant_profile").await;
    let active = named(&unit["states"], "code", "active");
    assert!(
        active["review"].as_array().is_some_and(|all| all.contains(&json!("settle_account"))),
        "{active}"
    );
    assert_eq!(
        named(&resource(&city, "benefit_transaction").await["fields"], "name", "risk_flagged")["writable"],
        true
    );
    let streets = clerk.get("/api/v1/streets").await.expect(200);
    let street = json!({"code": "310104003", "name": "天平路街道", "district": "310104"});
    assert!(streets["streets"].as_array().is_some_and(|all| all.len() == 234 && all.contains(&street)));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_13_a_change_is_asked_for_and_decided() {
    let app = TestApp::start().await;
    let (clerk, city) = (app.clerk("310104").await, app.city().await);
    let unit = app.active_merchant("310104", 1).await;
    let at = path(MERCHANTS, &unit);
    let body = json!({"fields": {"settle_account": "6222021234567890"}, "reason": "更换开户行"});
    let json_type = ("content-type", "application/json");
    let ask = async |version: &str| {
        clerk
            .send("POST", &format!("{at}/changes"), &[("if-match", version), json_type], body.to_string())
            .await
    };
    clerk.post(&format!("{at}/changes"), &body).await.expect_problem(428, "if_match_required");
    ask("\"1\"").await.expect_problem(412, "version_conflict");
    let task = ask("\"2\"").await.expect(201);
    assert_eq!(
        (&task["state"], &task["applicant_name"], &task["record_title"]),
        (&json!("open"), &json!("d310104"), &json!("测试单位1"))
    );
    assert_eq!(task["changes"][0]["to"], "6222********7890");
    let todo = city.get("/api/v1/workflow/todo").await.expect(200);
    assert_eq!(todo["items"][0]["id"], task["id"]);
    assert_eq!(
        todo["items"][0]["decisions"][1],
        json!({"id": "refuse", "title": "退回", "reason_required": true})
    );
    let decide =
        |decision: &str| format!("/api/v1/workflow/tasks/{}/{decision}", task["id"].as_str().expect("id"));
    city.post(&decide("refuse"), &json!({})).await.expect_problem(400, "invalid_fields");
    city.post(&decide("dance"), &json!({})).await.expect_problem(404, "not_found");
    clerk.post(&decide("approve"), &json!({})).await.expect_problem(403, "forbidden");
    app.clerk("310105").await.post(&decide("approve"), &json!({})).await.expect_problem(404, "not_found");
    assert_eq!(city.post(&decide("approve"), &json!({})).await.expect(200)["state"], "approved");
    city.post(&decide("approve"), &json!({})).await.expect_problem(409, "already_decided");
    assert_eq!(
        clerk.get("/api/v1/workflow/started").await.expect(200)["items"][0]["decided_by_name"],
        "city"
    );
    assert_eq!(
        city.get("/api/v1/workflow/done").await.expect(200)["items"].as_array().map(Vec::len),
        Some(1)
    );
    let history = clerk.get(&format!("{at}/history")).await.expect(200);
    let told: Vec<&str> = history["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|i| i["title"].as_str().expect("title"))
        .collect();
    assert_eq!(told, ["变更审核通过", "申请变更", "审核通过", "登记"]);
    assert!(!history.to_string().contains("6222021234567890"));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_12_another_districts_number_is_answered_like_a_free_one() {
    let app = TestApp::start().await;
    let (pudong, xuhui) = (app.clerk("310115").await, app.clerk("310104").await);
    let people = "/api/v1/resources/person";
    let body = |id_no: &str| json!({"full_name": "张三", "id_no": id_no});
    pudong.post(people, &body("11010519491231002X")).await.expect(201);
    let taken = xuhui.post(people, &body("11010519491231002X")).await;
    let free = xuhui.post(people, &body("110105194912310062")).await;
    assert_eq!((taken.status, taken.status), (free.status, axum::http::StatusCode::CREATED));
    let keys = |answer: &Value| answer.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys(&taken.json()), keys(&free.json()));
    // By file as well: what would tell ten thousand numbers tells none.
    let file = "姓名,身份证号\n李四,11010519491231002X\n王五,110105194912310046\n";
    let csv = [("content-type", "text/csv")];
    let clerk = app.clerk("310105").await;
    for query in ["?preview=true", ""] {
        let answer = clerk.send("POST", &format!("{people}/import{query}"), &csv, file).await.expect(200);
        assert_eq!((&answer["accepted"], &answer["failed"]), (&json!(2), &json!([])), "{answer}");
    }
    let todo = app.city().await.get("/api/v1/workflow/todo").await.expect(200);
    assert_eq!(todo["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(todo["items"][0]["other"]["district"], "浦东新区");
    // A second try answers as after a free number: the own record holds it.
    for id_no in ["11010519491231002X", "110105194912310062"] {
        xuhui.post(people, &body(id_no)).await.expect_problem(409, "duplicate");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn page_11_records_name_people_and_places() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    let made = app.create_transaction(&clerk, "310104").await;
    let at = path(TRANSACTIONS, &made);
    clerk.post(&format!("{at}/actions/reverse"), &json!({"reason": "退款"})).await.expect(200);
    let read = clerk.get(&at).await.expect(200);
    let labels = &read["labels"];
    assert_eq!((&labels["district_code"], &labels["created_by"]), (&json!("徐汇区"), &json!("d310104")));
    let history = clerk.get(&format!("{at}/history")).await.expect(200);
    let first = &history["items"][0];
    assert_eq!(
        (&first["title"], &first["reason"], &first["actor_name"]),
        (&json!("冲正"), &json!("退款"), &json!("d310104"))
    );
    assert_eq!(
        first["changes"],
        json!([{"field": "state", "title": "状态", "from": "已确认", "to": "已冲正"}])
    );
    assert!(!history.to_string().contains(CARD));
    app.clerk("310105").await.get(&format!("{at}/history")).await.expect_problem(404, "not_found");
    app.auditor().await.get(&format!("{at}/history")).await.expect_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_11_the_own_password_is_changed() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    let address = "/api/v1/session/password";
    let change = |current: &str, new: &str| json!({"current": current, "new": new});
    let problem = clerk
        .post(address, &change("wrong", "Another-Pass-2026"))
        .await
        .expect_problem(400, "invalid_fields");
    assert_eq!(
        (&problem["field"], &problem["errors"][0]["code"]),
        (&json!("current"), &json!("wrong_password"))
    );
    let problem = clerk.post(address, &change(PASSWORD, "short")).await.expect_problem(400, "invalid_fields");
    assert_eq!(problem["field"], "new");
    for easy in ["d310104d310104", "x-D310104-x", "abc1abc1abc1"] {
        let problem =
            clerk.post(address, &change(PASSWORD, easy)).await.expect_problem(400, "invalid_fields");
        assert_eq!(problem["errors"][0]["code"], "weak_password", "{easy}");
    }
    app.anonymous()
        .post(address, &change(PASSWORD, "Another-Pass-2026"))
        .await
        .expect_problem(401, "unauthenticated");
    assert_eq!(clerk.post(address, &change(PASSWORD, "Another-Pass-2026")).await.status, 204);
    clerk.get("/api/v1/session").await.expect(200);
    let log_in = async |password: &str| {
        let body = json!({"account": "d310104", "password": password});
        app.anonymous().post("/api/v1/session", &body).await.status.as_u16()
    };
    assert_eq!((log_in(PASSWORD).await, log_in("Another-Pass-2026").await), (401, 200));
}
