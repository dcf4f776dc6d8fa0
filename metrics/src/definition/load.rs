//! Finds definition files, built in or in a folder, and loads all of them or reports every mistake of all of them.

use std::path::Path;

use rust_embed::RustEmbed;

use super::{DefinitionError, IndicatorDefinitions, links, read};

#[derive(RustEmbed)]
#[folder = "indicators/"]
struct Builtin;

/// Case files lie beside the definitions and belong to the tests.
pub(crate) const CASE: &str = ".case.toml";

impl IndicatorDefinitions {
    /// The definitions built into the binary.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        let file =
            |name: &str| Builtin::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned());
        Self::from_files(
            Builtin::iter().filter_map(|name| file(&name).map(|text| (name.to_string(), text))).collect(),
        )
    }

    /// The definitions of a folder that holds `<area>/<CODE>.toml`.
    pub fn load_from(dir: &Path) -> Result<Self, Vec<DefinitionError>> {
        let mut files = Vec::new();
        collect(dir, dir, &mut files).map_err(|error| vec![error])?;
        Self::from_files(files)
    }

    /// Definitions from texts, each with its path `<area>/<CODE>.toml`; for stored versions and tests.
    pub fn from_files(mut files: Vec<(String, String)>) -> Result<Self, Vec<DefinitionError>> {
        files.retain(|(name, _)| !name.ends_with(CASE));
        files.sort();
        let mut errors = Vec::new();
        let mut indicators = Vec::new();
        for (name, text) in &files {
            if !name.ends_with(".toml") {
                errors.push(about_file(name, "only .toml definitions belong here; move this file"));
                continue;
            }
            match read::read(name, text) {
                Ok(indicator) => indicators.push(indicator),
                Err(found) => errors.extend(found),
            }
        }
        indicators.sort_by(|a, b| a.id.cmp(&b.id));
        for pair in indicators.windows(2).filter(|pair| pair[0].id == pair[1].id) {
            let message = format!("{} is also defined in {}; rename one file", pair[1].id, pair[0].file);
            errors.push(about_file(&pair[1].file, &message));
        }
        // References are followed even when a file is broken, except to the broken file: its indicator is not missing.
        let broken: Vec<&str> = errors.iter().map(|error| stem(&error.file)).collect();
        let definitions = Self { indicators };
        let dangling = links::check(&definitions, &broken);
        errors.extend(dangling);
        errors.sort();
        if errors.is_empty() { Ok(definitions) } else { Err(errors) }
    }
}

fn stem(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml")
}

pub(crate) fn about_file(file: &str, message: &str) -> DefinitionError {
    DefinitionError {
        file: file.to_owned(),
        line: 1,
        col: 1,
        key: String::new(),
        message: message.to_owned(),
    }
}

