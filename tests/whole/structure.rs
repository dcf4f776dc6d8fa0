//! The structure the architecture promises: edges between crates, opening docs, lengths, lints, one door.

use std::collections::BTreeSet;
use std::process::Command;

use pujiang_tests::repository::{root, texts};
use serde_json::Value;

/// Longest a file may be without standing in `golden/long-files.txt`.
const LONGEST: usize = 400;
/// The same for tests.
const LONGEST_TEST: usize = 600;

fn longest(file: &str) -> usize {
    let test =
        file.split('/').any(|part| part == "tests") || file.contains("tests.") || file.contains(".test.");
    if test { LONGEST_TEST } else { LONGEST }
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A new edge between rooms is a change of the architecture: it changes this file in a commit of its own.
#[test]
fn edges_between_crates_are_the_checked_in_ones() {
    let metadata = metadata();
    let mut edges = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            let normal = dependency["kind"].is_null();
            if to.starts_with("pujiang-") && normal {
                edges.insert(format!("{} -> {to}", package["name"].as_str().unwrap()));
            }
        }
    }
    let actual: Vec<String> = edges.into_iter().collect();
    let golden = std::fs::read_to_string(root().join("tests/golden/crate-edges.txt")).unwrap();
    let expected: Vec<&str> =
        golden.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(actual, expected, "see tests/golden/crate-edges.txt");
}

#[test]
fn every_member_inherits_the_lints() {
    for package in metadata()["packages"].as_array().unwrap() {
        let manifest = std::fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        let parsed: toml::Table = manifest.parse().unwrap();
        let inherits = parsed.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(inherits, Some(&toml::Value::Boolean(true)), "{}", package["name"]);
    }
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    let silent: Vec<_> = texts(&["rs"])
        .unwrap()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "these files do not open with a module doc: {silent:?}");
}

/// The list of exceptions may only shrink: an entry that is no longer needed, or that grew, fails too.
#[test]
fn files_stay_short() {
    let golden = std::fs::read_to_string(root().join("tests/golden/long-files.txt")).unwrap();
    let mut excused: Vec<(String, usize)> = golden
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (lines, file) = line.split_once(' ').unwrap();
            (file.to_owned(), lines.parse().unwrap())
        })
        .collect();
    let mut wrong = Vec::new();
    for (file, text) in texts(&["rs", "ts", "vue"]).unwrap() {
        let lines = text.lines().count();
        let name = file.to_str().unwrap();
        let excuse = excused.iter().position(|(excused, _)| excused == name).map(|at| excused.remove(at));
        match excuse {
            None if lines > longest(name) => wrong.push(format!("{name}: {lines} lines; split it by action")),
            Some((_, allowed)) if lines > allowed => wrong.push(format!("{name}: grew to {lines} lines")),
            Some(_) if lines <= longest(name) => {
                wrong.push(format!("{name}: no longer long; remove its entry"))
            }
            _ => {}
        }
    }
    wrong.extend(excused.into_iter().map(|(file, _)| format!("{file}: does not exist; remove its entry")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lints_are_not_switched_off_silently() {
    let forms = [concat!("#[", "allow("), concat!("#![", "allow("), concat!("#[", "ignore")];
    let silent: Vec<_> = texts(&["rs"])
        .unwrap()
        .into_iter()
        .filter(|(file, _)| file.components().all(|part| part.as_os_str() != "tests"))
        .filter(|(_, text)| forms.iter().any(|form| text.contains(form)))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "use #[expect(…, reason = \"…\")] instead, in: {silent:?}");
}

/// Roles are definitions: code asks for rights. Ids of one word are also everyday words and cannot be told apart here.
#[test]
fn no_code_names_a_role() {
    let mut ids = Vec::new();
    for (file, _) in texts(&["toml"]).unwrap() {
        if file.starts_with("security/roles") {
            ids.push(file.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    ids.retain(|id| id.contains('_'));
    assert!(ids.len() >= 6, "{ids:?}");
    let mut named = Vec::new();
    for (file, text) in texts(&["rs", "ts", "vue"]).unwrap() {
        let name = file.to_str().unwrap();
        let is_apart = name.split('/').any(|part| ["tests", "examples", "demo"].contains(&part));
        if is_apart || name.contains("tests.") || name.contains(".test.") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let quoted = |id: &String| code.contains(&format!("\"{id}\"")) || code.contains(&format!("'{id}'"));
        named.extend(ids.iter().filter(|id| quoted(id)).map(|id| format!("{name}: {id}")));
    }
    assert!(named.is_empty(), "ask for a right instead\n{}", named.join("\n"));
}
