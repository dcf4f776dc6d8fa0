//! Definitions of the data folder: they add to those built in, take their place, switch them off; one mistake, and the
//! server does not start but names every one.

use std::path::Path;

use pujiang_security::Assignment;
use pujiang_transactional::accounts::AccountKind;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{PASSWORD, TestApp};

const BOARD: &str = r#"format = 1
title = "窗口看板"
description = "本单位自己的看板"
[[tile]]
id = "own"
kind = "figure"
span = 3
indicators = ["X1-001"]
"#;

const INDICATOR: &str = r#"format = 1
version = 1
title = "跳转交易笔数"
description = "跳转方式的已确认交易"
unit = "笔"
direction = "up"
dimensions = ["district"]
grains = ["month"]
derived = ["mom"]
table = "benefit_transaction"
time = "pay_time"
filter = [{ column = "state", in = ["confirmed"] }, { column = "mode", in = ["跳转"] }]
[measure]
kind = "count"
"#;

const COUNTER: &str = r#"format = 1
title = "窗口人员"
description = "在窗口查询本街镇的业务数据。"
order = 35
rights = ["resource_read"]
assignments = ["street"]
"#;

/// A folder whose data folder holds these definitions.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("folder");
    for (file, text) in files {
        let path = folder.path().join("data/definitions").join(file);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("made");
        std::fs::write(path, text).expect("written");
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_of_the_data_folder_lie_over_those_built_in() {
    let files = [
        ("dashboards/boards/own.toml", BOARD),
        ("metrics/indicators/local/X1-001.toml", INDICATOR),
        ("metrics/comparisons/benefit_transactions.toml", "off = true\n"),
    ];
    let app = TestApp::start_over(folder(&files)).await.expect("opens");
    app.load_transactions().await;
    let city = app.city().await;
    let boards = city.get("/api/v1/boards").await.expect(200);
    let ids: Vec<&str> = boards["boards"]
        .as_array()
        .expect("boards")
        .iter()
        .filter_map(|board| board["id"].as_str())
        .collect();
    assert_eq!(ids, ["benefit", "own"]);
    let data = city.post("/api/v1/boards/own/data", &json!({"period": "2026-10"})).await.expect(200);
    assert_eq!(data["tiles"]["own"]["state"], "ok", "{data}");
    let comparisons = city.get("/api/v1/comparisons").await.expect(200);
    assert!(!comparisons.to_string().contains("benefit_transactions"), "{comparisons}");
}

const DIMENSION: &str = r##"format = 1
title = "数据来源"
description = "交易由哪一方送来"
column = "feed"
all = "全部来源"
[[member]]
code = "museum"
title = "文博"
[[member]]
code = "bank"
title = "银行"
colour = "#2b6cb8"
"##;

const BOARD_BY_DIMENSION: &str = r#"format = 1
title = "来源"
description = "交易从哪里来"
[[filter]]
id = "feed"
kind = "dimension"
dimension = "feed"
title = "来源"
[[filter]]
id = "street"
kind = "dimension"
dimension = "street"
title = "街镇"
[[tile]]
id = "all"
kind = "figure"
span = 3
indicators = ["X1-001"]
[[tile]]
id = "by_feed"
kind = "composition"
title = "按来源"
span = 3
indicators = ["X1-001"]
dimension = "feed"
[[tile]]
id = "by_street"
kind = "ranking"
title = "按街镇"
span = 3
indicators = ["X1-001"]
dimension = "street"
compare = []
"#;

/// Filter, tiles, names and colours of a dimension come from its file alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_board_with_a_new_dimension_takes_definitions_and_nothing_else() {
    let indicator = INDICATOR
        .replace("[\"district\"]", "[\"district\", \"street\", \"feed\"]")
        .replace("[\"mom\"]", "[\"share\"]")
        .replace(", { column = \"mode\", in = [\"跳转\"] }", "");
    let files = [
        ("metrics/dimensions/feed.toml", DIMENSION),
        ("metrics/indicators/local/X1-001.toml", indicator.as_str()),
        ("dashboards/boards/own.toml", BOARD_BY_DIMENSION),
    ];
    let app = TestApp::start_over(folder(&files)).await.expect("opens");
    app.load_transactions().await;
    let clerk = app.clerk("310104").await;

    let listed = clerk.get("/api/v1/boards").await.expect(200);
    let dimension = |id: &str| {
        let all = listed["dimensions"].as_array().expect("dimensions");
        all.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("no {id} in {listed}")).clone()
    };
    let feed = dimension("feed");
    let museum = json!({"code": "museum", "title": "文博", "colour": null, "parent": null, "hidden": false});
    assert_eq!(
        (&feed["all"], &feed["members"][0]),
        (&json!("全部来源"), &museum),
        "in the order of the file"
    );
    assert_eq!(feed["members"][1]["colour"], "#2b6cb8");
    // A table lists the streets, and tells in which district each lies.
    let streets = dimension("street");
    let members = streets["members"].as_array().expect("members");
    let street = members.iter().find(|one| one["code"] == "310104003").expect("天平路街道");
    assert_eq!((&street["title"], &street["parent"]), (&json!("天平路街道"), &json!("310104")));
    assert_eq!(dimension("district")["members"], json!([]), "every answer names districts");

    let path = "/api/v1/boards/own/data";
    let data = clerk.post(path, &json!({"period": "2026-10"})).await.expect(200);
    let row = |tile: &str| data["tiles"][tile]["rows"][0].clone();
    assert_eq!(row("by_feed"), json!(["2026-10-01", "bank", "银行", 2, 1.0]), "{data}");
    assert_eq!(row("by_street"), json!(["2026-10-01", "310104003", "天平路街道", 2]), "{data}");
    assert_eq!(data["filters"], json!({"feed": null, "street": null, "map_indicator": null}));

    let chosen = clerk.post(path, &json!({"period": "2026-10", "feed": "museum"})).await.expect(200);
    assert_eq!(chosen["tiles"]["all"]["filters"], json!({"feed": ["museum"]}));
    assert_eq!(chosen["tiles"]["by_feed"]["ignored_filters"], json!(["feed"]));
    let problem = clerk.post(path, &json!({"feed": "paper"})).await.expect_problem(400, "invalid_filter");
    assert_eq!(problem["field"], "feed");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("museum、bank")), "{problem}");
    clerk.post(path, &json!({"category": "文旅"})).await.expect_problem(400, "invalid_filter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_the_data_folder_is_named_with_every_other_and_nothing_starts() {
    let board = BOARD.replace("X1-001", "X1-002").replace("span = 3", "span = 13");
    let indicator = INDICATOR.replace("\"benefit_transaction\"", "\"nowhere\"");
    let files = [
        ("dashboards/boards/own.toml", board.as_str()),
        ("metrics/indicators/local/X1-001.toml", indicator.as_str()),
        ("reports/definitions/none.toml", "off = true\n"),
        ("ingest/feeds/read.me", ""),
    ];
    let error = TestApp::start_over(folder(&files)).await.err().expect("does not open").to_string();
    for expected in [
        "definitions/dashboards/boards/own.toml:7:8: tile[own].span: 应在 1 到 12 之间",
        "definitions/dashboards/boards/own.toml:8:15: tile[own].indicators[0]: 没有指标“X1-002”",
        "definitions/metrics/indicators/local/X1-001.toml:10:9: table: 没有数据表“nowhere”",
        "definitions/reports/definitions/none.toml:1:1: -: 没有可停用的报表“none”",
        "definitions/ingest/feeds/read.me:1:1: -: 这里只放 .toml 定义文件",
    ] {
        assert!(error.contains(expected), "{expected} is missing in\n{error}");
    }
}

