//! Accounts through the command line: what is granted there is what HTTP shows, down to the street, for single records,
//! lists, exports and imports, and for sessions that are open already.

use clap::Parser;
use pujiang_api::cli::{self, args::Cli};
use serde_json::json;

use crate::support::{Client, TestApp, credit_code};

const MERCHANTS: &str = "/api/v1/resources/merchant_profile";
const HERE: &str = "310104003";

async fn pujiang(app: &TestApp, line: &[&str]) {
    let data = app.data().display().to_string();
    let cli =
        Cli::try_parse_from([&["pujiang", "account"], line, &["--data", &data]].concat()).expect("arguments");
    let _ = cli::run(cli).await;
    // Another process granted; this one looks again within a second.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
}

/// One unit in each of two streets of 徐汇; the one in `HERE` first.
async fn two_units(app: &TestApp) -> [String; 2] {
    let city = app.city().await;
    let mut ids = Vec::new();
    for (number, street) in [(1, HERE), (2, "310104004")] {
        let body = json!({"name": format!("测试单位{number}"), "credit_code": credit_code(number), "category": "文旅",
            "district_code": "310104", "street_code": street});
        let made = city.post(MERCHANTS, &body).await.expect(201);
        ids.push(made["id"].as_str().expect("id").to_owned());
    }
    ids.try_into().expect("two")
}

async fn total(client: &Client) -> serde_json::Value {
    client.get(MERCHANTS).await.expect(200)["total"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_narrows_and_widens_an_open_session() {
    let app = TestApp::start().await;
    let [here, next_door] = two_units(&app).await;
    let clerk = app.clerk("310104").await;
    assert_eq!(total(&clerk).await, 2);
    pujiang(&app, &["grant", "d310104", "--role", "district_clerk", "--scope", &format!("street:{HERE}")])
        .await;
    let list = clerk.get(MERCHANTS).await.expect(200);
    assert_eq!(
        (list["total"].clone(), list["scope"]["label"].clone()),
        (json!(1), json!("仅徐汇区天平路街道"))
    );
    clerk.get(&format!("{MERCHANTS}/{here}")).await.expect(200);
    clerk.get(&format!("{MERCHANTS}/{next_door}")).await.expect_problem(404, "not_found");
    let csv = clerk.get(&format!("{MERCHANTS}/export?format=csv")).await.text();
    assert!(csv.contains("测试单位1") && !csv.contains("测试单位2"), "{csv}");
    let both = ["--scope", "street:310104004", "--scope", &format!("street:{HERE}")];
    pujiang(&app, &[&["grant", "d310104", "--role", "district_clerk"], &both[..]].concat()).await;
    assert_eq!(total(&clerk).await, 2, "scopes unite");
    pujiang(&app, &["grant", "d310104", "--role", "auditor"]).await;
    clerk.get(MERCHANTS).await.expect_problem(403, "forbidden");
    let granted = app.audited("set_grants").await;
    assert!(granted.iter().all(|entry| entry["actor"] == "cli"), "{granted:?}");
    assert_eq!(granted.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_street_clerk_imports_into_the_own_street_and_takes_nothing_out() {
    let app = TestApp::start().await;
    two_units(&app).await;
    let street = format!("street:{HERE}");
    pujiang(&app, &["create", "street", "--name", "街道经办", "--role", "street_clerk", "--scope", &street])
        .await;
    // The made password was shown to whoever typed the command; here it is replaced by a known one.
    app.app.accounts.set_password("test", "street", "Other-Pass-2026".into()).await.expect("password");
    let body = json!({"account": "street", "password": "Other-Pass-2026"});
    let session = app.anonymous().post("/api/v1/session", &body).await.expect(200);
    let clerk = app.with_token(session["token"].as_str().expect("token"));
    assert_eq!(total(&clerk).await, 1);
    clerk.get(&format!("{MERCHANTS}/export?format=csv")).await.expect_problem(403, "forbidden");
    let file = format!(
        "name,credit_code,category,district_code,street_code\n甲,{},文旅,310104,{HERE}\n乙,{},文旅,310104,310104004\n丙,{},文旅,,\n",
        credit_code(3),
        credit_code(4),
        credit_code(5)
    );
    let answer = clerk
        .send("POST", &format!("{MERCHANTS}/import"), &[("content-type", "text/csv")], file)
        .await
        .expect(200);
    assert_eq!(answer["accepted"], 2, "{answer}");
    assert_eq!(answer["failed"][0]["errors"][0]["field"], "street_code", "{answer}");
    assert_eq!(total(&clerk).await, 3, "the empty place became the own street");
    assert_eq!(total(&app.city().await).await, 4);
}
