//! Who may not ask gets nothing by any road, and what may not be seen does not exist: the same answer as for nothing.

use serde_json::json;

use super::blur::blur;
use super::place::{CANARY, Scene};
use crate::server::{PASSWORD, Wire};

#[tokio::test(flavor = "multi_thread")]
async fn roles_without_the_right_to_ask_reach_no_row() {
    let scene = Scene::usual().await;
    for account in ["leader", "sysadmin", "secadmin", "auditor"] {
        let http = scene.server.http(account).await;
        let body = json!({"sql": "select * from person"});
        assert_eq!(http.post("/api/v1/sql", &body).await.status, 403, "{account}");
        let export = json!({"sql": "select * from person", "format": "csv"});
        assert_eq!(http.post("/api/v1/sql/export", &export).await.status, 403, "{account}");
        for path in ["/api/v1/resources/person", "/api/v1/resources/person/export?format=csv"] {
            assert_eq!(http.get(path).await.status, 403, "{account}: {path}");
        }
        if let Ok(wire) = Wire::connect(scene.server.postgres(), account, PASSWORD).await {
            for sql in ["select * from person", "select count(*) from benefit_transaction"] {
                let refused = wire.simple(sql).await.expect_err("a row");
                assert_eq!(refused.code().map(|code| code.code()), Some("42501"), "{account}: {refused:?}");
            }
        }
    }
    assert_eq!(scene.server.anonymous().post("/api/v1/sql", &json!({"sql": "select 1"})).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_takes_files_only_of_the_own_district() {
    let scene = Scene::usual().await;
    let clerk = scene.server.http("clerk").await;
    for (format, accept) in [("csv", "text/csv"), ("arrow", "application/vnd.apache.arrow.stream")] {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let body = json!({"sql": "select * from benefit_transaction"}).to_string();
        let answer = clerk.send("POST", "/api/v1/sql", &headers, body).await.unwrap();
        assert_eq!(answer.status, 200, "{format}: {}", answer.text());
        assert!(!answer.text().contains("310105"), "{format} holds rows of another district");
    }
    for format in ["csv", "xlsx"] {
        let body = json!({"sql": "select * from benefit_transaction", "format": format});
        let answer = clerk.post("/api/v1/sql/export", &body).await;
        assert_eq!(answer.status, 200, "{format}: {}", answer.text());
        assert!(!answer.text().contains("310105"), "{format} holds rows of another district");
    }
    // A street clerk may read and may not take files out, by whichever road a file leaves.
    let street = scene.server.http("street").await;
    let body = json!({"sql": "select * from person"});
    for accept in ["text/csv", "application/vnd.apache.arrow.stream"] {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let answer = street.send("POST", "/api/v1/sql", &headers, body.to_string()).await.unwrap();
        assert_eq!(answer.status, 403, "{accept}");
    }
    let export = json!({"sql": "select * from person", "format": "csv"});
    assert_eq!(street.post("/api/v1/sql/export", &export).await.status, 403);
    assert_eq!(street.get("/api/v1/resources/person/export?format=csv").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_another_district_is_as_absent_as_none() {
    let scene = Scene::usual().await;
    let (neighbour, clerk) = (scene.server.http("neighbour").await, scene.server.http("clerk").await);
    let body = json!({"name": format!("{CANARY}单位"), "credit_code": "91310104MA00000011", "category": "文旅",
        "district_code": "310105"});
    let made = neighbour.post("/api/v1/resources/merchant_profile", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let none = "01890a5d-ac96-774b-bcce-b302099a8057";
    let strange = [none, "x", "..", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "0", "'", "%00", "%ff", "*"];
    for (method, headers, body) in [
        ("GET", vec![], ""),
        ("PATCH", vec![("content-type", "application/json"), ("if-match", "\"1\"")], "{\"name\":\"x\"}"),
        ("DELETE", vec![("if-match", "\"1\"")], ""),
    ] {
        let at = |id: &str| format!("/api/v1/resources/merchant_profile/{id}");
        let hidden = clerk.send(method, &at(&id), &headers, body).await.unwrap();
        let absent = clerk.send(method, &at(none), &headers, body).await.unwrap();
        assert_eq!(hidden.status, 404, "{method}: {}", hidden.text());
        assert_eq!(blur(&hidden.text()), blur(&absent.text()), "{method}: hidden and absent differ");
        for id in strange {
            let answer = clerk.send(method, &at(id), &headers, body).await.unwrap();
            assert!(
                [400, 404, 405].contains(&answer.status) && !answer.text().contains("root:"),
                "{method} {id}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    // A unique value of another district: the refusal must not say whose it is.
    let taken = json!({
        "name": "x", "credit_code": "91310104MA00000011", "category": "文旅", "district_code": "310104",
    });
    let again = clerk.post("/api/v1/resources/merchant_profile", &taken).await;
    assert!(
        !again.text().contains(CANARY) && !again.text().contains(&id) && !again.text().contains("310105"),
        "{}",
        again.text()
    );
    // Creating into another district is refused.
    let foreign = json!({"name": "x", "credit_code": "91310104MA00000024", "category": "文旅", "district_code": "310105"});
    let refused = clerk.post("/api/v1/resources/merchant_profile", &foreign).await;
    assert!((400..=404).contains(&refused.status), "{}", refused.text());
    assert_eq!(neighbour.get(&format!("/api/v1/resources/merchant_profile/{id}")).await.status, 200);
}