/// What the session of an account may do.
async fn rights(app: &TestApp, account: &str) -> Vec<String> {
    let body = json!({"account": account, "password": PASSWORD});
    let session = app.anonymous().post("/api/v1/session", &body).await.expect(200);
    let granted = session["principal"]["permissions"].as_array().expect("permissions").clone();
    granted.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_of_the_data_folder_are_added_replaced_and_switched_off() {
    let seeing = "format = 1\ntitle = \"街镇查询人员\"\ndescription = \"只查询。\"\norder = 30\n\
                  rights = [\"resource_read\", \"board_view\"]\nassignments = [\"street\"]\n";
    let files = [
        ("security/roles/counter.toml", COUNTER),
        ("security/roles/street_clerk.toml", seeing),
        ("security/roles/leader.toml", "off = true\n"),
    ];
    let app = TestApp::start_over(folder(&files)).await.expect("opens");
    let street = [Assignment::parse("street:310104003").expect("a street")];
    app.account("counter", &["counter"], &street, AccountKind::Person).await;
    app.account("street", &["street_clerk"], &street, AccountKind::Person).await;
    assert_eq!(rights(&app, "counter").await, ["resource_read"]);
    assert_eq!(rights(&app, "street").await, ["resource_read", "board_view"]);

    let admin = app.sysadmin().await;
    let listed = admin.get("/api/v1/roles").await.expect(200);
    let titles: Vec<&str> =
        listed["roles"].as_array().expect("roles").iter().filter_map(|role| role["title"].as_str()).collect();
    assert_eq!(titles[2..5], ["街镇查询人员", "窗口人员", "单位经办人"]);
    assert!(!titles.contains(&"领导"), "{titles:?}");

    // Neither a role that is off nor rows the role is not for can be granted.
    let accounts = &app.app.accounts;
    let refused = accounts.set_grants("test", "counter", &["leader".into()], &street).await;
    assert!(refused.unwrap_err().to_string().contains("没有角色“leader”"));
    let refused = accounts.set_grants("test", "counter", &["counter".into()], &[Assignment::City]).await;
    assert!(refused.unwrap_err().to_string().contains("“窗口人员”不能以“city”为数据范围"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_a_role_that_is_gone_may_do_nothing_and_the_pages_say_so() {
    let over = folder(&[("security/roles/counter.toml", COUNTER)]);
    let app = TestApp::start_over(over).await.expect("opens");
    let street = [Assignment::parse("street:310104003").expect("a street")];
    app.account("counter", &["counter"], &street, AccountKind::Person).await;
    assert_eq!(rights(&app, "counter").await, ["resource_read"]);
    // As if the file had gone between two starts.
    let sql = "UPDATE role_assignment SET value = 'window' WHERE value = 'counter'";
    sqlx::query(sql).execute(app.app.store.pool()).await.expect("changed");
    assert_eq!(rights(&app, "counter").await, [""; 0]);
    let lost = json!(["window（没有这个角色，不带任何权限）"]);
    let admin = app.secadmin().await;
    for (path, list) in [("/api/v1/accounts", "accounts"), ("/api/v1/access/subjects", "accounts")] {
        let answer = admin.get(path).await.expect(200);
        let found = answer[list].as_array().expect("accounts").clone();
        let found = found.into_iter().find(|one| one["account"] == "counter").expect("the account");
        assert_eq!(found["roles"], lost, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_opens_too_much_does_not_start() {
    let files = [
        (
            "security/roles/all.toml",
            COUNTER.replace("\"resource_read\"", "\"resource_read\", \"audit_read\""),
        ),
        ("security/roles/bare.toml", COUNTER.replace("[\"street\"]", "[]")),
        ("security/roles/open.toml", format!("{COUNTER}columns = {{ secret = \"clear\" }}\n")),
        ("security/roles/unit_clerk.toml", "off = true\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let error = TestApp::start_over(folder(&files)).await.err().expect("does not open").to_string();
    for expected in [
        "definitions/security/roles/all.toml:5:28: rights[1]: “查看审计日志”与“查看业务数据”不能同属一个角色",
        "definitions/security/roles/bare.toml:6:15: assignments: 有业务数据权限的角色只按数据范围看数据",
        "definitions/security/roles/open.toml:7:11: columns: 角色不决定列的显示",
        "warehouse/tables/party/organization.toml:19:1: mask[",
        "没有角色“unit_clerk”",
    ] {
        assert!(error.contains(expected), "{expected} is missing in\n{error}");
    }
}
