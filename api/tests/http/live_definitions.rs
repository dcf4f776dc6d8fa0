//! Sets of definitions on a running server: all or nothing, without a failed request, kept, taken back, noticed when another
//! process applies them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pujiang_transactional::audit::Entry;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const APPLY: &str = "/api/v1/definitions/apply";
const REVERT: &str = "/api/v1/definitions/revert";
const HISTORY: &str = "/api/v1/definitions/history";
const BOARD: &str = "dashboards/boards/own.toml";

fn board(title: &str) -> String {
    format!(
        "format = 1\ntitle = \"{title}\"\ndescription = \"本单位自己的看板\"\n[[tile]]\nid = \"own\"\nkind = \"figure\"\n\
         span = 3\nindicators = [\"S1-U03\"]\n"
    )
}

fn resource(fields: &str) -> String {
    format!(
        "format = 1\ntitle = \"便条\"\ndescription = \"一张便条\"\ngroup = \"社会优待\"\ndisplay = \"name\"\nscope = \"none\"\n\
         initial_state = \"on\"\n[[state]]\ncode = \"on\"\nlabel = \"启用\"\n[[field]]\nname = \"name\"\ntitle = \"名称\"\n\
         type = \"text\"\nvisibility = \"public\"\nrequired = true\n{fields}"
    )
}

const SIZE: &str =
    "[[field]]\nname = \"size\"\ntitle = \"大小\"\ntype = \"int\"\nvisibility = \"internal\"\n";

