//! Who gets what: every person of the town against every table, indicator, comparison, board, report and operation of
//! the HTTP interface, over the real server. What comes out is compared with `tests/golden/access-matrix.txt`.
//!
//! A cell is the status, and after a slash the number of rows: `200/4`, `403`, `404`. For a table it is the number of
//! its rows. When a change of the matrix is meant, run
//! `PUJIANG_UPDATE_GOLDEN=1 cargo nextest run -p pujiang-tests -E 'test(matrix)'` and review the difference line by line.

mod asks;
mod coverage;

use std::collections::BTreeMap;
use std::fmt::Write;

use pujiang_tests::{binary, repository::root};

use crate::server::{Http, Server};
use crate::town::{PEOPLE, Town, enter};
use asks::{Ask, asks};

const GOLDEN: &str = "tests/golden/access-matrix.txt";

/// Status and number of rows.
async fn cell(person: &Http, ask: &Ask) -> String {
    let headers: Vec<(&str, &str)> =
        ask.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = person.send(ask.method, &ask.path, &headers, ask.body.clone()).await;
    let answer = answer.unwrap_or_else(|error| panic!("{} {}: no answer: {error:?}", ask.method, ask.path));
    assert!(answer.status < 500, "{} {}: {} {}", ask.method, ask.path, answer.status, answer.text());
    match (answer.status, (ask.count)(&answer)) {
        (200, Some(rows)) => format!("200/{rows}"),
        (status, _) => status.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_what_the_golden_matrix_says() {
    let town = Town::build().await;
    town.create_accounts().await;
    let records = enter(town.data()).await;
    // The records come into the lake by the road they take every day, before anybody counts.
    binary::ask(&["ingest", "run", "outbox", "--data", town.data().to_str().unwrap()]).unwrap();
    let server = Server::start(town.data()).await;
    let mut people: Vec<(&str, Http)> = Vec::new();
    for person in &PEOPLE {
        people.push((person.account, server.http(person.account).await));
    }
    people.push(("anonymous", server.anonymous()));

    let openapi = server.anonymous().get("/api/v1/openapi.json").await.json();
    let (asks, runs) = asks(&people[0].1, &openapi, &records).await;
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ask in &asks {
        let mut cells = Vec::new();
        for (_, person) in &people {
            cells.push(cell(person, ask).await);
        }
        assert!(lines.insert(ask.name.clone(), cells).is_none(), "{} is asked twice", ask.name);
    }
    coverage::assert_complete(&openapi, &asks, &runs);
    let names: Vec<&str> = people.iter().map(|(name, _)| *name).collect();
    compare(&rendered(&names, &lines));
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

fn rendered(people: &[&str], lines: &BTreeMap<String, Vec<String>>) -> String {
    let widest = lines.keys().map(|name| name.chars().count()).max().unwrap_or_default();
    let mut text = String::from(
        "# Who gets what. Made by tests/whole/matrix; its head says how to read it and how to make it again.\n",
    );
    let row = |name: &str, cells: &[String]| {
        let cells = cells.iter().map(|cell| format!("{cell:>10}")).collect::<String>();
        format!("{name:widest$}{cells}\n")
    };
    text += &row("", &people.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    for (name, cells) in lines {
        text += &row(name, cells);
    }
    text
}

fn compare(actual: &str) {
    let path = root().join(GOLDEN);
    if std::env::var_os("PUJIANG_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if golden == actual {
        return;
    }
    let mut difference = String::new();
    for (sign, these, those) in [("-", golden.as_str(), actual), ("+", actual, golden.as_str())] {
        for line in these.lines().filter(|line| !those.lines().any(|other| other == *line)) {
            let _ = writeln!(difference, "{sign} {line}");
        }
    }
    panic!(
        "{GOLDEN} says otherwise; if the change is meant, see the head of tests/whole/matrix/mod.rs\n{difference}"
    );
}
