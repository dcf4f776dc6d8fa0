//! Reads feed files: all errors of all files in one report.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;
use toml::de::DeTable;

use super::{DefinitionError, FeedDef, FeedDefinitions, Source, file_feed, outbox_feed};
use pujiang_warehouse::section::{Report, Section};
use pujiang_warehouse::{Catalog, ColumnType};

#[derive(RustEmbed)]
#[folder = "feeds/"]
struct Builtin;

impl FeedDefinitions {
    /// The definitions built into the binary.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        let files = Builtin::iter()
            .filter_map(|name| {
                Some((name.to_string(), String::from_utf8_lossy(&Builtin::get(&name)?.data).into_owned()))
            })
            .collect();
        Self::from_files(files)
    }

    /// The definitions in a folder.
    pub fn load_from(dir: &Path) -> Result<Self, Vec<DefinitionError>> {
        let mut files = Vec::new();
        let mut errors = Vec::new();
        match std::fs::read_dir(dir) {
            Ok(entries) => {
                for path in entries.flatten().map(|e| e.path()) {
                    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                    match std::fs::read_to_string(&path) {
                        Ok(text) => files.push((name, text)),
                        Err(e) => errors.push(plain(&name, &format!("cannot be read: {e}"))),
                    }
                }
            }
            Err(e) => errors.push(plain(&dir.to_string_lossy(), &format!("the folder cannot be read: {e}"))),
        }
        match Self::from_files(files) {
            Ok(loaded) if errors.is_empty() => Ok(loaded),
            Ok(_) => Err(errors),
            Err(more) => {
                errors.extend(more);
                Err(errors)
            }
        }
    }

    pub(crate) fn from_files(mut files: Vec<(String, String)>) -> Result<Self, Vec<DefinitionError>> {
        files.sort();
        let mut feeds = BTreeMap::new();
        let mut errors = Vec::new();
        for (file, text) in &files {
            let Some(id) = file.strip_suffix(".toml") else {
                errors.push(plain(file, "only .toml definitions belong here; move this file"));
                continue;
            };
            let report = Report::new(file, text);
            let feed = parse(id, text, &report);
            errors.extend(report.into_errors());
            if let Some(feed) = feed {
                feeds.insert(id.to_owned(), Arc::new(feed));
            }
        }
        if errors.is_empty() { Ok(Self { feeds }) } else { Err(errors) }
    }

    /// Checks every table and column the feeds name against the lake's definitions.
    pub fn check_against(&self, catalog: &Catalog) -> Vec<DefinitionError> {
        let mut errors = Vec::new();
        for feed in self.feeds.values() {
            let mut wrong = |key: &str, named: &str, message: String| {
                let (line, col) = place(&feed.text, named);
                errors.push(DefinitionError {
                    file: format!("{}.toml", feed.id),
                    line,
                    col,
                    key: key.into(),
                    message,
                });
            };
            for (table, columns) in targets(&feed.source) {
                let Some(def) = catalog.table(table) else {
                    wrong(
                        "table",
                        table,
                        format!("the lake has no table {table}; add its definition or correct the name"),
                    );
                    continue;
                };
                for (column, kinds) in columns {
                    match def.column(column) {
                        None => wrong(
                            column,
                            column,
                            format!("table {table} has no column {column}; correct the name"),
                        ),
                        Some(c) if !kinds.iter().any(|k| same_kind(*k, c.kind)) => {
                            wrong(
                                column,
                                column,
                                format!("column {column} of table {table} has another type"),
                            );
                        }
                        Some(_) => {}
                    }
                }
                if let Source::Files(files) = &feed.source {
                    for column in file_feed::unfilled(files, def) {
                        let message = format!(
                            "table {table} needs {column} in every row; add a required column or a constant in `set`"
                        );
                        wrong(column, table, message);
                    }
                }
            }
        }
        errors
    }
}

/// Line and column where a quoted name first stands.
fn place(text: &str, named: &str) -> (usize, usize) {
    let Some(at) = text.find(&format!("\"{named}\"")) else { return (1, 1) };
    let before = &text[..at];
    (before.matches('\n').count() + 1, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
}

fn plain(file: &str, message: &str) -> DefinitionError {
    DefinitionError { file: file.into(), line: 1, col: 1, key: String::new(), message: message.into() }
}

fn same_kind(a: ColumnType, b: ColumnType) -> bool {
    a == b || matches!((a, b), (ColumnType::Decimal(..), ColumnType::Decimal(..)))
}

type Columns<'a> = Vec<(&'a str, Vec<ColumnType>)>;

