//! Whoever looks leaves a trace: each question, by whichever road, stands in the audit log before its answer is complete.

use pujiang_tests::binary;
use pujiang_transactional::audit;
use serde_json::{Map, Value, json};

use super::place::{OWN, Scene};

async fn entries(scene: &Scene) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page = audit::list(&scene.store, after, 500).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = last.seq;
        all.extend(page.into_iter().map(|entry| entry.content));
    }
}

fn after(entry: &Map<String, Value>) -> Value {
    serde_json::from_str(entry["after"].as_str().unwrap_or("null")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_on_record_with_tables_rows_and_scope() {
    let scene = Scene::usual().await;
    let http = scene.server.http("clerk").await;
    let wire = scene.server.wire("clerk").await;
    let sql = "select txn_no, '张三13800001234' from benefit_transaction where amount > 0.25 -- 李四";
    assert_eq!(http.post("/api/v1/sql", &json!({ "sql": sql })).await.status, 200);
    wire.simple(sql).await.unwrap();
    wire.extended(sql).await.unwrap();
    let questions: Vec<_> =
        entries(&scene).await.into_iter().filter(|entry| entry["action"] == "sql").collect();
    assert_eq!(questions.len(), 3, "{questions:?}");
    for entry in &questions {
        assert_eq!((&entry["actor"], &entry["target_id"]), (&json!("clerk"), &json!("benefit_transaction")));
        let told = after(entry);
        assert_eq!(told["rows"], OWN, "{told}");
        assert_eq!(told["tables"], json!(["benefit_transaction"]));
        assert!(told["scope"].as_str().unwrap().contains("徐汇区") && told["access"].is_string(), "{told}");
        let kept = format!("{entry:?}");
        for secret in ["张三", "13800001234", "李四", "0.25"] {
            assert!(!kept.contains(secret), "the audit log keeps {secret}: {kept}");
        }
    }
    let roads: Vec<Value> = questions.iter().map(|entry| after(entry)["channel"].clone()).collect();
    assert_eq!(roads, [json!("http"), json!("postgres"), json!("postgres")]);
    // Addresses are known, so that a stolen password can be followed.
    assert!(
        questions.iter().all(|entry| entry["origin"].as_str().is_some_and(|from| from.contains("127.0.0.1")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_on_record_too() {
    let scene = Scene::usual().await;
    let clerk = scene.server.http("clerk").await;
    for sql in ["select * from account", "delete from person", "select 1 / 0"] {
        clerk.post("/api/v1/sql", &json!({ "sql": sql })).await;
    }
    let leader = scene.server.http("leader").await;
    assert_eq!(leader.post("/api/v1/sql", &json!({"sql": "select 1"})).await.status, 403);
    let refused: Vec<_> = entries(&scene)
        .await
        .into_iter()
        .filter(|entry| entry["action"] == "sql" && entry["result"] == "失败")
        .collect();
    assert_eq!(refused.iter().filter(|entry| entry["actor"] == "clerk").count(), 3, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_holds_when_many_ask_at_a_time() {
    let scene = Scene::usual().await;
    let wire = scene.server.wire("clerk").await;
    // Many at a time share a transaction; none may be lost or be out of order.
    let many =
        (0..20).map(|at| wire.simple(if at % 2 == 0 { "select 1" } else { "select count(*) from person" }));
    for answer in futures::future::join_all(many).await {
        answer.unwrap();
    }
    let questions = entries(&scene).await.into_iter().filter(|entry| entry["action"] == "sql").count();
    assert_eq!(questions, 20);
    let data = scene.data();
    let verified = binary::run(&["audit", "verify", "--data", data.to_str().unwrap()]).unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
