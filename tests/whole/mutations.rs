//! The mutations of `scripts/mutate.sh` fit the tree: a guard that moved takes its mutation with it, or this fails long
//! before anybody runs the script.

use std::process::Command;

use pujiang_tests::repository::root;

/// What a mutation says about itself.
const HEADS: [&str; 4] = ["guard", "targets", "filter", "program"];

#[test]
fn every_mutation_applies_and_says_what_must_notice() {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/mutations")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        for head in HEADS {
            let said = text
                .lines()
                .take_while(|line| !line.starts_with("diff "))
                .find_map(|line| line.strip_prefix(&format!("{head}: ")));
            assert!(said.is_some_and(|said| !said.trim().is_empty()), "{name}: no {head}");
        }
        let check =
            Command::new("git").args(["apply", "--check"]).arg(&path).current_dir(root()).output().unwrap();
        assert!(check.status.success(), "{name}: {}", String::from_utf8_lossy(&check.stderr));
        names.push(name);
    }
    assert!(names.len() >= 8, "only {names:?}");
}
