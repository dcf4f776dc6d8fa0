//! The ways a question reaches the lake. Each gives the same cells or a refusal.

use pujiang_security::Principal;
use pujiang_warehouse::Door;
use serde_json::{Value, json};

use super::cells::{Kind, Raw, kinds, of_batches};
use crate::server::{Http, Wire};

/// One way to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Library,
    Http,
    WireText,
    WireBinary,
}

/// What came back: rows, or what the failure said.
pub type Outcome = Result<Raw, String>;

/// Asks in this process; also tells what kind of values the columns hold.
pub async fn ask_library(door: &Door, principal: &Principal, sql: &str) -> (Outcome, Vec<Kind>) {
    let asked = async {
        let session = door.session(principal).await.map_err(|error| format!("session: {error}"))?;
        session.sql(sql).await.map_err(|error| chain(&error))
    };
    match asked.await {
        Ok(answer) => (Ok(of_batches(&answer.batches)), kinds(&answer.schema)),
        Err(text) => (Err(text), Vec::new()),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Asks over HTTP. Only what the statement itself caused counts as its failure.
pub async fn ask_http(user: &Http, sql: &str) -> Outcome {
    let answer = user.post("/api/v1/sql", &json!({ "sql": sql })).await;
    match answer.status {
        200 => Ok(rows(&answer.json())),
        400 => Err(answer.text()),
        status => panic!("{status}: {}\n{sql}", answer.text()),
    }
}

fn rows(answer: &Value) -> Raw {
    assert_eq!(answer["truncated"], false, "the oracle's answers are small");
    let cell = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let row = |row: &Value| row.as_array().unwrap().iter().map(cell).collect();
    answer["rows"].as_array().unwrap().iter().map(row).collect()
}

/// Asks over the PostgreSQL wire. A lost connection is no refusal.
pub async fn ask_wire(user: &Wire, channel: Channel, sql: &str) -> Outcome {
    let asked = match channel {
        Channel::WireBinary => user.extended(sql).await,
        _ => user.simple(sql).await,
    };
    asked.map_err(|error| match error.as_db_error() {
        Some(refusal) => format!("{} {refusal}", refusal.code().code()),
        None => panic!("the connection broke: {error:?}\n{sql}"),
    })
}

/// Whether a refusal over the wire tells of a fault or a full house instead of the statement.
pub fn is_fault(said: &str) -> bool {
    ["53300", "57P01", "XX000"].iter().any(|code| said.starts_with(code))
}
