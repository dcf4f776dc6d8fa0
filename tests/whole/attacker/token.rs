//! Tokens and sessions: guessed, expired, taken back, put in the wrong place; rights that were taken away.

use pujiang_security::Assignment;
use serde_json::json;

use super::place::{OWN, Scene};
use crate::server::{Http, PASSWORD};

const COUNT: &str = "select count(*) from benefit_transaction";

async fn log_in(scene: &Scene, account: &str) -> String {
    let body = json!({"account": account, "password": PASSWORD});
    let answer = scene.server.anonymous().post("/api/v1/session", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_very_token_opens_and_only_in_its_header() {
    let scene = Scene::usual().await;
    let token = log_in(&scene, "clerk").await;
    let with = |token: &str| Http::with_token(scene.server.address(), token);
    assert_eq!(with(&token).get("/api/v1/session").await.status, 200);
    let (head, last) = token.split_at(token.len() - 1);
    let flipped = format!("{head}{}", if last == "A" { "B" } else { "A" });
    let upper = if token.to_uppercase() == token { token.to_lowercase() } else { token.to_uppercase() };
    for wrong in
        ["", "x", "null", "undefined", head, &flipped, &upper, &format!("{token}x"), &"a".repeat(10_000)]
    {
        let answer = with(wrong).get("/api/v1/session").await;
        assert!([400, 401, 431].contains(&answer.status), "{}: {}", wrong.len(), answer.status);
    }
    for path in [format!("/api/v1/session?token={token}"), format!("/api/v1/session?access_token={token}")] {
        assert_eq!(scene.server.anonymous().get(&path).await.status, 401, "a token in the address opens");
    }
    let cookie = format!("token={token}; session={token}");
    let answer =
        scene.server.anonymous().send("GET", "/api/v1/session", &[("cookie", &cookie)], "").await.unwrap();
    assert_eq!(answer.status, 401, "a cookie opens: other sites could then ask in the person's name");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_not_stored_and_end_with_the_session() {
    let scene = Scene::usual().await;
    let token = log_in(&scene, "clerk").await;
    for entry in std::fs::read_dir(scene.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for secret in [token.as_bytes(), PASSWORD.as_bytes()] {
                let found = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(!found, "{} holds a token or password in clear", path.display());
            }
        }
    }
    let clerk = Http::with_token(scene.server.address(), &token);
    let other = scene.server.http("clerk").await;
    assert!(clerk.send("DELETE", "/api/v1/session", &[], "").await.unwrap().status < 300);
    assert_eq!(clerk.get("/api/v1/session").await.status, 401);
    assert_eq!(other.get("/api/v1/session").await.status, 200, "another session of the same person goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_taken_away_are_gone_with_the_next_question() {
    let scene = Scene::usual().await;
    let http = scene.server.http("clerk").await;
    let wire = scene.server.wire("clerk").await;
    let prepared = wire.client().prepare(COUNT).await.unwrap();
    let count = async || {
        let over_http = http.post("/api/v1/sql", &json!({ "sql": COUNT })).await;
        let over_wire = wire.client().query_one(&prepared, &[]).await.map(|row| row.get::<_, i64>(0)).ok();
        (over_http.json()["rows"][0][0].as_i64(), over_wire)
    };
    let before = i64::try_from(OWN + 25).unwrap();
    assert_eq!(count().await, (Some(before), Some(before)));
    let own = |rows: &[&str]| rows.iter().map(|row| Assignment::parse(row).unwrap()).collect::<Vec<_>>();
    let set = async |rows: &[&str]| {
        scene.accounts.set_grants("test", "clerk", &["district_clerk".into()], &own(rows)).await.unwrap();
        // Written by another process than the server's: it is seen within a second.
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    };
    set(&["310105"]).await;
    assert_eq!(count().await, (Some(90), Some(90)), "a district was exchanged");
    set(&[]).await;
    assert_eq!(count().await, (Some(0), Some(0)), "the last assignment was taken away");
    scene.accounts.set_grants("test", "clerk", &["leader".into()], &own(&["city"])).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(count().await, (None, None), "the right to ask was taken away");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_sessions_and_opens_the_wire() {
    let scene = Scene::usual().await;
    let http = scene.server.http("clerk").await;
    scene.accounts.set_password("test", "clerk", "Another-Pass-2026".into()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(http.get("/api/v1/session").await.status, 401);
    let wire = async |password: &str| {
        crate::server::Wire::connect(scene.server.postgres(), "clerk", password).await.is_ok()
    };
    assert!(!wire(PASSWORD).await, "the old password opens the wire");
    assert!(wire("Another-Pass-2026").await, "the new password does not open the wire");
}
