//! The functions on which a run found the same answers as PostgreSQL's, for the manual of SQL. The list stands in
//! docs/SQL.md between two marks; the run with the fixed seed says when it is stale.

use std::collections::BTreeSet;

use regex::Regex;

use super::rules::{Grammar, Piece};

/// Words before a bracket that are no functions.
const NO_FUNCTIONS: [&str; 25] = [
    "all", "and", "any", "array", "as", "by", "case", "char", "cube", "decimal", "exists", "filter", "from",
    "in", "join", "lateral", "numeric", "or", "over", "rollup", "select", "sets", "then", "using", "values",
];
const BEGIN: &str = "<!-- functions -->\n";
const END: &str = "<!-- /functions -->";

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

/// Compares the manual with what agreed; `PUJIANG_UPDATE_GOLDEN=1` writes it anew.
pub fn check(agreed: &BTreeSet<String>) {
    let path = pujiang_tests::repository::root().join("docs/SQL.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = manual.split_once(BEGIN).expect("docs/SQL.md has the mark <!-- functions -->");
    let (told, after) = rest.split_once(END).expect("docs/SQL.md has the mark <!-- /functions -->");
    let names: Vec<String> = agreed.iter().map(|name| format!("`{name}`")).collect();
    let list = format!("\n{}\n\n", wrapped(&names));
    if std::env::var_os("PUJIANG_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{list}{END}{after}")).unwrap();
        return;
    }
    let told: BTreeSet<String> = told.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let stale: Vec<&String> = told.symmetric_difference(agreed).collect();
    assert!(
        stale.is_empty(),
        "docs/SQL.md is stale about {stale:?}: run this test with PUJIANG_UPDATE_GOLDEN=1"
    );
}

fn wrapped(names: &[String]) -> String {
    let mut lines = vec![String::new()];
    for name in names {
        let line = lines.last_mut().expect("one at least");
        if line.len() + name.len() > 115 {
            line.push(',');
            lines.push(name.clone());
        } else {
            line.push_str(if line.is_empty() { "" } else { ", " });
            line.push_str(name);
        }
    }
    lines.join("\n")
}
