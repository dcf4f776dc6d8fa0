//! The questions of the matrix: one for each definition, and one or more for each operation. Operations that change
//! something are asked so that they are refused at the last moment (a version nobody has, an empty body): the matrix
//! tells who would have been let in, and the town stays as it is.

use std::time::Duration;

use pujiang_metrics::IndicatorDefinitions;
use pujiang_warehouse::TableKind;
use serde_json::{Value, json};

use crate::lake_tables;
use crate::server::{Answer, Http};
use crate::town::Records;

/// One line of the matrix.
pub struct Ask {
    pub name: String,
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The number of rows of an answer, where it has rows.
    pub count: fn(&Answer) -> Option<usize>,
    /// The operation of the OpenAPI document this line covers: method and path template.
    pub covers: Option<(&'static str, String)>,
}

/// A month of the town's rows that is over.
const MONTH: &str = "2026-09";

fn ask(name: String, method: &'static str, path: impl Into<String>, body: Option<Value>) -> Ask {
    let json = [("content-type".to_owned(), "application/json".to_owned())];
    Ask {
        name,
        method,
        path: path.into(),
        headers: if body.is_some() { json.to_vec() } else { Vec::new() },
        body: body.map(|body| body.to_string()).unwrap_or_default(),
        count: listed,
        covers: None,
    }
}

/// Rows of the first list an answer has, or of all tiles of a board.
fn listed(answer: &Answer) -> Option<usize> {
    let body = answer.json();
    if let Some(tiles) = body["tiles"].as_object() {
        return Some(tiles.values().filter_map(|tile| tile["rows"].as_array()).map(Vec::len).sum());
    }
    let rows = |value: &Value| value.as_array().map(Vec::len);
    if let Some(len) = rows(&body) {
        return Some(len);
    }
    ["items", "rows", "files", "tables"]
        .iter()
        .find_map(|key| rows(&body[*key]))
        .or_else(|| body.as_object()?.values().find_map(rows))
}

/// The number a counting query gives.
fn counted(answer: &Answer) -> Option<usize> {
    answer.json()["rows"][0][0].as_u64().and_then(|count| usize::try_from(count).ok())
}

/// Lines of a text file without its head.
fn lines(answer: &Answer) -> Option<usize> {
    Some(answer.text().trim_end().lines().count().saturating_sub(1))
}

fn nothing(_: &Answer) -> Option<usize> {
    None
}

/// All questions, and the report runs they are about, made by the city's analyst.
pub async fn asks(city: &Http, openapi: &Value, records: &Records) -> (Vec<Ask>, Vec<String>) {
    let mut all = definitions(city).await;
    let (reports, runs) = reports(city).await;
    all.extend(reports);
    all.extend(fixed());
    all.extend(resources(openapi, records));
    (all, runs)
}

async fn ids(city: &Http, path: &str, list: &str) -> Vec<String> {
    let answer = city.get(path).await;
    let body = answer.json();
    let rows =
        body[list].as_array().or(body.as_array()).unwrap_or_else(|| panic!("{path}: {}", answer.text()));
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn definitions(city: &Http) -> Vec<Ask> {
    let mut all = Vec::new();
    let whole = json!({"grain": "month", "from": "2026-09-01", "to": "2026-09-30"});
    for table in lake_tables::catalog().tables() {
        let sql = json!({"sql": format!("select count(*) from {}", table.id)});
        let kind = if table.kind == TableKind::Reference { "reference" } else { "table" };
        let line = ask(format!("{kind} {}", table.id), "POST", "/api/v1/sql", Some(sql));
        all.push(Ask { count: counted, ..line });
    }
    for indicator in IndicatorDefinitions::builtin().unwrap().all() {
        let dimensions: Vec<&str> = indicator
            .dimensions
            .iter()
            .map(String::as_str)
            .filter(|dimension| *dimension == "district")
            .collect();
        let query = json!({"indicators": [indicator.id], "dimensions": dimensions, "time": whole});
        all.push(ask(format!("indicator {}", indicator.id), "POST", "/api/v1/metrics/query", Some(query)));
    }
    for board in ids(city, "/api/v1/boards", "boards").await {
        let path = format!("/api/v1/boards/{board}/data");
        let mut line = ask(format!("board {board}"), "POST", path, Some(json!({"period": MONTH})));
        line.covers = Some(("POST", "/api/v1/boards/{board}/data".into()));
        all.push(line);
    }
    for comparison in ids(city, "/api/v1/comparisons", "comparisons").await {
        let path = format!("/api/v1/comparisons/{comparison}/query");
        let query = json!({"time": {"from": "2026-09-01", "to": "2026-09-30"}});
        let mut line = ask(format!("comparison {comparison}"), "POST", path, Some(query));
        line.covers = Some(("POST", "/api/v1/comparisons/{comparison}/query".into()));
        all.push(line);
    }
    all
}

/// One finished run of each report; the files each person finds there, and whether the city's file comes down.
async fn reports(city: &Http) -> (Vec<Ask>, Vec<String>) {
    let (mut all, mut made) = (Vec::new(), Vec::new());
    for report in ids(city, "/api/v1/reports", "reports").await {
        let path = format!("/api/v1/reports/{report}/runs");
        let run = city.post(&path, &json!({"period": MONTH})).await;
        assert_eq!(run.status, 202, "{}", run.text());
        let run = format!("{path}/{}", run.json()["run"].as_str().unwrap());
        // The schedule may have begun a run of its own; its messages count, too.
        for _ in 0..600 {
            let runs = city.get(&path).await.json();
            let all = runs["runs"].as_array().or(runs.as_array()).cloned().unwrap_or_default();
            if !all.is_empty() && all.iter().all(|run| run["state"] != "running") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let state = city.get(&run).await.json();
        assert_eq!(state["state"], "done", "{state}");
        let file = state["files"][0]["name"].as_str().unwrap_or_else(|| panic!("{state}"));
        let of = |what: &str, path: String, covers: &str, count| {
            let line = ask(format!("report {report} {what}"), "GET", path, None);
            Ask { covers: Some(("GET", covers.to_owned())), count, ..line }
        };
        let template = "/api/v1/reports/{report}/runs/{run}";
        all.push(of("files", run.clone(), template, |answer| {
            answer.json()["files"].as_array().map(Vec::len)
        }));
        all.push(of(
            "city's file",
            format!("{run}/files/{file}"),
            &format!("{template}/files/{{name}}"),
            nothing,
        ));
        all.push(of("runs", path.clone(), "/api/v1/reports/{report}/runs", listed));
        let mut start = ask(format!("report {report} start"), "POST", path, Some(json!({"period": "never"})));
        start.covers = Some(("POST", "/api/v1/reports/{report}/runs".into()));
        all.push(start);
        made.push(report);
    }
    (all, made)
}

/// Operations that do not depend on definitions: method, template, path, body.
fn fixed() -> Vec<Ask> {
    let sql = json!({"sql": "select txn_no from benefit_transaction"});
    let query = json!({
        "indicators": ["S1-U03"], "dimensions": ["district"],
        "time": {"grain": "month", "from": "2026-09-01", "to": "2026-09-30"},
    });
    let none = "00000000-0000-7000-8000-000000000000";
    let api = |path: &str| format!("/api/v1{path}");
    let all: Vec<(&'static str, String, String, Option<Value>)> = vec![
        ("GET", api("/about"), api("/about"), None),
        ("GET", api("/openapi.json"), api("/openapi.json"), None),
        ("GET", "/healthz".into(), "/healthz".into(), None),
        ("GET", "/readyz".into(), "/readyz".into(), None),
        ("GET", "/metrics".into(), "/metrics".into(), None),
        ("POST", api("/session"), api("/session"), Some(json!({"account": "city"}))),
        ("GET", api("/session"), api("/session"), None),
        (
            "POST",
            api("/session/view-as"),
            api("/session/view-as"),
            Some(json!({"account": "xuhui", "reason": "核对"})),
        ),
        (
            "POST",
            api("/session/password"),
            api("/session/password"),
            Some(json!({"current": "Pujiang2026", "new": "short"})),
        ),
        ("GET", api("/streets"), api("/streets"), None),
        ("GET", api("/workflow/todo"), api("/workflow/todo"), None),
        ("GET", api("/workflow/started"), api("/workflow/started"), None),
        ("GET", api("/workflow/done"), api("/workflow/done"), None),
        (
            "POST",
            api("/workflow/tasks/{id}/{decision}"),
            format!("/api/v1/workflow/tasks/{none}/approve"),
            Some(json!({})),
        ),
        ("GET", api("/access/subjects"), api("/access/subjects"), None),
        ("GET", api("/access/why"), api("/access/why?table=person&id=p-1&account=xuhui"), None),
        ("GET", api("/accounts"), api("/accounts"), None),
        ("GET", api("/roles"), api("/roles"), None),
        ("GET", api("/logs"), api("/logs?size=1"), None),
        ("GET", api("/definitions/plan"), api("/definitions/plan"), None),
        ("GET", api("/definitions/history"), api("/definitions/history"), None),
        ("GET", api("/definitions/history/{number}"), api("/definitions/history/1"), None),
        // Another plan's edition, and a set nobody applied: let in, and refused at the last moment.
        ("POST", api("/definitions/apply"), api("/definitions/apply"), Some(json!({"edition": "another"}))),
        ("POST", api("/definitions/revert"), api("/definitions/revert"), Some(json!({"number": 0}))),
        ("GET", api("/resources"), api("/resources"), None),
        ("GET", api("/metrics"), api("/metrics"), None),
        ("POST", api("/metrics/query"), api("/metrics/query"), Some(query)),
        ("GET", api("/boards"), api("/boards"), None),
        ("GET", api("/comparisons"), api("/comparisons"), None),
        ("POST", api("/sql"), api("/sql"), Some(sql.clone())),
        ("GET", api("/sql/catalog"), api("/sql/catalog"), None),
        ("POST", api("/sql/export"), api("/sql/export"), Some(json!({"sql": sql["sql"], "format": "csv"}))),
        ("GET", api("/reports"), api("/reports"), None),
        ("GET", api("/inbox"), api("/inbox"), None),
        ("POST", api("/inbox/{id}/read"), format!("/api/v1/inbox/{none}/read"), None),
        ("GET", api("/feeds"), api("/feeds"), None),
        ("GET", api("/feeds/{feed}/quarantine"), api("/feeds/bank/quarantine"), None),
        (
            "POST",
            api("/feeds/{feed}/quarantine/replay"),
            api("/feeds/bank/quarantine/replay"),
            Some(json!({"ids": []})),
        ),
        ("POST", api("/feeds/{feed}/batches"), api("/feeds/bank/batches"), None),
    ];
    all.into_iter()
        .map(|(method, template, path, body)| {
            let mut line = ask(format!("{method} {template}"), method, path, body);
            line.count = match template.as_str() {
                "/api/v1/sql/export" => lines,
                // Their lists say nothing about rows, or change with every release.
                "/api/v1/openapi.json"
                | "/api/v1/about"
                | "/api/v1/session"
                | "/metrics"
                | "/healthz"
                | "/readyz" => nothing,
                template if template.starts_with("/api/v1/definitions/") => nothing,
                _ => listed,
            };
            line.covers = Some((method, template));
            line
        })
        .collect()
}

/// A transition that does not happen: it starts from another state than a new record has, or asks for a reason first.
fn idle_action(resource: &str, operations: &Value) -> String {
    if resource == "benefit_transaction" {
        return "confirm".into();
    }
    let parameters = operations["post"]["parameters"].as_array();
    let action = parameters.and_then(|all| all.iter().find(|parameter| parameter["name"] == "action"));
    let last = action.and_then(|action| action["schema"]["enum"].as_array()?.last()?.as_str());
    last.unwrap_or_default().to_owned()
}

/// Every operation of every resource: lists, one's own record, somebody else's, and attempts to change.
fn resources(openapi: &Value, records: &Records) -> Vec<Ask> {
    let mut all = Vec::new();
    for (path, operations) in openapi["paths"].as_object().unwrap() {
        let Some(rest) = path.strip_prefix("/api/v1/resources/") else { continue };
        let resource = rest.split('/').next().unwrap();
        let Some([own, other]) = records.get(resource) else { continue };
        for method in operations.as_object().unwrap().keys() {
            let method = ["GET", "POST", "PATCH", "DELETE"]
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(method))
                .unwrap_or_else(|| panic!("{method} {path}"));
            let by_id: &[(&str, &str)] = if path.contains("{id}") {
                &[(" of 310104", own), (" of 310105", other)]
            } else {
                &[("", "")]
            };
            for (whose, id) in by_id {
                let target = path.replace("{id}", id).replace("{action}", &idle_action(resource, operations));
                let body = match path.ends_with("/changes") {
                    true => Some(json!({"fields": {}})),
                    false => (method != "GET" && method != "DELETE" && !path.ends_with("/import"))
                        .then(|| json!({})),
                };
                let mut line = ask(format!("{method} {path}{whose}"), method, target, body);
                if matches!(method, "PATCH" | "DELETE") || path.ends_with("/changes") {
                    line.headers.push(("if-match".into(), "999".into()));
                }
                if path.ends_with("/export") {
                    line.path += "?format=csv";
                    line.count = lines;
                }
                if path.ends_with("/import") {
                    line.headers.push(("content-type".into(), "text/csv".into()));
                    line.body = "no_such_column\nx\n".into();
                    line.count = nothing;
                }
                if path.contains("{id}") {
                    line.count = nothing;
                }
                line.covers = Some((method, path.clone()));
                all.push(line);
            }
        }
    }
    all
}
