//! Statements that differ in one token, asked one after the other where answers are kept (HTTP), and side by side in one
//! statement: a kept answer is never another question's. The right values are PostgreSQL's.

use super::asking::{Said, ask_simply};
use super::{lake, postgres};
use crate::server::Server;
use serde_json::{Value, json};

/// Rows of whole numbers from each function that stands as a table, each list differing from its neighbours in a token.
const NUMBERS: [&[&str]; 8] = [
    &[
        "generate_series(1, 5)",
        "generate_series(1, 10)",
        "generate_series(2, 10)",
        "generate_series(1, 10, 2)",
    ],
    &["generate_series(10, 1, -1)", "generate_series(10, 1, -3)", "generate_series(10, 2, -3)"],
    &["unnest(array[1, 2, 3])", "unnest(array[1, 2, 4])", "unnest(array[1, 2, null])", "unnest(array[1, 2])"],
    &["unnest('{1,2}'::int[])", "unnest('{1,3}'::int[])"],
    &["(values (1), (2))", "(values (1), (3))", "(values (1), (null))"],
    &["(select 1 union all select 2)", "(select 1 union all select 3)", "(select 1 union select 1)"],
    &["(select row_version from organization)", "(select row_version from benefit_service)"],
    &["(select delta from state_event where delta > 1)", "(select delta from state_event where delta > 2)"],
];

/// Ways to ask about one of them; `{A}` is an item of FROM with a column `x`.
const FRAMES: [&str; 8] = [
    "select count(*), count(x), min(x), max(x) from {A}",
    "select sum(x) from {A} where x > 1",
    "select (select count(*) from {A}), (select max(x) from {A})",
    "select count(*) from organization where row_version in (select x from {A})",
    "select count(*) from organization o join {A} on o.row_version = x",
    "select case when 2 in (select x from {A}) then 'in' else 'out' end",
    "with q as (select x from {A}) select count(*) from q a join q b on a.x <= b.x",
    "select x from {A} order by x nulls last limit 3",
];

/// Ways to ask about two of them at once.
const TOGETHER: [&str; 5] = [
    "select (select sum(x) from {A}), (select sum(x) from {B})",
    "select (select count(*) from {A}) + (select count(*) from {B}), (select max(x) from {B})",
    "select count(*) from (select x from {A} union all select x from {B}) q",
    "select count(*), sum(a.x) from (select x from {A}) a join (select x from {B}) b on a.x = b.x",
    "select case when (select count(*) from {A}) > (select count(*) from {B}) then (select sum(x) from {A}) else (select sum(x) from {B}) end",
];

fn statements() -> Vec<String> {
    let item = |source: &str, name: &str| format!("{source} {name}(x)");
    let mut all = Vec::new();
    for list in NUMBERS {
        for frame in FRAMES {
            // Neighbours follow each other, and the first comes back: by then it is kept.
            all.extend(
                list.iter().chain(list.first()).map(|source| frame.replace("{A}", &item(source, "t"))),
            );
        }
        for pair in list.windows(2) {
            for (a, b) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                all.extend(
                    TOGETHER
                        .iter()
                        .map(|frame| frame.replace("{A}", &item(a, "t")).replace("{B}", &item(b, "u"))),
                );
            }
        }
    }
    all
}

fn texts(answer: &Value) -> Vec<Vec<Option<String>>> {
    let cell = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(cell).collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_answer_1_a_kept_answer_is_never_another_questions() {
    let folder = tempfile::tempdir().unwrap();
    lake::fill(folder.path()).await;
    let server = Server::start(folder.path()).await;
    let http = server.http(lake::ACCOUNT).await;
    let (client, connection) = postgres("pairs").await.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("set search_path = pairs").await.unwrap();
    let mut wrong = Vec::new();
    let statements = statements();
    for sql in &statements {
        let Said::Rows { rows: expected, .. } = ask_simply(&client, sql).await else {
            panic!("PostgreSQL: {sql}")
        };
        for time in ["first", "kept"] {
            let answer = http.post("/api/v1/sql", &json!({ "sql": sql })).await;
            assert_eq!(answer.status, 200, "{sql}\n{}", answer.text());
            let got = texts(&answer.json());
            if got != expected {
                wrong.push(format!("{time}: {sql}\n  PostgreSQL {expected:?}\n  here       {got:?}"));
            }
        }
    }
    assert!(statements.len() > 250, "only {} statements", statements.len());
    assert!(wrong.is_empty(), "{} of {} are wrong\n{}", wrong.len(), statements.len() * 2, wrong.join("\n"));
}