fn targets(source: &Source) -> Vec<(&str, Columns<'_>)> {
    match source {
        Source::Files(feed) => vec![(feed.table.as_str(), file_feed::target_columns(feed))],
        Source::Outbox(feed) => {
            let any = || {
                vec![ColumnType::Text, ColumnType::Integer, ColumnType::Decimal(12, 2), ColumnType::Timestamp]
            };
            let mut all: Vec<(&str, Columns<'_>)> = feed
                .streams
                .iter()
                .map(|s| {
                    (
                        s.table.as_str(),
                        s.set
                            .keys()
                            .chain(s.from.keys())
                            .chain(s.place.iter().flat_map(|(column, time)| [column, time]))
                            .map(|c| (c.as_str(), any()))
                            .collect(),
                    )
                })
                .collect();
            all.push((feed.state_table.as_str(), Vec::new()));
            all
        }
    }
}

fn parse(id: &str, text: &str, report: &Report<'_>) -> Option<FeedDef> {
    let (document, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        for error in syntax {
            report.add(error.span().unwrap_or(0..0), "", error.message());
        }
        return None;
    }
    let root = Section::new(document.get_ref(), 0..0, report);
    if let Some(format) = root.required_integer("format").filter(|f| f.value != 1) {
        report.add(format.span, "format", "this program reads format 1");
    }
    let title = root.required_text("title");
    let description = root.required_text("description");
    let kind = root.required_text("kind");
    let source = match kind.as_ref().map(|k| k.value.as_str()) {
        Some("files") => file_feed::parse(id, &root).map(Box::new).map(Source::Files),
        Some("outbox") => outbox_feed::parse(&root).map(Source::Outbox),
        Some(other) => {
            let span = kind.as_ref().map(|k| k.span.clone()).unwrap_or_default();
            report.add(span, "kind", format!("`{other}` is unknown; use files or outbox"));
            return None;
        }
        None => return None,
    };
    root.finish();
    Some(FeedDef {
        id: id.to_owned(),
        title: title?.value,
        description: description?.value,
        source: source?,
        text: text.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_feeds_load_and_fit_the_lake() {
        let feeds = FeedDefinitions::builtin().expect("built-in feeds");
        let ids: Vec<&str> = feeds.feeds().map(|f| f.id.as_str()).collect();
        assert_eq!(ids, ["bank", "clearing", "hospital", "museum", "outbox", "tourism", "transit"]);
        let catalog = Catalog::builtin().expect("built-in tables");
        assert_eq!(feeds.check_against(&catalog), []);
    }

    fn check(text: &str, expected: &[(usize, &str)]) {
        let errors =
            FeedDefinitions::from_files(vec![("thing.toml".into(), text.into())]).err().unwrap_or_default();
        let got: Vec<(usize, &str)> = errors.iter().map(|e| (e.line, e.key.as_str())).collect();
        assert_eq!(got, expected, "{errors:#?}");
    }

    #[test]
    fn what_does_not_fit_the_lake_is_named() {
        let catalog = Catalog::builtin().expect("built-in tables");
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/feeds/bank.toml")).expect("feed");
        let check = |from: &str, to: &str, expected: &[&str]| {
            let changed = text.replacen(from, to, 1);
            let line = changed.find(to).map(|at| changed[..at].matches('\n').count() + 1);
            let feeds = FeedDefinitions::from_files(vec![("bank.toml".into(), changed)]).expect("feed");
            let errors = feeds.check_against(&catalog);
            assert_eq!(errors.iter().map(|e| e.key.as_str()).collect::<Vec<_>>(), expected, "{errors:?}");
            assert_eq!(errors.first().map(|e| e.line), line.filter(|_| !expected.is_empty()));
        };
        check("\"benefit_transaction\"", "\"no_table\"", &["table"]);
        check("name = \"merchant_code\"", "name = \"merchant\"", &["merchant"]);
        check("type = \"time\"\nrequired = true", "type = \"time\"\nrequired = true", &[]);
        check(
            "table = \"benefit_transaction\"\nkey = \"txn_no\"\nversion = \"record_version\"\ntime_zone = \"Asia/Shanghai\"\nset = { feed = \"bank\", state = \"confirmed\" }",
            "table = \"benefit_transaction\"\nkey = \"txn_no\"\nversion = \"record_version\"\ntime_zone = \"Asia/Shanghai\"\nset = { feed = \"bank\" }",
            &["state"],
        );
    }

    #[test]
    fn every_error_is_named_with_line_and_key() {
        let good = "format = 1\ntitle = \"t\"\ndescription = \"d\"\nkind = \"files\"\n[files]\ntype = \"csv\"\n[target]\ntable = \"x\"\nkey = \"id\"\n\
                    time_zone = \"UTC\"\n[[column]]\nname = \"id\"\ntitle = \"号\"\ntype = \"identifier\"\nrequired = true\n";
        check(good, &[]);
        check(
            "format = 2\nkind = \"file\"\n",
            &[(1, "title"), (1, "description"), (1, "format"), (2, "kind")],
        );
        check(&good.replace("\"csv\"", "\"cvs\"\nheader_dept = 3"), &[(6, "type"), (7, "header_dept")]);
        check(
            &good.replace("\"UTC\"", "8").replace("\"identifier\"", "\"money\""),
            &[(10, "time_zone"), (14, "type")],
        );
        check(&good.replace("key = \"id\"", "key = \"no\""), &[(9, "key")]);
        check(
            &good.replace("required = true", "required = \"yes\"\nalias = []"),
            &[(9, "key"), (15, "required"), (16, "alias")],
        );
        let again = |name: &str| {
            format!(
                "{good}[[column]]\nname = \"{name}\"\ntitle = \"另\"\ntype = \"text\"\naliases = [\"号\"]\n"
            )
        };
        check(&again("id"), &[(17, "name")]);
        check(&again("other"), &[(20, "aliases")]);
        check(&format!("{good}[[rule]]\nkind = \"non_negative\"\ncolumns = [\"id\"]\n"), &[(18, "columns")]);
        check(
            &format!("{good}[[rule]]\nkind = \"difference\"\n"),
            &[(16, "whole"), (16, "minus"), (16, "equals")],
        );
        check("format = 1\ntitle = \n", &[(2, "")]);
        let time = "[[column]]\nname = \"at\"\ntitle = \"时间\"\ntype = \"time\"\n";
        let district = "[[column]]\nname = \"d\"\ntitle = \"区\"\ntype = \"district\"\n";
        let place = |column: &str| {
            good.replace(
                "\"UTC\"\n",
                &format!("\"UTC\"\nplace = {{ column = \"place_code\", time = \"{column}\" }}\n"),
            )
        };
        check(&format!("{}{time}{district}", place("at")), &[]);
        check(&format!("{}{time}", place("at")), &[(11, "place")]);
        check(&format!("{}{time}{district}", place("id")), &[(11, "place")]);
    }
}
