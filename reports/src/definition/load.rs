//! Loads all definitions with their templates, from the program itself or from a folder. All or nothing.

use std::path::Path;

use rust_embed::RustEmbed;

use super::{DefinitionError, ReportDefinitions, read};

#[derive(RustEmbed)]
#[folder = "definitions/"]
struct Definitions;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// One file as read: name and text.
type File = (String, Result<String, String>);

impl ReportDefinitions {
    /// The definitions compiled in.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        let text = |name: &str| {
            Definitions::get(name)
                .map(|file| String::from_utf8(file.data.into_owned()).map_err(|e| e.to_string()))
        };
        let files = Definitions::iter().filter_map(|name| Some((name.to_string(), text(&name)?)));
        Self::load(files.collect(), builtin_template)
    }

    /// The definitions of a folder. Templates lie beside it in `templates/<id>/main.typ`; where one is not there the
    /// built-in template of that id serves, so that a folder of definitions alone can be checked.
    ///
    /// # Errors
    /// Every mistake of every file, or that the folder cannot be read.
    pub fn load_from(dir: &Path) -> Result<Self, Vec<DefinitionError>> {
        let unreadable = |error: std::io::Error| {
            vec![file_error(
                &dir.display().to_string(),
                format!("cannot be read ({error}); give a folder of report definitions"),
            )]
        };
        let mut files: Vec<File> = vec![];
        for entry in std::fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((name, std::fs::read_to_string(&path).map_err(|e| e.to_string())));
        }
        let beside = dir.parent().map(|parent| parent.join("templates"));
        Self::load(files, |id| {
            let own =
                beside.as_ref().and_then(|dir| std::fs::read_to_string(dir.join(id).join("main.typ")).ok());
            own.or_else(|| builtin_template(id))
        })
    }

    fn load(
        mut files: Vec<File>,
        template: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<DefinitionError>> {
        files.sort();
        let (mut reports, mut errors) = (vec![], vec![]);
        for (name, text) in files {
            let read = match (name.strip_suffix(".toml"), text) {
                (None, _) => {
                    Err(vec![file_error(&name, "is no definition; only <id>.toml files belong here".into())])
                }
                (Some(_), Err(reason)) => Err(vec![file_error(&name, format!("cannot be read: {reason}"))]),
                (Some(id), Ok(text)) => read::read(&name, &text, template(id).as_deref()),
            };
            match read {
                Ok(report) => {
                    errors.extend(report.check_itself());
                    reports.push(report);
                }
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() {
            return Ok(Self { reports });
        }
        errors.sort();
        Err(errors)
    }
}

fn builtin_template(id: &str) -> Option<String> {
    let file = Templates::get(&format!("{id}/main.typ"))?;
    String::from_utf8(file.data.into_owned()).ok()
}

fn file_error(file: &str, message: String) -> DefinitionError {
    DefinitionError { file: file.to_owned(), line: 1, col: 1, key: String::new(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(files: &[(&str, &str)]) -> Result<ReportDefinitions, Vec<DefinitionError>> {
        let root = tempfile::tempdir().expect("a folder");
        let dir = root.path().join("definitions");
        std::fs::create_dir(&dir).expect("made");
        for (name, text) in files {
            std::fs::write(dir.join(name), text).expect("written");
        }
        ReportDefinitions::load_from(&dir)
    }

    const MONTHLY: &str = include_str!("../../definitions/benefit_monthly.toml");

    #[test]
    fn the_built_in_definitions_load() {
        let reports = ReportDefinitions::builtin().expect("correct");
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
            .replace("\"district_clerk\"]", "\"boss\"]")
            .replace("timezone = \"Asia/Shanghai\"", "timezone = \"UTC\"")
            .replace("kind = \"map\"", "kind = \"globe\"")
            .replace("months = 13", "months = 99")
            .replace("{S1-U03.mom}", "{S1-U03.max}");
        let errors = load(&[("benefit_monthly.toml", &broken), ("notes.txt", "x"), ("other.toml", "a = [")])
            .expect_err("wrong");
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let has = |start: &str, word: &str| {
            assert!(
                shown.iter().any(|e| e.starts_with(start) && e.contains(word)),
                "{start} {word}\n{}",
                shown.join("\n")
            )
        };
        has("benefit_monthly.toml:3:10: format:", "format 1");
        has("benefit_monthly.toml:12:12: schedule:", "second minute hour");
        has("benefit_monthly.toml:13:12: timezone:", "Asia/Shanghai");
        has("benefit_monthly.toml:15:31: recipients.1:", "“boss” is not known");
        has("benefit_monthly.toml:20:3: sentences.0:", "max");
        has("benefit_monthly.toml:", "trend, ranking, composition, map");
        has("benefit_monthly.toml:", "2 to 25");
        has("notes.txt:1:1:", "only <id>.toml");
        has("other.toml:1:", "");
    }

    #[test]
    fn unknown_keys_missing_keys_and_a_wrong_id_are_mistakes() {
        let text = MONTHLY
            .replace("id = \"benefit_monthly\"\n", "id = \"other\"\ncolour = \"red\"\n")
            .replace("formats = [\"xlsx\", \"pdf\"]\n", "");
        let shown: Vec<String> = load(&[("benefit_monthly.toml", &text)])
            .expect_err("wrong")
            .iter()
            .map(ToString::to_string)
            .collect();
        for expected in [
            "benefit_monthly.toml:4:6: id: write the name of the file, “benefit_monthly”",
            "benefit_monthly.toml:5:1: colour: unknown key",
        ] {
            assert!(shown.iter().any(|e| e.starts_with(expected)), "{expected}\n{}", shown.join("\n"));
        }
        assert!(shown.iter().any(|e| e.contains(": formats: is missing")), "{}", shown.join("\n"));
    }

    #[test]
    fn references_within_a_file_are_followed() {
        let text = MONTHLY
            .replace("id = \"trend_users\"", "id = \"trend_guests\"")
            .replace("section = \"mode\"", "section = \"modes\"")
            .replace("{S1-U08}", "{S1-B07}")
            .replace("id = \"holder\"", "id = \"category\"");
        let errors = load(&[("benefit_monthly.toml", &text)]).expect_err("wrong");
        for (key, word) in [
            ("chart.2.id", "does not show"),
            ("chart.6.section", "no breakdown section"),
            ("sentences.2", "does not list S1-B07"),
            ("section.3.id", "twice"),
        ] {
            let found = errors.iter().any(|e| e.key == key && e.message.contains(word) && e.line > 1);
            assert!(found, "{key} {word}: {errors:?}");
        }
    }

    #[test]
    fn a_pdf_needs_its_template() {
        let text = MONTHLY.replace("id = \"benefit_monthly\"", "id = \"quarterly\"");
        let errors = load(&[("quarterly.toml", &text)]).expect_err("wrong");
        assert!(
            errors.iter().any(|e| e.key == "formats" && e.message.contains("templates/quarterly/main.typ")),
            "{errors:?}"
        );
    }
}
