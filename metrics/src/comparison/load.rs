//! Loads all comparisons with every mistake of every file.

use pujiang_definition::{COMPARISONS, Layers, Loaded, Sources, read_all};
use rust_embed::RustEmbed;

use super::{ComparisonDef, ComparisonDefinitions, read};
use crate::definition::DefinitionError;

#[derive(RustEmbed)]
#[folder = "comparisons/"]
struct Builtin;

impl ComparisonDefinitions {
    /// The definitions built into the binary.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        Self::load(&Layers::builtin()).finished()
    }

    /// The definitions of the layers; a tree may have none.
    #[must_use]
    pub fn load(layers: &Layers) -> Loaded<Self> {
        Self::read(&layers.sources::<Builtin>(&COMPARISONS))
    }

    /// The definitions of files. The indicators they name are followed by whoever knows those.
    #[must_use]
    pub fn read(sources: &Sources) -> Loaded<Self> {
        read_all(sources, read::definition).map(|found, _| {
            let comparisons = found
                .into_iter()
                .map(|(comparison, places)| ComparisonDef { places, ..comparison })
                .collect();
            Self { comparisons }
        })
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
        let sources = Sources::texts(&COMPARISONS, [(name, text)]);
        let errors = ComparisonDefinitions::read(&sources).finished().err().unwrap_or_default();
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
            &["1 version", "4 scope", "7 statistics[1]", "8 dimensions[0]", "9 minimum", "10 least"],
        );
    }

    #[test]
    fn the_built_in_comparisons_load() {
        let definitions = ComparisonDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        assert!(definitions.get("benefit_transactions").is_some());
    }
}
