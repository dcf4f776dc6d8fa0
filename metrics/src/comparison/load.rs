//! Finds comparison files, built in or in a folder, and loads all of them or reports every mistake of all of them.

use std::path::Path;

use rust_embed::RustEmbed;

use super::{ComparisonDefinitions, read};
use crate::definition::{CASE, DefinitionError, about_file, collect};

#[derive(RustEmbed)]
#[folder = "comparisons/"]
struct Builtin;

impl ComparisonDefinitions {
    /// The definitions built into the binary.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        let file =
            |name: &str| Builtin::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned());
        Self::from_files(
            Builtin::iter().filter_map(|name| file(&name).map(|text| (name.to_string(), text))).collect(),
        )
    }

    /// The definitions of a folder that holds `<id>.toml`; none if there is no such folder.
    pub fn load_from(dir: &Path) -> Result<Self, Vec<DefinitionError>> {
        let mut files = Vec::new();
        if dir.is_dir() {
            collect(dir, dir, &mut files).map_err(|error| vec![error])?;
        }
        Self::from_files(files)
    }

    /// Definitions from texts, each with its name `<id>.toml`; for stored versions and tests.
    pub fn from_files(mut files: Vec<(String, String)>) -> Result<Self, Vec<DefinitionError>> {
        files.retain(|(name, _)| !name.ends_with(CASE));
        files.sort();
        let mut errors = Vec::new();
        let mut comparisons = Vec::new();
        for (name, text) in &files {
            if !name.ends_with(".toml") {
                errors.push(about_file(name, "only .toml definitions belong here; move this file"));
                continue;
            }
            match read::read(name, text) {
                Ok(comparison) => comparisons.push(comparison),
                Err(found) => errors.extend(found),
            }
        }
        errors.sort();
        if errors.is_empty() { Ok(Self { comparisons }) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"format = 1
version = 1
title = "交易笔数"
description = "说明"
scope = "all_districts"
indicator = "S1-U03"
persons = "S1-U08A"
statistics = ["average", "rank"]
dimensions = ["category"]
minimum = 5
"#;

    /// Loads one file and compares the mistakes, each as `line key`.
    fn check(name: &str, text: &str, expected: &[&str]) {
        let files = vec![(name.to_owned(), text.to_owned())];
        let errors = ComparisonDefinitions::from_files(files).err().unwrap_or_default();
        let shown: Vec<String> = errors.iter().map(|error| format!("{} {}", error.line, error.key)).collect();
        assert_eq!(shown, expected, "{errors:#?}");
    }

    #[test]
    fn every_mistake_is_named_with_line_and_key() {
        check("a_b.toml", GOOD, &[]);
        check("a/b.toml", GOOD, &["1 "]);
        check("A-b.toml", GOOD, &["1 "]);
        check("a.txt", GOOD, &["1 "]);
        check("a.toml", "format = ", &["1 "]);
        let bad = GOOD
            .replace("minimum = 5", "minimum = 4\nleast = 3")
            .replace("\"rank\"", "\"maximum\"")
            .replace("all_districts", "own")
            .replace("version = 1\n", "")
            .replace("[\"category\"]", "[\"district\"]");
        check(
            "a.toml",
            &bad,
            &["1 version", "4 scope", "7 statistics", "8 dimensions", "9 minimum", "10 least"],
        );
    }

    #[test]
    fn the_built_in_comparisons_load() {
        let definitions = ComparisonDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        assert!(definitions.get("benefit_transactions").is_some());
    }
}
