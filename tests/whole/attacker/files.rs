//! Files of reports and messages of another scope, and names that try to leave their folder.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::blur::blur;
use super::place::Scene;
use crate::server::Http;

const RUNS: &str = "/api/v1/reports/benefit_monthly/runs";

async fn finished(user: &Http, run: &str) -> Value {
    let started = Instant::now();
    loop {
        let view = user.get(&format!("{RUNS}/{run}")).await.json();
        if view["state"] != "running" {
            return view;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "{view}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn encoded(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_messages_of_another_scope_do_not_exist() {
    let scene = Scene::usual().await;
    let city = scene.server.http("city").await;
    let started = city.post(RUNS, &json!({"period": "2026-10"})).await;
    assert_eq!(started.status, 202, "{}", started.text());
    let run = started.json()["run"].as_str().unwrap().to_owned();
    let all = finished(&city, &run).await;
    assert_eq!(all["state"], "done", "{all}");
    let users = ["city", "clerk", "neighbour", "lonely"];
    let mut files = Vec::new();
    for account in users {
        let user = scene.server.http(account).await;
        let view = finished(&user, &run).await;
        for file in view["files"].as_array().unwrap() {
            files.push((account, file["name"].as_str().unwrap().to_owned()));
        }
    }
    assert!(files.iter().any(|(owner, _)| *owner == "neighbour"), "{files:?}");
    let absent = encoded("没有这个文件.pdf");
    for account in users {
        let user = scene.server.http(account).await;
        let none = user.get(&format!("{RUNS}/{run}/files/{absent}")).await;
        assert_eq!(none.status, 404);
        for (owner, name) in &files {
            let answer = user.get(&format!("{RUNS}/{run}/files/{}", encoded(name))).await;
            if *owner == account {
                assert_eq!(answer.status, 200, "{account}: {name}");
            } else {
                assert_eq!(answer.status, 404, "{account} takes the file of {owner}: {name}");
                assert_eq!(blur(&answer.text()), blur(&none.text()));
            }
        }
        let inbox = user.get("/api/v1/inbox").await.json();
        for message in inbox["messages"].as_array().unwrap() {
            let id = message["id"].as_str().unwrap();
            for other in users.iter().filter(|other| **other != account) {
                let other = scene.server.http(other).await;
                let answer = other.post(&format!("/api/v1/inbox/{id}/read"), &json!({})).await;
                assert_eq!(answer.status, 404, "{account}'s message is read by another");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_leave_their_folder_lead_nowhere() {
    let scene = Scene::usual().await;
    let clerk = scene.server.http("clerk").await;
    std::fs::write(scene.data().join("reports-secret.txt"), "kept-secret").ok();
    for name in [
        "../../../pujiang.db",
        "..",
        ".",
        "/etc/passwd",
        "../../../../../../etc/passwd",
        "..\\..\\keys.json",
        "keys.json",
        "\0",
        "%2e%2e/keys.json",
    ] {
        let name = encoded(name);
        for path in [
            format!("{RUNS}/01890a5d-ac96-774b-bcce-b302099a8057/files/{name}"),
            format!("{RUNS}/{name}/files/{name}"),
            format!("/api/v1/reports/{name}/runs/x/files/{name}"),
            format!("/api/v1/boards/{name}/data"),
            format!("/api/v1/resources/{name}"),
            format!("/api/v1/feeds/{name}/quarantine"),
            format!("/{name}"),
            format!("/assets/{name}"),
        ] {
            let answer = clerk.get(&path).await;
            let text = answer.text();
            let leaks =
                ["root:", "kept-secret", "data_keys", "SQLite format"].iter().any(|word| text.contains(word));
            assert!(!leaks, "{path}: {} {text}", answer.status);
            assert!(answer.status < 500, "{path}: {} {text}", answer.status);
        }
    }
}
