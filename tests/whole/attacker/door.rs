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
    // Creating into another district is refused.
    let foreign = json!({"name": "x", "credit_code": "91310104MA00000024", "category": "文旅", "district_code": "310105"});
    let refused = clerk.post("/api/v1/resources/merchant_profile", &foreign).await;
    assert!((400..=404).contains(&refused.status), "{}", refused.text());
    assert_eq!(neighbour.get(&format!("/api/v1/resources/merchant_profile/{id}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_another_district_is_answered_like_a_free_one() {
    let scene = Scene::usual().await;
    let (neighbour, clerk) = (scene.server.http("neighbour").await, scene.server.http("clerk").await);
    let unit = |code: &str| json!({"name": "x", "credit_code": code, "category": "文旅"});
    let person = |number: &str| json!({"full_name": "周八", "id_no": number});
    let (unit_path, person_path) = ("/api/v1/resources/merchant_profile", "/api/v1/resources/person");
    let moments = regex::Regex::new(r"\d{4}-\d\d-\d\dT[\d:.]+\+08:00").unwrap();
    for (path, taken, free) in [
        (unit_path, unit("91310104MA00000038"), unit("91310104MA00000046")),
        (person_path, person("11010519491231002X"), person("110105194912310046")),
    ] {
        assert_eq!(neighbour.post(path, &taken).await.status, 201, "{path}");
        let mut answers = Vec::new();
        for body in [&taken, &free] {
            // Made, read, changed, made again, listed: each step answers the same.
            let made = clerk.post(path, body).await;
            assert_eq!(made.status, 201, "{}", made.text());
            let id = made.json()["id"].as_str().unwrap().to_owned();
            let one = format!("{path}/{id}");
            let read = clerk.get(&one).await;
            let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
            let change = json!({"street_code": "310104003"}).to_string();
            let changed = clerk.send("PATCH", &one, &headers, change).await.unwrap();
            let again = clerk.post(path, body).await;
            let history = clerk.get(&format!("{one}/history")).await;
            let started = clerk.get("/api/v1/workflow/started").await;
            let texts = [made, read, changed, again, history, started].map(|answer| {
                let text = answer.text();
                let secrets = [body["credit_code"].as_str(), body["id_no"].as_str()];
                let text = secrets.into_iter().flatten().fold(text, |text, secret| text.replace(secret, "#"));
                format!("{} {}", answer.status, blur(&moments.replace_all(&text, "~")))
            });
            answers.push(texts);
        }
        // Masks of two numbers differ in their last digits only.
        let plain = |texts: &[String; 6]| texts.join("\n").replace("002X", "####").replace("0046", "####");
        assert_eq!(plain(&answers[0]), plain(&answers[1]), "{path}");
        let file = format!("{}\n", taken.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(","));
        let row = taken.as_object().unwrap().values().map(|v| v.as_str().unwrap().to_owned());
        let csv = [("content-type", "text/csv")];
        let body = file + &row.collect::<Vec<_>>().join(",") + "\n";
        let street = scene.server.http("street").await;
        let answer = street.send("POST", &format!("{path}/import"), &csv, body).await.unwrap();
        assert!(!answer.text().contains("310105") && !answer.text().contains(CANARY), "{}", answer.text());
    }
}
