//! Loads all indicators with every mistake of every file, and follows what they say about each other.

use std::collections::BTreeSet;
use std::sync::Arc;

use pujiang_definition::{INDICATORS, Known, Layers, Loaded, Reference, Sources, read_all};
use rust_embed::RustEmbed;

use super::{DefinitionError, IndicatorDef, IndicatorDefinitions, links, read};
use crate::dimension::DimensionDefinitions;

#[derive(RustEmbed)]
#[folder = "indicators/"]
struct Builtin;

impl IndicatorDefinitions {
    /// The definitions built into the binary.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        Self::load(&Layers::builtin()).finished()
    }

    /// The definitions of the layers with their dimensions; mistakes of those are found by whoever loads them.
    #[must_use]
    pub fn load(layers: &Layers) -> Loaded<Self> {
        let dimensions = DimensionDefinitions::load(layers).definitions;
        Self::read(&layers.sources::<Builtin>(&INDICATORS), dimensions)
    }

    /// The definitions of files. References from one to another are followed here, those to tables and dimensions where
    /// those are known.
    #[must_use]
    pub fn read(sources: &Sources, dimensions: DimensionDefinitions) -> Loaded<Self> {
        let mut loaded = read_all(sources, read::definition);
        let mut known = Known::default();
        known.add(&INDICATORS, &loaded.ids);
        let named = std::mem::take(&mut loaded.references);
        let (own, others): (Vec<Reference>, Vec<Reference>) =
            named.into_iter().partition(|reference| reference.room == INDICATORS);
        loaded.references = others;
        loaded.map(|found, errors| {
            let indicators =
                found.into_iter().map(|(indicator, places)| IndicatorDef { places, ..indicator }).collect();
            let definitions = Self { indicators, dimensions: Arc::new(dimensions) };
            let broken: BTreeSet<&str> = errors.iter().map(|error| error.file.as_str()).collect();
            let unfit = links::check(&definitions, &broken);
            errors.extend(unfit);
            errors.extend(known.dangling(&own));
            definitions
        })
    }
}

#[cfg(test)]
mod tests {
    use pujiang_definition::{DIMENSIONS, TABLES};

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

    const STOCK: &str = r#"[measure]
kind = "stock"
resource = "card_holder"
states = ["certified"]
"#;

    /// A definition that reads no table of its own.
    fn other(measure: &str) -> String {
        let head = COUNT.split("table").next().unwrap().replace("\"day\", ", "");
        format!("{head}{measure}")
    }

    fn ratio(numerator: &str, denominator: &str) -> String {
        other(&format!(
            "[measure]\nkind = \"ratio\"\nnumerator = \"{numerator}\"\ndenominator = \"{denominator}\"\nscale = 1\ndecimals = 2\n"
        ))
    }

    fn overlap(stock: &str, seen: &str) -> String {
        other(&format!(
            "[measure]\nkind = \"overlap\"\nstock = \"{stock}\"\nseen = \"{seen}\"\nrecords = \"merchant\"\n\
             key = \"id\"\ncode = \"code\"\ncount = \"registered\"\n"
        ))
    }

    /// Reads the files, each named as below the room.
    fn reading(files: &[(&str, &str)]) -> Loaded<IndicatorDefinitions> {
        let sources = Sources::texts(&INDICATORS, files.iter().copied());
        IndicatorDefinitions::read(&sources, DimensionDefinitions::default())
    }

    /// Mistakes as `file:line key`, the file below the room.
    fn shown(errors: &[DefinitionError]) -> Vec<String> {
        let below = |error: &DefinitionError| error.file.replacen("metrics/indicators/", "", 1);
        errors.iter().map(|error| format!("{}:{} {}", below(error), error.line, error.key)).collect()
    }

