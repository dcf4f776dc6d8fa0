//! The how-tos, followed: the files a guide shows are taken from its text, laid over the built-in definitions, and
//! must load; with the step left out that the guide calls necessary, they must not.
//!
//! A guide marks a file by its fence, ```` ```toml path=warehouse/tables/benefit/visit.toml ````, and what is added to a
//! file that exists by `append=`. Whether what was added then works is `followed`.

mod followed;

use std::path::{Path, PathBuf};

use pujiang_tests::{binary, repository::root};
use tempfile::TempDir;

/// Folders of definitions, as `pujiang check --definitions ROOT` expects them.
const DEFINITIONS: [&str; 9] = [
    "security/roles",
    "transactional/resources",
    "ingest/feeds",
    "warehouse/tables",
    "metrics/dimensions",
    "metrics/indicators",
    "metrics/comparisons",
    "reports/definitions",
    "dashboards/boards",
];

/// The guides a newcomer follows.
const GUIDES: [&str; 9] = [
    "add-a-role",
    "add-a-resource",
    "add-a-feed",
    "add-a-table",
    "add-a-dimension",
    "add-an-indicator",
    "add-a-comparison",
    "add-a-board",
    "add-a-report",
];

/// What a guide says to do with a file.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    path: PathBuf,
    text: String,
    /// Added to what the file holds already.
    append: bool,
}

/// The files a document shows.
fn files(markdown: &str) -> Vec<Shown> {
    let mut found = Vec::new();
    // None: outside a fence. Some(None): inside one that shows no file.
    let mut open: Option<Option<Shown>> = None;
    for line in markdown.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (Some(shown), Some(_)) => {
                found.extend(shown.take());
                open = None;
            }
            (Some(Some(shown)), None) => {
                shown.text.push_str(line);
                shown.text.push('\n');
            }
            (None, Some(info)) => {
                let named = |key: &str| info.split_whitespace().find_map(|word| word.strip_prefix(key));
                let path =
                    named("path=").map(|path| (path, false)).or(named("append=").map(|path| (path, true)));
                open =
                    Some(path.map(|(path, append)| Shown { path: path.into(), text: String::new(), append }));
            }
            _ => {}
        }
    }
    found
}

fn guide(name: &str) -> Vec<Shown> {
    let path = root().join("docs/how-to").join(format!("{name}.md"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let files = files(&text);
    assert!(!files.is_empty(), "{name} shows no file (a fence with path=…)");
    files
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The built-in definitions with more files over them.
fn tree(files: &[Shown]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for definitions in DEFINITIONS {
        copy(&root().join(definitions), &folder.path().join(definitions));
    }
    // Templates stand beside their definitions and are checked with them.
    copy(&root().join("reports/templates"), &folder.path().join("reports/templates"));
    for shown in files {
        let target = folder.path().join(&shown.path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let before =
            if shown.append { std::fs::read_to_string(&target).unwrap() + "\n" } else { String::new() };
        std::fs::write(target, before + &shown.text).unwrap();
    }
    folder
}

/// Verdict and everything it said.
fn check(tree: &TempDir) -> (Option<i32>, String) {
    let output = binary::run(&["check", "--definitions", tree.path().to_str().unwrap()]).unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), said.concat())
}

#[test]
fn the_built_in_definitions_are_sound() {
    assert_eq!(check(&tree(&[])).0, Some(0), "{}", check(&tree(&[])).1);
}

#[test]
fn each_guide_leads_to_definitions_that_load() {
    for name in GUIDES {
        let (code, said) = check(&tree(&guide(name)));
        assert_eq!(code, Some(0), "{name}: {said}");
    }
}

/// A misspelt key in any file a guide shows is found, with the file's name: the check is not blind to the guide's files.
#[test]
fn a_mistake_in_a_guides_file_is_named() {
    for name in GUIDES {
        for mut shown in guide(name) {
            let file = shown.path.file_name().unwrap().to_str().unwrap().to_owned();
            // Cases are read by the tests of their crate, and templates when a report is made.
            if shown.append || !file.ends_with(".toml") || file.ends_with(".case.toml") {
                continue;
            }
            shown.text.insert_str(0, "no_such_key = 1\n");
            let (code, said) = check(&tree(&[shown]));
            assert_eq!(code, Some(1), "{name}: a broken {file} was accepted\n{said}");
            assert!(said.contains(&file) && said.contains("no_such_key"), "{name}: {said}");
        }
    }
}

#[test]
fn files_are_found_by_their_fences() {
    let text = "a\n```toml path=x/y.toml\nk = 1\n```\n```sh\nmake\n```\n```toml append=z.toml\nl = 2\n```\n";
    let shown = |path: &str, text: &str, append| Shown { path: path.into(), text: text.into(), append };
    assert_eq!(files(text), [shown("x/y.toml", "k = 1\n", false), shown("z.toml", "l = 2\n", true)]);
}
