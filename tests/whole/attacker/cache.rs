//! Caches and the marks of freshness: what the city asked before must not be another person's answer, and a mark given
//! to one scope must not count for another.

use serde_json::{Value, json};

use super::place::{CANARY_OF_NEIGHBOUR, OWN, Scene};
use crate::server::{Answer, Http};

const BOARD: &str = "/api/v1/boards/benefit/data";

/// Statements a cache would keep.
const KEPT: &[&str] = &[
    "select count(*) from benefit_transaction",
    "select district_code, count(*), sum(amount) from benefit_transaction group by 1 order by 1",
    "select * from person order by id",
    "select txn_no from benefit_transaction order by txn_no limit 3",
];

async fn board(user: &Http, known: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("if-none-match", known)];
    let body = json!({"period": "2026-10"}).to_string();
    user.send("POST", BOARD, &headers, body).await.unwrap()
}

async fn rows(user: &Http, sql: &str) -> Value {
    let answer = user.post("/api/v1/sql", &json!({ "sql": sql })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["rows"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_city_asked_before_is_nobody_elses_answer() {
    let scene = Scene::usual().await;
    let (city, clerk, street) = (
        scene.server.http("city").await,
        scene.server.http("clerk").await,
        scene.server.http("street").await,
    );
    for sql in KEPT {
        let alone = [rows(&clerk, sql).await, rows(&street, sql).await];
        // Three times: the first fills a cache, the others are answered from it.
        let mut all = Value::Null;
        for _ in 0..3 {
            all = rows(&city, sql).await;
        }
        for (user, alone) in [(&clerk, &alone[0]), (&street, &alone[1])] {
            let after = rows(user, sql).await;
            assert_eq!(&after, alone, "{sql}");
            assert_ne!(after, all, "{sql}: the city sees more than this");
            assert!(!after.to_string().contains(CANARY_OF_NEIGHBOUR), "{sql}: {after}");
        }
        for (account, expected) in [("clerk", &alone[0]), ("street", &alone[1])] {
            let wire = scene.server.wire(account).await.simple(sql).await.unwrap();
            assert_eq!(wire.len(), expected.as_array().unwrap().len(), "{sql} as {account} over the wire");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_questions_at_the_same_moment_stay_apart() {
    let scene = Scene::usual().await;
    let sql = "select count(*) from benefit_transaction";
    let mut asked = Vec::new();
    for _ in 0..8 {
        for (account, expected) in
            [("city", OWN + 25 + 90), ("clerk", OWN + 25), ("neighbour", 90), ("nobody", 0)]
        {
            let user = scene.server.http(account).await;
            asked.push(tokio::spawn(async move { (account, expected, rows(&user, sql).await) }));
        }
    }
    for one in asked {
        let (account, expected, rows) = one.await.unwrap();
        assert_eq!(rows[0][0], expected, "{account}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_of_another_scope_is_never_fresh() {
    let scene = Scene::usual().await;
    let accounts = ["city", "clerk", "neighbour", "lonely", "nobody"];
    let mut marks = Vec::new();
    for account in accounts {
        let user = scene.server.http(account).await;
        let answer = board(&user, "\"-\"").await;
        assert_eq!(answer.status, 200, "{account}: {}", answer.text());
        marks.push((account, user, answer.header("etag").to_owned()));
    }
    for (account, user, own) in &marks {
        assert!(!own.is_empty(), "the board gives {account} no mark");
        assert_eq!(board(user, own).await.status, 304, "the own mark of {account} is fresh");
        for (other, _, mark) in marks.iter().filter(|(other, ..)| other != account) {
            assert_ne!(own, mark, "{account} and {other} share a mark");
            for form in [mark.clone(), format!("W/{mark}"), format!("{mark}, \"x\"")] {
                assert_eq!(board(user, &form).await.status, 200, "{account} with the mark of {other}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_caches_between_us_and_the_browser_keep_nothing() {
    let scene = Scene::usual().await;
    let clerk = scene.server.http("clerk").await;
    let sql = clerk.post("/api/v1/sql", &json!({"sql": "select 1"})).await;
    let board = board(&clerk, "\"-\"").await;
    let records = clerk.get("/api/v1/resources/person").await;
    let session = clerk.get("/api/v1/session").await;
    for (what, answer) in [("sql", sql), ("board", board), ("records", records), ("session", session)] {
        let control = answer.header("cache-control").to_owned();
        assert!(
            ["private", "no-store"].iter().any(|word| control.contains(word)),
            "{what}: cache-control is `{control}`"
        );
    }
}
