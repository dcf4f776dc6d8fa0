//! Loads all definitions with their templates and every mistake of every file.

use std::collections::BTreeSet;

use pujiang_definition::{Layers, Loaded, REPORTS, Sources, TEMPLATES, read_all};
use rust_embed::RustEmbed;

use super::{DefinitionError, ReportDefinition, ReportDefinitions, read};

#[derive(RustEmbed)]
#[folder = "definitions/"]
struct Definitions;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

impl ReportDefinitions {
    /// The definitions built into the binary.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        Self::load(&Layers::builtin()).finished()
    }

    /// The definitions of the layers. Where a report has no template there, the built-in template of that id serves, so
    /// that definitions alone can be checked.
    #[must_use]
    pub fn load(layers: &Layers) -> Loaded<Self> {
        Self::read(&layers.sources::<Definitions>(&REPORTS), |id| template(layers, id))
    }

    /// The definitions of files; `template` gives the text of the template of an id. The indicators they name are
    /// followed by whoever knows those.
    #[must_use]
    pub fn read(sources: &Sources, template: impl Fn(&str) -> Option<String>) -> Loaded<Self> {
        let loaded =
            read_all(sources, |file, root| read::definition(file, root, template(&file.id).as_deref()));
        loaded.map(|found, errors| {
            // What a file says in the wrong way would be missed by what refers to it.
            let broken: BTreeSet<String> = errors.iter().map(|error| error.file.clone()).collect();
            let mut reports = Vec::new();
            for (report, places) in found {
                let report = ReportDefinition { places, ..report };
                if !broken.contains(report.places.file()) {
                    errors.extend(report.check_itself());
                }
                reports.push(report);
            }
            Self { reports }
        })
    }
}

fn template(layers: &Layers, id: &str) -> Option<String> {
    layers.beside::<Templates>(TEMPLATES, &format!("{id}/main.typ"))
}

#[cfg(test)]
mod tests {
    use pujiang_definition::ROLES;

    use super::*;

    const MONTHLY: &str = include_str!("../../definitions/benefit_monthly.toml");

    /// Mistakes of these files, with the templates that are built in.
    fn errors(files: &[(&str, &str)]) -> Vec<DefinitionError> {
        let sources = Sources::texts(&REPORTS, files.iter().copied());
        let builtin = Layers::builtin();
        ReportDefinitions::read(&sources, |id| template(&builtin, id)).finished().expect_err("wrong")
    }

