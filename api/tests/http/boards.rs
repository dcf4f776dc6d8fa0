//! Boards: rights, states of tiles, scope, entity tags, and a write that arrives.

use std::time::{Duration, Instant};

use pujiang_security::Assignment;
use pujiang_transactional::accounts::AccountKind;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_right_sees_no_board() {
    let app = TestApp::start().await;
    app.auditor().await.get("/api/v1/boards").await.expect_problem(403, "forbidden");
    app.auditor()
        .await
        .post("/api/v1/boards/benefit/data", &json!({}))
        .await
        .expect_problem(403, "forbidden");
    app.anonymous()
        .post("/api/v1/boards/benefit/data", &json!({}))
        .await
        .expect_problem(401, "unauthenticated");
    let boards = app.leader().await.get("/api/v1/boards").await.expect(200);
    assert_eq!(boards["boards"][0]["id"], "benefit");
    app.leader().await.post("/api/v1/boards/benefit/data", &json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_answers_in_the_scope_of_the_caller() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let request = json!({"period": "2026-10"});
    let city = app.city().await.post("/api/v1/boards/benefit/data", &request).await.expect(200);
    assert_eq!(city["period"]["label"], "2026年10月");
    assert_eq!(city["period"]["complete"], true);
    let tiles = city["tiles"].as_object().expect("tiles");
    for (id, tile) in tiles {
        assert!(["ok", "empty"].contains(&tile["state"].as_str().unwrap_or_default()), "{id}: {tile}");
    }
    let figure = |board: &serde_json::Value| {
        let tile = &board["tiles"]["transactions"];
        let columns = tile["columns"].as_array().expect("columns");
        let at = columns.iter().position(|column| column["name"] == "S1-U03").expect("S1-U03");
        tile["rows"].as_array().and_then(|rows| rows.last()).map(|row| row[at].clone())
    };
    assert_eq!(figure(&city), Some(json!(3)));
    let clerk = app.clerk("310104").await.post("/api/v1/boards/benefit/data", &request).await.expect(200);
    assert_eq!(figure(&clerk), Some(json!(2)));
    assert_eq!(clerk["scope"]["label"], "仅徐汇区");
    assert!(!clerk.to_string().contains("310105"), "another district's code in a clerk's board");
    let drilled = json!({"period": "2026-10", "district": "310105"});
    let drilled = app.city().await.post("/api/v1/boards/benefit/data", &drilled).await.expect(200);
    assert_eq!(figure(&drilled), Some(json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_board_is_304() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let city = app.city().await;
    let path = "/api/v1/boards/benefit/data";
    let json_type = ("content-type", "application/json");
    let first = city.send("POST", path, &[json_type], "{}").await;
    let tag = first.header("etag").to_owned();
    assert!(!tag.is_empty(), "{}", first.text());
    let again = city.send("POST", path, &[json_type, ("if-none-match", &tag)], "{}").await;
    assert_eq!(again.status, 304);
    let other =
        city.send("POST", path, &[json_type, ("if-none-match", &tag)], r#"{"district":"310104"}"#).await;
    assert_eq!(other.status, 200);
    let clerk = app.clerk("310104").await;
    let other = clerk.send("POST", path, &[json_type, ("if-none-match", &tag)], "{}").await;
    assert_eq!(other.status, 200, "another scope is another answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_on_the_board_within_three_seconds() {
    let app = TestApp::start_with_services().await;
    let city = app.city().await;
    let before = app.transactions_on_board(&city).await;
    app.create_transaction(&city, "310104").await;
    let written = Instant::now();
    loop {
        if app.transactions_on_board(&city).await == before + 1 {
            break;
        }
        assert!(written.elapsed() < Duration::from_secs(3), "the board still shows {before}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_serialised_and_compressed_once() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let city = app.city().await;
    let path = "/api/v1/boards/benefit/data";
    let json_type = ("content-type", "application/json");
    let plain = city.send("POST", path, &[json_type], "{}").await;
    let packed = city.send("POST", path, &[json_type, ("accept-encoding", "gzip")], "{}").await;
    assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("gzip", "accept-encoding"));
    assert_eq!(packed.header("etag"), plain.header("etag"));
    assert_eq!((plain.header("content-encoding"), plain.header("content-type")), ("", "application/json"));
    let figures = app.app.board_answers.figures();
    assert_eq!((figures.hits, figures.misses), (1, 1));
    // A commit to a table the board reads makes a new answer; so does another scope.
    app.load_transactions().await;
    app.clerk("310104").await.send("POST", path, &[json_type], "{}").await;
    assert_eq!(app.app.board_answers.figures().misses, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_street_clerk_sees_figures_of_the_street_and_refusals_in_words() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let street = Assignment::parse("street:310104003").expect("street");
    app.account("street", &["street_clerk"], &[street], AccountKind::Person).await;
    let body = json!({"account": "street", "password": PASSWORD});
    let session = app.anonymous().post("/api/v1/session", &body).await.expect(200);
    let street = app.with_token(session["token"].as_str().expect("token"));
    let board = street.post("/api/v1/boards/benefit/data", &json!({"period": "2026-10"})).await.expect(200);
    assert_eq!(board["scope"]["level"], "street");
    let states: Vec<(&String, &serde_json::Value)> = board["tiles"]
        .as_object()
        .expect("tiles")
        .iter()
        .filter(|(_, tile)| tile["state"] == "refused")
        .map(|(id, tile)| (id, &tile["code"]))
        .collect();
    // Stocks are sums of state events, which name no street: no nought in place of a number nobody knows.
    assert!(!states.is_empty() && states.iter().all(|(_, code)| **code == json!("indicator_out_of_reach")));
    assert_eq!(board["tiles"]["transactions"]["state"], "ok");
    // A tile of several indicators shows the others and says which one it leaves out.
    let table = &board["tiles"]["district_table"];
    assert_eq!(table["code"], "indicators_left_out", "{table}");
    assert!(table["detail"].as_str().is_some_and(|text| text.contains("在当前账号的数据范围内没有数字")));
    assert!(!board.to_string().contains("310105"), "another district's code in a street clerk's board");
    // A month without rows of the street is told as such, and is no refusal.
    let before = street.post("/api/v1/boards/benefit/data", &json!({"period": "2026-09"})).await.expect(200);
    assert_eq!(before["tiles"]["transactions"]["state"], "empty", "{}", before["tiles"]["transactions"]);
}
