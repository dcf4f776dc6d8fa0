//! Runs the case file beside every definition: a few rows into a real lake, a question as a principal, the expected
//! figures. Adding an indicator needs no line here.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pujiang_definition::{INDICATORS, Known, Layers, Sources, TABLES};
use pujiang_metrics::{
    DimensionDefinitions, FixedClock, IndicatorDefinitions, MetricsAnswer, MetricsEngine, MetricsQuery,
};
use serde::Deserialize;
use serde_json::Value;

use super::lake;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    format: u32,
    description: String,
    now: String,
    tables: BTreeMap<String, String>,
    check: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    principal: String,
    query: Value,
    expect: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_indicator_gives_the_figures_of_its_case_file() {
    let definitions = IndicatorDefinitions::builtin().unwrap();
    let mut failures = Vec::new();
    for indicator in definitions.all() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("indicators")
            .join(&indicator.area)
            .join(format!("{}.case.toml", indicator.id));
        match std::fs::read_to_string(&file) {
            Ok(text) => failures.extend(run(&indicator.id, &text, &definitions).await),
            Err(cause) => {
                failures.push(format!("{}: write a case file {}: {cause}", indicator.id, file.display()))
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn no_case_file_is_left_without_its_indicator() {
    let definitions = IndicatorDefinitions::builtin().unwrap();
    for area in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("indicators")).unwrap() {
        for file in std::fs::read_dir(area.unwrap().path()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if let Some(id) = name.strip_suffix(".case.toml") {
                assert!(definitions.get(id).is_some(), "{name} has no definition");
            }
        }
    }
}

#[test]
fn definitions_fit_the_tables_of_the_lake() {
    let catalog = lake::catalog();
    let checked = IndicatorDefinitions::builtin().unwrap().check_against(&catalog);
    assert!(checked.is_empty(), "{checked:#?}");
}

#[test]
fn a_table_or_column_that_is_not_there_is_named() {
    let text = include_str!("../../indicators/benefit/S1-U03.toml");
    let check = |from: &str, to: &str, expected: &[&str]| {
        assert!(text.contains(from), "{from}");
        let text = text.replace(from, to);
        let sources = Sources::texts(&INDICATORS, [("benefit/S1-U03.toml", text.as_str())]);
        let dimensions = DimensionDefinitions::builtin().unwrap();
        let loaded = IndicatorDefinitions::read(&sources, dimensions);
        let catalog = lake::catalog();
        let mut known = Known::default();
        known.add(&TABLES, &catalog.tables().map(|table| table.id.clone()).collect());
        let mut errors: Vec<_> = known.dangling(&loaded.references).collect();
        errors.extend(loaded.finished().unwrap().check_against(&catalog));
        let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(keys, expected, "{errors:?}");
    };
    check("pay_time\"", "pay_time\"", &[]);
    check("\"benefit_transaction\"", "\"benefit_transactions\"", &["table"]);
    check("\"benefit_transaction\"", "\"district\"", &["table"]);
    check("\"pay_time\"", "\"amount\"", &["time"]);
    check("column = \"state\"", "column = \"status\"", &["filter[status].column"]);
    check("\"category\", ", "\"kategory\", ", &["dimensions"]);
    check("\"category\", ", "\"card_token\", ", &["dimensions"]);
    // Both are the column `category`: rows could not tell which they speak of.
    check("\"category\", ", "\"category\", \"holder_category\", ", &["dimensions"]);
    check("kind = \"count\"", "kind = \"sum\"\ncolumn = \"category\"\ndecimals = 2", &["measure.column"]);
}

/// Follows docs/how-to/add-an-indicator.md: a definition copied from a relative and a case file, and nothing else.
#[tokio::test]
async fn an_indicator_is_added_with_one_definition_and_one_case() {
    let root = tempfile::tempdir().unwrap();
    let area = root.path().join(INDICATORS.folder).join("benefit");
    std::fs::create_dir_all(&area).unwrap();
    let definition =
        include_str!("../../indicators/benefit/S1-U03.toml").replace("\"confirmed\"", "\"reversed\"");
    let case = r#"
format = 1
description = "Reversed transactions"
now = "2026-11-21T10:00:00+08:00"
[tables]
benefit_transaction = """
pay_time            | district_code | state
2026-10-31T23:59:59 | 310104        | reversed
2026-10-31T23:59:59 | 310104        | confirmed
"""
[[check]]
principal = "310104"
query = { indicators = ["X-01"], time = { grain = "month", from = "2026-10-01", to = "2026-11-30" } }
expect = """
period     | X-01
2026-10-01 | 1
2026-11-01 | null
"""
"#;
    std::fs::write(area.join("X-01.toml"), definition).unwrap();
    std::fs::write(area.join("X-01.case.toml"), case).unwrap();
    let definitions = IndicatorDefinitions::load(&Layers::tree(root.path())).finished().unwrap();
    let checked = definitions.check_against(&lake::catalog());
    assert!(checked.is_empty(), "{checked:#?}");
    assert_eq!(run("X-01", case, &definitions).await, Vec::<String>::new());
}

async fn run(id: &str, text: &str, definitions: &IndicatorDefinitions) -> Vec<String> {
    let case: Case = match toml::from_str(text) {
        Ok(case) => case,
        Err(cause) => return vec![format!("{id}: {cause}")],
    };
    assert_eq!(case.format, 1, "{id}");
    let lake = lake::TempLake::with(&case.tables).await;
    let clock = FixedClock(case.now.parse().unwrap());
    let engine = MetricsEngine::new(lake.door(), definitions.clone()).with_clock(Arc::new(clock));
    let mut failures = Vec::new();
    for (place, check) in case.check.iter().enumerate() {
        let label = format!("{id} check {} ({})", place + 1, case.description);
        let query = match MetricsQuery::from_json(&check.query) {
            Ok(query) => query,
            Err(problem) => return vec![format!("{label}: {problem}")],
        };
        let principal = lake::principal(&check.principal);
        match engine.query(&principal, &query).await {
            Ok(answer) => {
                failures.extend(differences(&check.expect, &answer).map(|text| format!("{label}: {text}")))
            }
            Err(problem) => failures.push(format!("{label}: {problem}")),
        }
    }
    failures
}

/// What differs between the expected table and the answer, in the columns the table names.
fn differences(expect: &str, answer: &MetricsAnswer) -> Option<String> {
    let mut expected = lake::table(expect);
    let names = if expected.is_empty() { Vec::new() } else { expected.remove(0) };
    let place = |name: &String| answer.columns.iter().position(|column| column.name == *name);
    let Some(places) = names.iter().map(place).collect::<Option<Vec<usize>>>() else {
        let columns: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
        return Some(format!("expected columns {names:?}, the answer has {columns:?}"));
    };
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let given: Vec<Vec<String>> =
        answer.rows.iter().map(|row| places.iter().map(|place| shown(&row[*place])).collect()).collect();
    (given != expected).then(|| format!("expected\n{}\ngiven\n{}", lines(&expected), lines(&given)))
}

fn lines(rows: &[Vec<String>]) -> String {
    rows.iter().map(|row| row.join(" | ")).collect::<Vec<_>>().join("\n")
}