    fn lines(errors: &[DefinitionError]) -> Vec<String> {
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_built_in_definitions_load() {
        let reports = ReportDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        let monthly = reports.get("benefit_monthly").expect("there");
        assert_eq!(monthly.title, "社会优待月报");
        assert_eq!(monthly.overview().expect("one").indicators.len(), 16);
        assert_eq!(monthly.trend().expect("one").1, 13);
    }

    #[test]
    fn every_mistake_of_every_file_is_reported_with_its_place() {
        let broken = MONTHLY
            .replace("format = 1", "format = 2")
            .replace("schedule = \"0 0 8 1 * *\"", "schedule = \"every day\"")
            .replace("channels = [\"folder\", \"inbox\"]", "channels = []")
            .replace("timezone = \"Asia/Shanghai\"", "timezone = \"UTC\"")
            .replace("kind = \"map\"", "kind = \"globe\"")
            .replace("months = 13", "months = 99")
            .replace("{S1-U03.mom}", "{S1-U03.max}");
        let errors =
            errors(&[("benefit_monthly.toml", &broken), ("notes.txt", "x"), ("other.toml", "a = [")]);
        let shown = lines(&errors);
        let has = |start: &str, word: &str| {
            let start = format!("reports/definitions/{start}");
            assert!(
                shown.iter().any(|e| e.starts_with(&start) && e.contains(word)),
                "{start} {word}\n{}",
                shown.join("\n")
            )
        };
        has("benefit_monthly.toml:3:10: format:", "format = 1");
        has("benefit_monthly.toml:12:12: schedule:", "秒 分 时");
        has("benefit_monthly.toml:13:12: timezone:", "Asia/Shanghai");
        has("benefit_monthly.toml:17:12: channels:", "至少");
        has("benefit_monthly.toml:20:3: sentences[0]:", "max");
        has(
            "benefit_monthly.toml:",
            "chart[map].kind: 没有“globe”，可用的有 trend、ranking、composition、map",
        );
        has("benefit_monthly.toml:", "section[trend].months: 应在 2 到 25 之间");
        has("notes.txt:1:1:", "只放 .toml");
        has("other.toml:1:", "");
    }

    #[test]
    fn recipients_are_references_to_roles() {
        let text = MONTHLY.replace("\"district_clerk\"]", "\"boss\"]");
        let sources = Sources::texts(&REPORTS, [("benefit_monthly.toml", text.as_str())]);
        let loaded = ReportDefinitions::read(&sources, |id| template(&Layers::builtin(), id));
        let roles: Vec<String> = loaded
            .references
            .iter()
            .filter(|one| one.room == ROLES)
            .map(|one| format!("{} {}:{}:{}", one.id, one.place.key, one.place.line, one.place.col))
            .collect();
        assert_eq!(roles, ["city_analyst recipients[0]:15:15", "boss recipients[1]:15:31"]);
    }

    #[test]
    fn unknown_keys_missing_keys_and_a_wrong_id_are_mistakes() {
        let text = MONTHLY
            .replace("id = \"benefit_monthly\"\n", "id = \"other\"\ncolour = \"red\"\n")
            .replace("formats = [\"xlsx\", \"pdf\"]\n", "");
        let shown = lines(&errors(&[("benefit_monthly.toml", &text)]));
        for expected in [
            "reports/definitions/benefit_monthly.toml:4:6: id: 请写成文件名“benefit_monthly”",
            "reports/definitions/benefit_monthly.toml:5:1: colour: 没有这个键",
            "reports/definitions/benefit_monthly.toml:1:1: formats: 缺少此键",
        ] {
            assert!(shown.iter().any(|e| e.starts_with(expected)), "{expected}\n{}", shown.join("\n"));
        }
    }

    #[test]
    fn references_within_a_file_are_followed() {
        let text = MONTHLY
            .replace("id = \"trend_users\"", "id = \"trend_guests\"")
            .replace("section = \"mode\"", "section = \"modes\"")
            .replace("{S1-U08}", "{S1-B07}")
            .replace("id = \"holder\"", "id = \"category\"");
        let errors = errors(&[("benefit_monthly.toml", &text)]);
        for (key, word) in [
            ("chart[trend_guests].id", "没有用到"),
            ("chart[mode].section", "没有 kind = \"breakdown\""),
            ("sentences[2]", "没有 S1-B07"),
            ("section[category].id", "两次"),
        ] {
            let found = errors.iter().any(|e| e.key == key && e.message.contains(word) && e.line > 1);
            assert!(found, "{key} {word}: {errors:?}");
        }
    }

    #[test]
    fn there_is_one_section_of_months() {
        let first = "[[chart]]\nid = \"trend_count\"";
        let more = "[[section]]\nid = \"more\"\nkind = \"trend\"\ntitle = \"再\"\nsheet = \"再\"\nmonths = 3\nindicators = [\"S1-U03\"]\n";
        let text = MONTHLY.replace(first, &format!("{more}{first}"));
        let errors = errors(&[("benefit_monthly.toml", &text)]);
        let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(keys, ["section"], "{errors:?}");
    }

    #[test]
    fn a_pdf_needs_its_template() {
        let text = MONTHLY.replace("id = \"benefit_monthly\"", "id = \"quarterly\"");
        let errors = errors(&[("quarterly.toml", &text)]);
        assert!(
            errors.iter().any(|e| e.key == "formats" && e.message.contains("templates/quarterly/main.typ")),
            "{errors:?}"
        );
    }
}
