//! A resource that is one file in the data folder: its records are in the lake, with table, stream and state events, and
//! what must not leave the operational store does not.

use serde_json::json;
use tempfile::TempDir;

use crate::support::TestApp;

const STATION: &str = r#"format = 1
title = "服务站"
description = "一行是一处服务站"
group = "本地"
display = "name"
initial_state = "draft"
stock = ["level"]

[scope]
district = "district_code"
street = "street_code"

[[field]]
name = "name"
title = "名称"
type = "text"
visibility = "public"
required = true

[[field]]
name = "district_code"
title = "所在区"
type = "text"
visibility = "internal"
format = "district"
required = true

[[field]]
name = "street_code"
title = "所在街镇"
type = "text"
visibility = "public"
format = "street"
inside = "district_code"

[[field]]
name = "level"
title = "等级"
type = "enum"
codes = ["一级", "二级"]
visibility = "public"
required = true

[[field]]
name = "phone"
title = "电话"
type = "text"
visibility = "personal"
mask = "mobile"
format = "mobile"

[[field]]
name = "pin"
title = "门禁码"
type = "text"
visibility = "secret"

[[field]]
name = "area"
title = "面积"
type = "decimal"
precision = 9
scale = 2
visibility = "internal"

[[state]]
code = "draft"
label = "草稿"

[[state]]
code = "open"
label = "开放"

[[transition]]
id = "open"
title = "开放"
from = ["draft"]
to = "open"
roles = ["city_analyst"]
"#;

/// A folder whose data folder holds these definitions.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("folder");
    for (file, text) in files {
        let path = folder.path().join("data/definitions").join(file);
        std::fs::create_dir_all(path.parent().expect("folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_of_the_data_folder_reaches_the_lake_by_itself() {
    let files = [("transactional/resources/local_station.toml", STATION)];
    let app = TestApp::start_over(folder(&files)).await.expect("opens");
    let city = app.city().await;
    let stations = "/api/v1/resources/local_station";
    let body = json!({
        "name": "徐家汇站", "district_code": "310104", "level": "一级", "phone": "13812345678", "pin": "4711",
        "area": "12.50",
    });
    let made = city.post(stations, &body).await.expect(201);
    let at = format!("{stations}/{}", made["id"].as_str().expect("id"));
    city.post(&format!("{at}/actions/open"), &json!({})).await.expect(200);
    let other = json!({"name": "天山站", "district_code": "310105", "level": "二级"});
    city.post(stations, &other).await.expect(201);
    app.app.feeds.run(Some("outbox")).await.expect("events");

    let rows = json!({"sql": "select name, district_code, level, phone, phone_token is null, area, state, row_version
        from local_station order by district_code"});
    let all = city.post("/api/v1/sql", &rows).await.expect(200);
    assert_eq!(
        all["rows"],
        json!([
            ["徐家汇站", "310104", "一级", "138****5678", false, "12.50", "open", 2],
            ["天山站", "310105", "二级", null, true, null, "draft", 1],
        ])
    );
    // Cut to the scope like every table.
    let own = app.clerk("310104").await.post("/api/v1/sql", &rows).await.expect(200);
    assert_eq!(own["rows"].as_array().expect("rows").len(), 1, "{own}");
    // The secret has no column.
    city.post("/api/v1/sql", &json!({"sql": "select pin from local_station"}))
        .await
        .expect_problem(400, "invalid_query");
    let whole = json!({"sql": "select * from local_station"});
    let whole = city.post("/api/v1/sql", &whole).await.expect(200).to_string();
    assert!(!whole.contains("4711") && !whole.contains("13812345678"), "{whole}");

    // Counted by what the resource says, in a column that came with it.
    let stock = json!({"sql": "select level, state, sum(delta) from state_event where resource = 'local_station'
        group by level, state order by min(district_code), state"});
    let stock = city.post("/api/v1/sql", &stock).await.expect(200);
    assert_eq!(
        stock["rows"],
        json!([["一级", "draft", "0"], ["一级", "open", "1"], ["二级", "draft", "1"]]),
        "{stock}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_file_changes_what_follows_from_the_resource() {
    let table = "format = 1\nresource = \"local_station\"\nwithout = [\"phone_token\"]\n\
        [[column]]\nname = \"square_metres\"\nfrom = \"area\"\n\
        [[mask]]\ncolumn = \"phone\"\nform = \"mobile\"\notherwise = \"hidden\"\n";
    let files = [
        ("transactional/resources/local_station.toml", STATION),
        ("warehouse/tables/local/local_station.toml", table),
    ];
    let app = TestApp::start_over(folder(&files)).await.expect("opens");
    let city = app.city().await;
    let body = json!({
        "name": "徐家汇站", "district_code": "310104", "level": "一级", "phone": "13812345678", "area": "12.50",
    });
    city.post("/api/v1/resources/local_station", &body).await.expect(201);
    app.app.feeds.run(Some("outbox")).await.expect("events");
    let rows = json!({"sql": "select name, square_metres from local_station"});
    let rows = city.post("/api/v1/sql", &rows).await.expect(200);
    assert_eq!(rows["rows"], json!([["徐家汇站", "12.50"]]));
    for hidden in ["phone", "phone_token", "area"] {
        let asked = json!({"sql": format!("select {hidden} from local_station")});
        city.post("/api/v1/sql", &asked).await.expect_problem(400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_of_a_derived_table_are_named_at_the_resource() {
    let counted = STATION.replace("[\"level\"]", "[\"phone\"]");
    let source =
        STATION.replace("name = \"level\"", "name = \"source\"").replace("[\"level\"]", "[\"source\"]");
    let withheld = STATION.replace("stock = [\"level\"]", "lake = \"none\"");
    let files = [
        ("transactional/resources/local_counted.toml", counted.as_str()),
        ("transactional/resources/local_source.toml", source.as_str()),
        ("transactional/resources/local_withheld.toml", withheld.as_str()),
        ("transactional/resources/street.toml", STATION),
        ("warehouse/tables/local/local_withheld.toml", "format = 1\nresource = \"local_withheld\"\n"),
        ("warehouse/tables/local/nothing.toml", "format = 1\nresource = \"no_such_thing\"\n"),
    ];
    let error = TestApp::start_over(folder(&files)).await.err().expect("does not open").to_string();
    for expected in [
        "definitions/transactional/resources/local_counted.toml:7:10: stock[0]: “phone”",
        "definitions/transactional/resources/street.toml:1:1: id: warehouse/tables/reference/street.toml",
        "definitions/warehouse/tables/local/local_withheld.toml:2:12: resource: 资源“local_withheld”写明",
        "definitions/warehouse/tables/local/nothing.toml:2:12: resource: 没有资源“no_such_thing”",
    ] {
        assert!(error.contains(expected), "{expected} is missing in\n{error}");
    }
    // What builds on the tables is judged when these are right.
    let files = [("transactional/resources/local_source.toml", source.as_str())];
    let error = TestApp::start_over(folder(&files)).await.err().expect("does not open").to_string();
    let expected = "definitions/transactional/resources/local_source.toml:7:10: stock[0]: “source”";
    assert!(error.contains(expected), "{expected} is missing in\n{error}");
}
