//! Coverage of coverage: every operation of the OpenAPI document and every definition has a line in the matrix, or stands
//! in `tests/golden/access-matrix-exempt.txt` with a reason. That list may only shrink: a needless entry fails, too.

use pujiang_tests::repository::{root, texts};
use serde_json::Value;

use super::asks::Ask;

/// Folders of definitions whose ids the matrix names, and how it names them.
const DEFINED: [(&str, &[&str]); 6] = [
    ("warehouse/tables", &["table", "reference"]),
    ("metrics/indicators", &["indicator"]),
    ("metrics/comparisons", &["comparison"]),
    ("dashboards/boards", &["board"]),
    ("reports/definitions", &["report"]),
    ("transactional/resources", &["GET /api/v1/resources/"]),
];

/// Everything that must have a line.
fn wanted(openapi: &Value, asks: &[Ask]) -> Vec<(String, bool)> {
    let mut wanted = Vec::new();
    for (path, operations) in openapi["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            let covered = asks.iter().any(|ask| {
                ask.covers.as_ref().is_some_and(|(by, template)| *by == method && template == path)
            });
            wanted.push((format!("{method} {path}"), covered));
        }
    }
    for (file, _) in texts(&["toml"]).unwrap() {
        let name = file.to_str().unwrap();
        let Some((folder, kinds)) =
            DEFINED.iter().find(|(folder, _)| name.starts_with(&format!("{folder}/")))
        else {
            continue;
        };
        let id = file.file_stem().unwrap().to_str().unwrap();
        if id.ends_with(".case") {
            continue;
        }
        let is_named = |ask: &Ask| {
            kinds.iter().any(|kind| match kind.strip_prefix("GET ") {
                Some(path) => ask.name == format!("GET {path}{id}"),
                None => ask.name == format!("{kind} {id}") || ask.name.starts_with(&format!("{kind} {id} ")),
            })
        };
        wanted.push((format!("{folder}/{id}"), asks.iter().any(is_named)));
    }
    wanted
}

/// Fails on a missing line, and on an exemption that is not needed.
pub fn assert_complete(openapi: &Value, asks: &[Ask], reports: &[String]) {
    assert!(!reports.is_empty(), "no report was made");
    let text = std::fs::read_to_string(root().join("tests/golden/access-matrix-exempt.txt")).unwrap();
    let mut exempt: Vec<&str> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (what, reason) = line.split_once(": ").unwrap_or_else(|| panic!("{line}: give a reason"));
        assert!(reason.len() > 10, "{line}: give a reason");
        exempt.push(what);
    }
    let mut wrong = Vec::new();
    for (what, covered) in wanted(openapi, asks) {
        let excused = exempt.iter().position(|known| *known == what).map(|at| exempt.remove(at));
        match (covered, excused) {
            (false, None) => {
                wrong.push(format!("{what}: has no line in the matrix; add a question to asks.rs"))
            }
            (true, Some(_)) => wrong.push(format!("{what}: has a line; remove the exemption")),
            _ => {}
        }
    }
    wrong.extend(exempt.into_iter().map(|what| format!("{what}: does not exist; remove the exemption")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
