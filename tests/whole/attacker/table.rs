//! The table of `docs/SECURITY.md`: each line names tests that exist, and each test of this folder stands in a line.

use std::collections::BTreeSet;

use pujiang_tests::repository::{root, texts};

/// Lines of the table, each with the names in its last column.
fn lines() -> Vec<(String, Vec<String>)> {
    let page = std::fs::read_to_string(root().join("docs/SECURITY.md")).unwrap();
    let (_, table) = page.split_once("| channel |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        assert_eq!(cells.len(), 3, "{row}");
        let names = cells[2].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (cells[0].trim().to_owned(), names)
    })
    .collect()
}

/// Tests of this folder as `attacker::file::name`; those that only test a tool of the others are left out.
fn attacks() -> BTreeSet<String> {
    let tools = ["blur", "tee", "table"];
    let mut found = BTreeSet::new();
    for (file, text) in texts(&["rs"]).unwrap() {
        let Ok(inside) = file.strip_prefix("tests/whole/attacker") else { continue };
        let stem = inside.file_stem().unwrap().to_str().unwrap();
        for name in text
            .lines()
            .filter_map(|line| line.strip_prefix("async fn "))
            .map(|rest| rest.split('(').next().unwrap())
        {
            if !tools.contains(&stem) && text.contains(&format!("multi_thread\")]\nasync fn {name}(")) {
                found.insert(format!("attacker::{stem}::{name}"));
            }
        }
    }
    found
}

#[test]
fn every_channel_names_tests_that_exist() {
    let known = attacks();
    let clients: String = texts(&["py"]).unwrap().into_iter().map(|(_, text)| text).collect();
    assert!(lines().len() > 20, "the table is gone");
    for (channel, names) in lines() {
        assert!(!names.is_empty(), "{channel}: no test holds it");
        for name in names {
            let exists = known.contains(&name) || clients.contains(&format!("def {name}("));
            assert!(exists, "{channel}: there is no test {name}");
        }
    }
}

#[test]
fn every_attack_stands_in_the_table() {
    let named: BTreeSet<String> = lines().into_iter().flat_map(|(_, names)| names).collect();
    let missing: Vec<String> = attacks().into_iter().filter(|attack| !named.contains(attack)).collect();
    assert!(missing.is_empty(), "not in docs/SECURITY.md: {missing:?}");
}