    /// Reads the files of one area and compares the mistakes.
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let names: Vec<String> = files.iter().map(|(name, _)| format!("area/{name}.toml")).collect();
        let files: Vec<(&str, &str)> =
            names.iter().zip(files).map(|(name, (_, text))| (name.as_str(), *text)).collect();
        let errors = reading(&files).finished().err().unwrap_or_default();
        assert_eq!(shown(&errors), expected, "{errors:#?}");
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
                "area/A-1.toml:8 grains[1]",
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
        one("in = [\"confirmed\"]", "in = []", &["area/A-1.toml:12 filter[state].in"]);
        one(
            "in = [\"confirmed\"]",
            "not = [\"confirmed\"]",
            &[
                "area/A-1.toml:12 filter[state].in",
                "area/A-1.toml:12 filter[state].in",
                "area/A-1.toml:12 filter[state].not",
            ],
        );
        one("\"category\"]", "\"district\"]", &["area/A-1.toml:7 dimensions[1]"]);
        one("\"district\", ", "\"district_code\", ", &["area/A-1.toml:7 dimensions[0]"]);
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
    fn overlaps_must_name_a_stock_and_a_count_of_codes() {
        let stock = other(STOCK);
        let seen = COUNT
            .replace("\"day\", ", "")
            .replace("kind = \"count\"", "kind = \"distinct\"\ncolumn = \"merchant_code\"");
        let parts: [(&str, &str); 2] = [("A-1", &stock), ("A-2", &seen)];
        let with = |stock: &str, seen: &str, expected: &[&str]| {
            let text = overlap(stock, seen);
            check(&[parts[0], parts[1], ("A-3", &text)], expected);
        };
        with("A-1", "A-2", &[]);
        with("A-2", "A-1", &["area/A-3.toml:12 measure.stock", "area/A-3.toml:13 measure.seen"]);
        // Which dimensions it may have is not known then, and not guessed.
        with("A-9", "A-2", &["area/A-3.toml:12 measure.stock"]);
    }

    #[test]
    fn a_reference_to_a_broken_file_is_no_second_mistake() {
        let broken = COUNT.replace("format = 1", "format = 9").replace("\"category\"", "1");
        for broken in [broken.as_str(), "format = "] {
            let errors = reading(&[("a/A-1.toml", broken), ("a/A-2.toml", &ratio("A-1", "A-1"))]).errors;
            assert!(errors.iter().all(|error| error.file.ends_with("A-1.toml")), "{errors:#?}");
            assert!(!errors.is_empty());
        }
    }

    #[test]
    fn tables_and_dimensions_are_named_for_whoever_knows_them() {
        let stock = other(STOCK);
        // Also where something else is wrong.
        let count = COUNT.replace("format = 1", "format = 9");
        let loaded = reading(&[
            ("a/A-1.toml", &count),
            ("a/A-2.toml", &stock),
            ("a/A-3.toml", &ratio("A-1", "A-1")),
            ("a/A-4.toml", &overlap("A-2", "A-2")),
        ]);
        let named = |one: &Reference| format!("{} {} {}", one.id, one.place.line, one.place.key);
        let of = |room| loaded.references.iter().filter(move |one| one.room == room);
        assert_eq!(
            of(TABLES).map(named).collect::<Vec<_>>(),
            ["benefit_transaction 10 table", "state_event 10 measure", "merchant 14 measure.records"]
        );
        // So are dimensions: two of each file.
        assert_eq!(
            of(DIMENSIONS).map(|one| one.id.as_str()).collect::<Vec<_>>(),
            ["district", "category"].repeat(4)
        );
        assert_eq!(loaded.references.len(), 3 + 8);
    }

    #[test]
    fn the_same_code_twice_is_a_mistake() {
        let errors = reading(&[("a/A-1.toml", COUNT), ("b/A-1.toml", COUNT)]).finished().unwrap_err();
        assert_eq!(shown(&errors), ["b/A-1.toml:1 "]);
    }

    #[test]
    fn the_built_in_definitions_load() {
        let definitions = IndicatorDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        assert_eq!(definitions.most_counted(), Some("benefit_transaction"));
        assert!(definitions.get("S1-U03").is_some());
    }
}
