//! What a run found, for users to read: the functions on which both servers agreed and each deliberate difference. It stands
//! in docs/SQL-DIFFERENCES.md; the run with the fixed seed says when that is stale, and `PUJIANG_UPDATE_GOLDEN=1` writes it.

use std::collections::BTreeSet;

use regex::Regex;

use super::judge::Difference;
use super::list::Entry;
use super::rules::{Grammar, Piece};

/// Words before a bracket that are no functions.
const NO_FUNCTIONS: [&str; 25] = [
    "all", "and", "any", "array", "as", "by", "case", "char", "cube", "decimal", "exists", "filter", "from",
    "in", "join", "lateral", "numeric", "or", "over", "rollup", "select", "sets", "then", "using", "values",
];
const FILE: &str = "docs/SQL-DIFFERENCES.md";
const BEGIN: &str = "\
# SQL: what is the same as PostgreSQL's, and what is not

Written by the [second oracle](../tests/whole/second_oracle/mod.rs), which puts random statements of a
[grammar](../tests/whole/second_oracle/grammar/README.md) to the wire and to PostgreSQL 15 over the same rows: do not edit.
";

/// Names of functions in the templates of some rules.
pub fn functions(grammar: &Grammar, rules: impl Iterator<Item = usize>) -> BTreeSet<String> {
    let call = Regex::new(r"(?i)\b([a-z_][a-z0-9_]*)\(").unwrap();
    let mut found = BTreeSet::new();
    for rule in rules {
        let mut left: Vec<&Piece> = grammar.rules[rule].pieces.iter().collect();
        while let Some(piece) = left.pop() {
            match piece {
                Piece::Text(text) => {
                    found.extend(call.captures_iter(text).map(|call| call[1].to_lowercase()))
                }
                Piece::Optional(inner) => left.extend(inner),
                _ => {}
            }
        }
    }
    found.retain(|name| name.len() > 1 && !NO_FUNCTIONS.contains(&name.as_str()));
    found
}

/// Compares the page with what was found, or writes it.
pub fn check(agreed: &BTreeSet<String>, entries: &[Entry]) {
    let names: Vec<String> = agreed.iter().map(|name| format!("`{name}`")).collect();
    let page = format!(
        "{BEGIN}\n## Functions with PostgreSQL's answers\n\n{}\n\n## Deliberate differences\n\n{}",
        wrapped(&names),
        told(entries)
    );
    let path = pujiang_tests::repository::root().join(FILE);
    if std::env::var_os("PUJIANG_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stands == page, "{FILE} is stale: run this test with PUJIANG_UPDATE_GOLDEN=1");
}

fn told(entries: &[Entry]) -> String {
    let row = |entry: &Entry| {
        let how = match entry.how {
            Difference::Refused => "refused",
            Difference::Answered => "answered where PostgreSQL fails",
            Difference::Type => "another type",
            Difference::Value | Difference::Broken => "another value",
            Difference::Digits => "other digits from the fourteenth on",
            Difference::Texts => "other digits or zeros within texts",
            Difference::Zeros => "other zeros at the end",
        };
        let upstream = entry.upstream.as_ref().map(|upstream| format!(" ({upstream})")).unwrap_or_default();
        format!(
            "| {} | {how} | `{}` | {}{upstream} |\n",
            entry.id,
            entry.example.replace('|', "\\|"),
            entry.reason
        )
    };
    let rows: String = entries.iter().map(row).collect();
    format!("| name | here | for example | why |\n|---|---|---|---|\n{rows}")
}

fn wrapped(names: &[String]) -> String {
    let mut lines = vec![String::new()];
    for (at, name) in names.iter().enumerate() {
        let comma = if at + 1 < names.len() { "," } else { "" };
        let line = lines.last_mut().expect("one at least");
        if line.is_empty() || line.len() + name.len() < 115 {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(&format!("{name}{comma}"));
        } else {
            lines.push(format!("{name}{comma}"));
        }
    }
    lines.join("\n")
}