async fn titles(user: &Client) -> Vec<String> {
    let boards = user.get("/api/v1/boards").await.expect(200);
    let boards = boards["boards"].as_array().expect("boards").clone();
    boards.iter().filter_map(|board| board["title"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_with_two_mistakes_names_both_and_changes_nothing() {
    let app = TestApp::start_live().await;
    let (admin, city) = (app.sysadmin().await, app.city().await);
    let before = (titles(&city).await, admin.get(HISTORY).await.expect(200));
    app.define(BOARD, &board("窗口看板").replace("span = 3", "span = 13"));
    app.define("metrics/indicators/local/X1-001.toml", "format = 1\n");
    app.define("metrics/indicatrs/local/X1-002.toml", "format = 1\n");
    for refused in
        [admin.get("/api/v1/definitions/plan").await, admin.post(APPLY, &json!({"note": "试"})).await]
    {
        let problem = refused.expect_problem(400, "invalid_definitions");
        let text = problem["errors"].to_string();
        for expected in [
            "definitions/dashboards/boards/own.toml:7:8: tile[own].span",
            "definitions/metrics/indicators/local/X1-001.toml:1:1: title",
            "definitions/metrics/indicatrs/local/X1-002.toml:1:1: ",
        ] {
            assert!(text.contains(expected), "{expected} is missing in {text}");
        }
    }
    assert_eq!((titles(&city).await, admin.get(HISTORY).await.expect(200)), before);
    assert!(app.audited("apply_definitions").await.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_during_a_change_do_not_fail_and_answers_follow() {
    let app = TestApp::start_live().await;
    app.load_transactions().await;
    let (admin, city) = (app.sysadmin().await, app.city().await);
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients = (0..4).map(|_| {
        let (city, stop, asked) = (city.clone(), stop.clone(), asked.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                city.post("/api/v1/boards/benefit/data", &json!({"period": "2026-10"})).await.expect(200);
                let sql = json!({"sql": "select count(*) from benefit_transaction"});
                let counted = city.post("/api/v1/sql", &sql).await.expect(200);
                assert_eq!(counted["rows"][0][0], 3, "{counted}");
                city.get("/api/v1/resources/merchant_profile").await.expect(200);
                asked.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let clients: Vec<_> = clients.collect();
    let table = include_str!("../../../warehouse/tables/benefit/benefit_transaction.toml");
    let column = "\n[[column]]\nname = \"counter\"\ntitle = \"窗口\"\ntype = \"text\"\nvisibility = \"internal\"\nnullable = true\n";
    for number in 1..=3 {
        let before = asked.load(Ordering::Relaxed);
        app.define(BOARD, &board(&format!("第{number}版")));
        // A table in use gains a column meanwhile.
        app.define("warehouse/tables/benefit/benefit_transaction.toml", &format!("{table}{column}"));
        let applied = admin.post(APPLY, &json!({})).await.expect(200);
        assert_eq!(applied["running"], number + 1, "the first is what it started with: {applied}");
        assert!(titles(&city).await.contains(&format!("第{number}版")));
        let started = Instant::now();
        while asked.load(Ordering::Relaxed) < before + 8 {
            assert!(started.elapsed() < Duration::from_secs(60), "nobody is answered any more");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("every request was answered");
    }
    let sql = json!({"sql": "select count(counter) from benefit_transaction"});
    assert_eq!(city.post("/api/v1/sql", &sql).await.expect(200)["rows"][0][0], 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_of_the_set_it_was_given_under() {
    let app = TestApp::start_live().await;
    app.load_transactions().await;
    let (admin, city) = (app.sysadmin().await, app.city().await);
    let ask = |tag: String| {
        let city = city.clone();
        async move {
            let headers = [("content-type", "application/json"), ("if-none-match", tag.as_str())];
            city.send("POST", "/api/v1/boards/own/data", &headers, r#"{"period":"2026-10"}"#).await
        }
    };
    app.define(BOARD, &board("甲"));
    admin.post(APPLY, &json!({})).await.expect(200);
    let first = ask(String::new()).await;
    let tag = first.header("etag").to_owned();
    assert!(first.status == 200 && !tag.is_empty());
    assert_eq!(ask(tag.clone()).await.status, 304);
    app.define(BOARD, &board("甲").replace("S1-U03", "S1-B05"));
    admin.post(APPLY, &json!({})).await.expect(200);
    assert_eq!(ask(tag).await.status, 200, "the data is the same, the question is not");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_are_kept_shown_and_taken_back() {
    let app = TestApp::start_live().await;
    let (admin, city) = (app.sysadmin().await, app.city().await);
    app.define(BOARD, &board("甲"));
    let second = admin.post(APPLY, &json!({"note": "  新看板 "})).await.expect(200);
    assert_eq!(
        (&second["number"], &second["plan"]["rooms"][0]["changes"][0]["change"]),
        (&json!(2), &json!("added"))
    );
    let again = admin.post(APPLY, &json!({})).await.expect(200);
    assert_eq!(again["number"], 2, "the same files are the same set");
    app.define(BOARD, &board("乙"));
    let plan = admin.get("/api/v1/definitions/plan").await.expect(200);
    assert_eq!(plan["lines"], json!(["与正在使用的第 2 套定义相比：", "修改看板 own"]));
    let other = json!({"edition": second["plan"]["edition"]});
    admin.post(APPLY, &other).await.expect_problem(409, "edited_definitions");
    admin.post(APPLY, &json!({"edition": plan["edition"]})).await.expect(200);
    assert!(titles(&city).await.contains(&"乙".to_owned()));

    let shown = admin.get(&format!("{HISTORY}/3")).await.expect(200);
    assert_eq!(shown["files"], json!([BOARD]));
    let lines = shown["differences"][0]["lines"].to_string();
    assert!(lines.contains("-title = \\\"甲\\\"") && lines.contains("+title = \\\"乙\\\""), "{lines}");

    // Taking back keeps what was never applied beside the folder.
    app.define("dashboards/boards/draft.toml", &board("草稿"));
    let reverted = admin.post(REVERT, &json!({"number": 2})).await.expect(200);
    assert_eq!((&reverted["number"], &reverted["running"]), (&json!(4), &json!(4)));
    assert!(titles(&city).await.contains(&"甲".to_owned()));
    let definitions = app.data().join("definitions/dashboards/boards");
    assert_eq!(std::fs::read_to_string(definitions.join("own.toml")).expect("read"), board("甲"));
    assert!(!definitions.join("draft.toml").exists());
    let aside = app.data().join(reverted["set_aside"].as_str().expect("set aside"));
    assert!(aside.join("dashboards/boards/draft.toml").exists());
    admin.post(REVERT, &json!({"number": 1})).await.expect(200);
    assert!(!titles(&city).await.contains(&"甲".to_owned()), "the first is what is built in");
    admin.post(REVERT, &json!({"number": 9})).await.expect_problem(404, "not_found");

    let history = admin.get(HISTORY).await.expect(200);
    let told: Vec<(i64, &str, &str)> = history["sets"]
        .as_array()
        .expect("sets")
        .iter()
        .map(|set| {
            let text = |key: &str| set[key].as_str().unwrap_or("-");
            (set["number"].as_i64().expect("number"), text("applied_by"), text("note"))
        })
        .collect();
    assert_eq!(
        told,
        [
            (5, "sysadmin", "还原到第 1 套"),
            (4, "sysadmin", "还原到第 2 套"),
            (3, "sysadmin", "-"),
            (2, "sysadmin", "新看板"),
            (1, "start", "首次启动"),
        ]
    );
    assert_eq!(history["running"], 5);
    let audited = app.audited("apply_definitions").await;
    let of: Vec<(&Value, &Value)> =
        audited.iter().map(|entry| (&entry["actor"], &entry["target_id"])).collect();
    let expected = ["2", "3", "4", "5"].map(|number| (json!("sysadmin"), json!(number)));
    assert_eq!(of, expected.iter().map(|(actor, number)| (actor, number)).collect::<Vec<_>>());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stored_rows_cannot_follow_is_refused() {
    let app = TestApp::start_live().await;
    let (admin, city) = (app.sysadmin().await, app.city().await);
    app.define("transactional/resources/slip.toml", &resource(SIZE));
    admin.post(APPLY, &json!({})).await.expect(200);
    city.post("/api/v1/resources/slip", &json!({"name": "一", "size": 3})).await.expect(201);
    for (fields, expected) in
        [(SIZE.replace("\"int\"", "\"date\""), "列 size 现为 BIGINT"), (String::new(), "列 size 已有数据")]
    {
        app.define("transactional/resources/slip.toml", &resource(&fields));
        let plan = admin.get("/api/v1/definitions/plan").await.expect(200);
        assert!(plan["problems"][0].as_str().is_some_and(|problem| problem.contains(expected)), "{plan}");
        let refused = admin.post(APPLY, &json!({})).await.expect_problem(409, "impossible_definitions");
        assert!(refused["errors"].to_string().contains(expected), "{refused}");
    }
    city.post("/api/v1/resources/slip", &json!({"name": "二", "size": 4})).await.expect(201);
    assert_eq!(admin.get(HISTORY).await.expect(200)["running"], 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_another_process_applied_is_taken_up() {
    let app = TestApp::start_live().await;
    let city = app.city().await;
    app.define(BOARD, &board("命令行"));
    let entry = Entry { actor: "cli".to_owned(), ..Entry::default() };
    app.app.desk.apply(entry, None, None).await.expect("applied");
    let started = Instant::now();
    while !titles(&city).await.contains(&"命令行".to_owned()) {
        assert!(started.elapsed() < Duration::from_secs(20), "it is not noticed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    app.stop().await;
}

const LEADER: &str = "security/roles/leader.toml";

fn role(title: &str, rights: &str) -> String {
    format!(
        "format = 1\ntitle = \"{title}\"\ndescription = \"试\"\norder = 60\nrights = [{rights}]\nassignments = [\"city\"]\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_worth_what_the_newest_set_says_at_once() {
    const BOARDS: &str = "/api/v1/boards";
    const UNITS: &str = "/api/v1/resources/merchant_profile";
    let app = TestApp::start_live().await;
    let (admin, leader) = (app.sysadmin().await, app.leader().await);
    leader.get(UNITS).await.expect_problem(403, "forbidden");
    // Somebody who asks without a pause is known from a moment ago whenever a set is taken up.
    let stop = Arc::new(AtomicBool::new(false));
    let asking = tokio::spawn({
        let (leader, stop) = (leader.clone(), stop.clone());
        async move {
            while !stop.load(Ordering::Relaxed) {
                leader.get("/api/v1/session").await.expect(200);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    });
    let roles = async || {
        let listed = admin.get("/api/v1/roles").await.expect(200);
        let listed = listed["roles"].as_array().expect("roles").clone();
        listed.into_iter().filter_map(|role| role["title"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };

    app.define(LEADER, &role("值班领导", "\"board_view\", \"resource_read\""));
    let applied = admin.post(APPLY, &json!({})).await.expect(200);
    assert_eq!(applied["plan"]["rooms"][0]["folder"], "security/roles");
    let lines = &applied["plan"]["lines"];
    assert_eq!(*lines, json!(["与正在使用的第 1 套定义相比：", "修改角色 leader"]));
    leader.get(UNITS).await.expect(200);
    assert!(roles().await.contains(&"值班领导".to_owned()));

    app.define(LEADER, "off = true\n");
    let applied = admin.post(APPLY, &json!({})).await.expect(200);
    assert_eq!(applied["plan"]["lines"][1], "停用角色 leader");
    for path in [UNITS, BOARDS] {
        leader.get(path).await.expect_problem(403, "forbidden");
    }
    let session = leader.get("/api/v1/session").await.expect(200);
    assert_eq!(
        (&session["principal"]["permissions"], &session["principal"]["roles"]),
        (&json!([]), &json!([])),
        "the session goes on and may do nothing"
    );
    assert!(!roles().await.contains(&"值班领导".to_owned()));
    let running = app.app.live().expect("a server").app();
    let refused = running.accounts.set_grants("test", "leader", &["leader".into()], &[]).await;
    assert!(refused.unwrap_err().to_string().contains("没有角色“leader”"), "it cannot be granted");
    let asked = running.principal_of("leader").await.expect("found").expect("active");
    assert_eq!(asked.lost_roles(), ["leader".into()]);

    // The account kept the grant: it is worth something again when the role comes back.
    admin.post(REVERT, &json!({"number": 1})).await.expect(200);
    leader.get(BOARDS).await.expect(200);
    leader.get(UNITS).await.expect_problem(403, "forbidden");
    stop.store(true, Ordering::Relaxed);
    asking.await.expect("the session never ended");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_are_for_system_administrators_alone() {
    let app = TestApp::start().await;
    for user in [app.city().await, app.clerk("310104").await, app.secadmin().await, app.auditor().await] {
        for path in ["/api/v1/definitions/plan", HISTORY, "/api/v1/definitions/history/1"] {
            user.get(path).await.expect_problem(403, "forbidden");
        }
        user.post(APPLY, &json!({})).await.expect_problem(403, "forbidden");
        user.post(REVERT, &json!({"number": 1})).await.expect_problem(403, "forbidden");
    }
    app.anonymous().get(HISTORY).await.expect_problem(401, "unauthenticated");
    let long = json!({"note": "长".repeat(501)});
    app.sysadmin().await.post(APPLY, &long).await.expect_problem(400, "invalid_fields");
}
