//! Scripts that try to see a hidden row or value: `tests/adversarial/*.slt`, through the library and the PostgreSQL
//! wire. Besides what a script expects, no answer, plan or error text may hold a word of the rows the asker may not see.

mod slt;

use std::collections::BTreeMap;
use std::path::PathBuf;

use pujiang_tests::repository::root;

use crate::oracle::cells::Raw;
use crate::oracle::channel::{Channel, Outcome, ask_library, ask_wire, is_fault};
use crate::server::Server;
use crate::town::Town;
use slt::{Record, Wanted, records, row};

fn scripts() -> Vec<(PathBuf, Vec<Record>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("tests/adversarial"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "slt"))
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, records(&text))
    };
    files.into_iter().map(read).collect()
}

/// What a record did wrong, if anything.
fn verdict(record: &Record, outcome: &Outcome, forbidden: &[&str]) -> Option<String> {
    let said = match outcome {
        Ok(rows) => rows.iter().map(|cells| row(cells)).collect::<Vec<_>>().join("\n"),
        Err(text) => text.clone(),
    };
    if let Some(word) = forbidden.iter().find(|word| said.contains(**word)) {
        return Some(format!("shows {word:?}: {said}"));
    }
    if outcome.as_ref().is_err_and(|said| is_fault(said)) {
        return Some(format!("was a fault: {said}"));
    }
    let given = |rows: &Raw, sorted: bool| {
        let mut rows: Vec<String> = rows.iter().map(|cells| row(cells)).collect();
        if sorted {
            rows.sort_unstable();
        }
        rows
    };
    match (&record.wanted, outcome) {
        (Wanted::Ok, Ok(_)) => None,
        (Wanted::Refused(pattern), Err(text)) => (!regex::Regex::new(pattern).unwrap().is_match(text))
            .then(|| format!("refused otherwise: {text}")),
        (Wanted::Rows { sorted, rows }, Ok(answer)) => {
            let answer = given(answer, *sorted);
            (answer != *rows).then(|| format!("wanted {rows:#?}, given {answer:#?}"))
        }
        (_, Ok(_)) => Some(format!("was answered: {said}")),
        (_, Err(text)) => Some(format!("was refused: {text}")),
    }
}

fn report(wrong: &[String], tried: usize) {
    assert!(tried > 100, "only {tried} records were tried");
    assert!(wrong.is_empty(), "{} of {tried} records:\n{}", wrong.len(), wrong.join("\n\n"));
}

fn complaint(path: &std::path::Path, record: &Record, what: &str) -> String {
    let file = path.file_name().unwrap().to_string_lossy();
    format!("{file}:{} as {}: {}\n  {what}", record.line, record.connection, record.sql)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_find_nothing_through_the_library() {
    let town = Town::build().await;
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (path, records) in scripts() {
        for record in records {
            let person = town.person(&record.connection);
            let outcome = ask_library(&town.lake().door(), &person.principal(), &record.sql).await.0;
            tried += 1;
            wrong.extend(
                verdict(&record, &outcome, person.forbidden).map(|what| complaint(&path, &record, &what)),
            );
        }
    }
    report(&wrong, tried);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_find_nothing_over_the_wire() {
    let town = Town::build().await;
    town.create_accounts().await;
    let server = Server::start(town.data()).await;
    let mut wires = BTreeMap::new();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (path, records) in scripts() {
        for record in records {
            let person = town.person(&record.connection);
            if !wires.contains_key(person.account) {
                wires.insert(person.account, server.wire(person.account).await);
            }
            let outcome = ask_wire(&wires[person.account], Channel::WireText, &record.sql).await;
            tried += 1;
            wrong.extend(
                verdict(&record, &outcome, person.forbidden).map(|what| complaint(&path, &record, &what)),
            );
        }
    }
    report(&wrong, tried);
    // What the server wrote down is read by operators, who see no business data.
    let log = server.log();
    for word in ["SECRET", "INNER", "13812345678"] {
        assert!(!log.contains(word), "the log holds {word:?}");
    }
}