pub(crate) fn collect(
    root: &Path,
    dir: &Path,
    files: &mut Vec<(String, String)>,
) -> Result<(), DefinitionError> {
    let shown = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let unreadable =
        |path: &Path, cause: std::io::Error| about_file(&shown(path), &format!("cannot be read: {cause}"));
    for entry in std::fs::read_dir(dir).map_err(|cause| unreadable(dir, cause))? {
        let path = entry.map_err(|cause| unreadable(dir, cause))?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let text = std::fs::read_to_string(&path).map_err(|cause| unreadable(&path, cause))?;
            files.push((shown(&path), text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: &str = r#"format = 1
version = 1
title = "交易笔数"
description = "说明"
unit = "笔"
direction = "up"
dimensions = ["district", "category"]
grains = ["day", "month"]
derived = ["yoy"]
table = "benefit_transaction"
time = "pay_time"
filter = [{ column = "state", in = ["confirmed"] }]
[measure]
kind = "count"
"#;

    fn ratio(numerator: &str, denominator: &str) -> String {
        let head = COUNT.split("table").next().unwrap().replace("\"day\", ", "");
        format!(
            "{head}[measure]\nkind = \"ratio\"\nnumerator = \"{numerator}\"\ndenominator = \"{denominator}\"\nscale = 1\ndecimals = 2\n"
        )
    }

    /// Loads the files and compares the mistakes, each as `file:line key`.
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let files =
            files.iter().map(|(name, text)| (format!("area/{name}.toml"), (*text).to_owned())).collect();
        let errors = IndicatorDefinitions::from_files(files).err().unwrap_or_default();
        let shown: Vec<String> = errors.iter().map(|e| format!("{}:{} {}", e.file, e.line, e.key)).collect();
        assert_eq!(shown, expected, "{errors:#?}");
    }

    #[test]
    fn a_correct_definition_loads() {
        check(&[("A-1", COUNT), ("A-2", &ratio("A-1", "A-1"))], &[]);
    }

    #[test]
    fn every_mistake_of_every_file_is_reported() {
        let many = COUNT
            .replace("direction = \"up\"", "direction = \"sideways\"\ntarget = 5")
            .replace("version = 1\n", "")
            .replace("\"month\"", "\"fortnight\"");
        check(
            &[("A-1", &many), ("A-2", &COUNT.replace("format = 1", "format = 2"))],
            &[
                "area/A-1.toml:1 version",
                "area/A-1.toml:5 direction",
                "area/A-1.toml:6 target",
                "area/A-1.toml:8 grains",
                "area/A-2.toml:1 format",
            ],
        );
    }

    #[test]
    fn each_kind_of_mistake_is_found_with_its_line() {
        let one = |from: &str, to: &str, expected: &[&str]| {
            assert!(COUNT.contains(from), "{from}");
            check(&[("A-1", &COUNT.replace(from, to))], expected);
        };
        one("title = \"交易笔数\"", "title = \" \"", &["area/A-1.toml:3 title"]);
        one("title = \"交易笔数\"", "title = 交易", &["area/A-1.toml:3 "]);
        one("in = [\"confirmed\"]", "in = []", &["area/A-1.toml:12 filter.in"]);
        one(
            "in = [\"confirmed\"]",
            "not = [\"confirmed\"]",
            &["area/A-1.toml:12 filter.in", "area/A-1.toml:12 filter.in", "area/A-1.toml:12 filter.not"],
        );
        one("\"category\"]", "\"district\"]", &["area/A-1.toml:7 dimensions"]);
        one("\"district\", ", "\"district_code\", ", &["area/A-1.toml:7 dimensions"]);
        one("kind = \"count\"", "kind = \"average\"", &["area/A-1.toml:14 measure.kind"]);
        one(
            "kind = \"count\"",
            "kind = \"ratio\"\nnumerator = \"A-1\"\ndenominator = \"A-1\"\nscale = 1\ndecimals = 1",
            &["area/A-1.toml:10 table", "area/A-1.toml:11 time", "area/A-1.toml:12 filter"],
        );
        one("kind = \"count\"", "kind = \"distinct\"\ncolumn = \"card_token\"", &["area/A-1.toml:8 grains"]);
        one(
            "kind = \"count\"",
            "kind = \"sum\"\ncolumn = \"amount\"",
            &["area/A-1.toml:13 measure.decimals"],
        );
    }

    #[test]
    fn ratios_must_name_indicators_and_not_go_in_circles() {
        check(&[("A-1", COUNT), ("A-2", &ratio("A-1", "A-9"))], &["area/A-2.toml:13 measure.denominator"]);
        check(
            &[("A-1", COUNT), ("A-2", &ratio("A-3", "A-1")), ("A-3", &ratio("A-1", "A-2"))],
            &["area/A-2.toml:12 measure.numerator", "area/A-3.toml:13 measure.denominator"],
        );
        check(
            &[("A-2", &ratio("A-2", "A-2"))],
            &["area/A-2.toml:12 measure.numerator", "area/A-2.toml:13 measure.denominator"],
        );
        let narrow = COUNT.replace(", \"category\"", "").replace(", \"month\"", "");
        check(
            &[("A-1", &narrow), ("A-2", &ratio("A-1", "A-1"))],
            &[
                "area/A-2.toml:7 dimensions",
                "area/A-2.toml:7 dimensions",
                "area/A-2.toml:8 grains",
                "area/A-2.toml:8 grains",
            ],
        );
        let share = ratio("A-1", "A-1").replace("\"yoy\"", "\"share\"");
        check(&[("A-1", COUNT), ("A-2", &share)], &["area/A-2.toml:9 derived"]);
    }

    #[test]
    fn a_reference_to_a_broken_file_is_no_second_mistake() {
        check(
            &[("A-1", &COUNT.replace("format = 1", "format = 9")), ("A-2", &ratio("A-1", "A-1"))],
            &["area/A-1.toml:1 format"],
        );
    }

    #[test]
    fn the_same_code_twice_is_a_mistake() {
        let file = |area: &str| (format!("{area}/A-1.toml"), COUNT.to_owned());
        let errors = IndicatorDefinitions::from_files(vec![file("a"), file("b")]).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].file, "b/A-1.toml");
    }

    #[test]
    fn the_built_in_definitions_load() {
        let definitions = IndicatorDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        assert!(definitions.get("S1-U03").is_some());
    }
}
