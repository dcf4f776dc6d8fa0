//! Records over HTTP: create, read, change, delete, actions, lists, export and import, each within scope.

use serde_json::json;

use crate::support::{TestApp, credit_code};

const MERCHANTS: &str = "/api/v1/resources/merchant_profile";

#[tokio::test(flavor = "multi_thread")]
async fn definitions_say_what_the_caller_may_do() {
    let app = TestApp::start().await;
    let list = app.clerk("310104").await.get("/api/v1/resources").await.expect(200);
    let resources = list["resources"].as_array().expect("resources");
    let merchant = resources.iter().find(|one| one["id"] == "merchant_profile").expect("merchant_profile");
    assert_eq!(merchant["can"]["create"], true);
    let actions = merchant["actions"].as_array().expect("actions");
    let allowed: Vec<&str> =
        actions.iter().filter(|one| one["allowed"] == true).filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(allowed, ["resubmit"], "activation is for the city");
    let secret =
        merchant["fields"].as_array().is_some_and(|all| all.iter().any(|f| f["visibility"] == "secret"));
    assert!(!secret);
    // Whose list is not all there is: partners deliver transactions to the lake, and nobody else delivers cards.
    let shared = resources.iter().filter(|one| one["partner_records"] == true);
    assert_eq!(shared.map(|one| &one["id"]).collect::<Vec<_>>(), ["benefit_transaction"]);
    app.auditor().await.get("/api/v1/resources").await.expect_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_lives_through_its_versions() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let created = app.create_merchant(&city, "310104", 1).await;
    let path = format!("{MERCHANTS}/{}", created["id"].as_str().expect("id"));
    let read = city.get(&path).await;
    assert_eq!(read.header("etag"), "\"1\"");
    let change = json!({"address": "天平路 1 号"});
    city.patch(&path, None, &change).await.expect_problem(428, "if_match_required");
    city.patch(&path, Some("x"), &change).await.expect_problem(400, "invalid_if_match");
    let changed = city.patch(&path, Some("\"1\""), &change).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.expect(200)["address"], "天平路 1 号");
    city.patch(&path, Some("\"1\""), &change).await.expect_problem(412, "version_conflict");
    let active = city.post(&format!("{path}/actions/activate"), &json!({})).await.expect(200);
    assert_eq!(active["state"], "active");
    city.post(&format!("{path}/actions/activate"), &json!({})).await.expect_problem(409, "wrong_state");
    city.post(&format!("{path}/actions/dance"), &json!({})).await.expect_problem(404, "not_found");
    // Approved, it is no longer deleted; one that nobody has approved yet goes, with a reason.
    city.delete(&path, Some("\"3\"")).await.expect_problem(409, "state_guard");
    let draft = app.create_merchant(&city, "310104", 2).await;
    let path = format!("{MERCHANTS}/{}", draft["id"].as_str().expect("id"));
    city.delete(&path, None).await.expect_problem(428, "if_match_required");
    let problem = city.delete(&path, Some("\"1\"")).await.expect_problem(400, "invalid_fields");
    assert_eq!(problem["field"], "reason");
    city.delete_because(&path, "\"2\"", "重复登记").await.expect_problem(412, "version_conflict");
    assert_eq!(city.delete_because(&path, "\"1\"", "重复登记").await.status, 204);
    city.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(app.audited("delete").await[0]["reason"], "重复登记");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_district_is_404_whatever_is_tried() {
    let app = TestApp::start().await;
    let created = app.create_merchant(&app.city().await, "310105", 1).await;
    let path = format!("{MERCHANTS}/{}", created["id"].as_str().expect("id"));
    let clerk = app.clerk("310104").await;
    let missing = format!("{MERCHANTS}/0190c0de-0000-7000-8000-000000000000");
    for path in [&path, &missing] {
        clerk.get(path).await.expect_problem(404, "not_found");
        clerk.patch(path, Some("\"1\""), &json!({"address": "x"})).await.expect_problem(404, "not_found");
        clerk.patch(path, None, &json!({"address": "x"})).await.expect_problem(404, "not_found");
        clerk.delete(path, Some("\"1\"")).await.expect_problem(404, "not_found");
    }
    let list = clerk.get(MERCHANTS).await.expect(200);
    assert_eq!((list["total"].clone(), list["scope"]["label"].clone()), (json!(0), json!("仅徐汇区")));
    let body =
        json!({"name": "越区", "credit_code": credit_code(9), "category": "文旅", "district_code": "310105"});
    let refused = clerk.post(MERCHANTS, &body).await;
    assert!(refused.status.is_client_error(), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_name_every_field() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let body =
        json!({"name": "", "credit_code": "123", "category": "钓鱼", "district_code": "999999", "colour": 1});
    let problem = city.post(MERCHANTS, &body).await.expect_problem(400, "invalid_fields");
    let fields: Vec<&str> = problem["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["field"].as_str().expect("field"))
        .collect();
    for field in ["name", "credit_code", "category", "district_code", "colour"] {
        assert!(fields.contains(&field), "{field}: {problem}");
    }
    app.create_merchant(&city, "310104", 1).await;
    let again =
        json!({"name": "重复", "credit_code": credit_code(1), "category": "文旅", "district_code": "310104"});
    let problem = city.post(MERCHANTS, &again).await.expect_problem(409, "duplicate");
    assert_eq!(problem["field"], "credit_code");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filter_sort_and_page() {
    let app = TestApp::start().await;
    let city = app.city().await;
    for number in 1..=5 {
        app.create_merchant(&city, if number < 4 { "310104" } else { "310105" }, number).await;
    }
    let filtered = city
        .get(&format!("{MERCHANTS}?filter[district_code]=310104&sort=name&page[size]=2"))
        .await
        .expect(200);
    assert_eq!((filtered["total"].clone(), filtered["items"].as_array().map(Vec::len)), (json!(3), Some(2)));
    assert_eq!(filtered["items"][0]["name"], "测试单位1");
    assert_eq!(filtered["filters"], json!({"filter[district_code]": "310104"}));
    let next = filtered["page"]["next"].as_str().expect("next");
    let path = format!("{MERCHANTS}?filter[district_code]=310104&sort=name&page[size]=2&page[after]={next}");
    let rest = city.get(&path).await.expect(200);
    assert_eq!(rest["items"][0]["name"], "测试单位3");
    assert_eq!(rest["page"]["next"], json!(null));
    let found = city.get(&format!("{MERCHANTS}?q=单位4")).await;
    assert!(found.status == 200 || found.status == 400, "raw UTF-8 in an address");
}

#[tokio::test(flavor = "multi_thread")]
async fn export_is_a_right_of_its_own_and_audited() {
    let app = TestApp::start().await;
    let city = app.city().await;
    app.create_merchant(&city, "310104", 1).await;
    app.create_merchant(&city, "310105", 2).await;
    let csv = app.clerk("310104").await.get(&format!("{MERCHANTS}/export?format=csv")).await;
    assert!(csv.header("content-disposition").contains("filename*=UTF-8''"), "{:?}", csv.headers);
    let text = csv.text();
    assert!(text.contains("测试单位1") && !text.contains("测试单位2"), "{text}");
    let xlsx = city.get(&format!("{MERCHANTS}/export?format=xlsx")).await;
    assert!(xlsx.bytes.starts_with(b"PK"), "{}", xlsx.text());
    app.leader().await.get(&format!("{MERCHANTS}/export")).await.expect_problem(403, "forbidden");
    let entries = pujiang_transactional::audit::list(&app.app.store, 0, 1000).await.expect("audit");
    let exports = entries.iter().filter(|entry| entry.content["action"] == json!("export")).count();
    assert_eq!(exports, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn import_keeps_good_rows_and_hands_back_bad_ones() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let file = format!(
        "\u{feff}单位名称,credit_code,category,district_code\n甲,{},文旅,310104\n\n乙,123,文旅,310104\n丙,{},购物,310105\n",
        credit_code(1),
        credit_code(2)
    );
    let definitions = city.get("/api/v1/resources").await.expect(200);
    let title = definitions["resources"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["id"] == "merchant_profile"))
        .and_then(|one| one["fields"][0]["title"].as_str().map(str::to_owned))
        .expect("title of the name");
    let file = file.replace("单位名称", &title);
    let path = format!("{MERCHANTS}/import");
    let answer = city.send("POST", &path, &[("content-type", "text/csv")], file).await.expect(200);
    assert_eq!(answer["accepted"], 2, "{answer}");
    assert_eq!(answer["failed"][0]["row"], 4, "{answer}");
    assert_eq!(answer["failed"][0]["errors"][0]["field"], "credit_code", "{answer}");
    for (kind, body) in
        [("text/csv", "colour\nred\n"), ("text/csv", "a,b\n1\n"), ("multipart/form-data; boundary=x", "junk")]
    {
        let refused = city.send("POST", &path, &[("content-type", kind)], body).await;
        assert_eq!(refused.status, 400, "{kind} {body}: {}", refused.text());
    }
    city.send("POST", &path, &[("content-type", "application/json")], "{}")
        .await
        .expect_problem(415, "unsupported_media_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_fields_come_masked() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let transaction = app.create_transaction(&city, "310104").await;
    assert_eq!(transaction["card_no"], "3100********4836");
    let list =
        city.get("/api/v1/resources/benefit_transaction?filter[card_no]=3100123456784836").await.expect(200);
    assert_eq!(list["total"], 1, "found by its pseudonym");
    assert!(!list["items"].to_string().contains("3100123456784836"));
}
