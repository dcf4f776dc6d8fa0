//! Checks feeds against the tables of the lake: every column a feed fills exists with a type that fits, and every column
//! that may not be empty is filled. A table that is not there at all is found where all references are followed.

use pujiang_warehouse::{Catalog, ColumnType, DISTRICT_COLUMN, TableDef};

use super::{DefinitionError, FeedDef, FeedDefinitions, FieldKind, FileFeed, Source, Stream};
use crate::rows::LOADED_AT;

/// A column of the lake that a feed fills.
struct Filled<'a> {
    /// The key that names the column.
    named: String,
    /// The key that says what is in it.
    typed: String,
    column: &'a str,
    fits: fn(ColumnType) -> bool,
}

impl FeedDefinitions {
    /// Every column that does not fit; empty when all do.
    #[must_use]
    pub fn check_against(&self, catalog: &Catalog) -> Vec<DefinitionError> {
        self.feeds.values().flat_map(|feed| check_one(feed, catalog)).collect()
    }
}

fn check_one(feed: &FeedDef, catalog: &Catalog) -> Vec<DefinitionError> {
    let mut errors = Vec::new();
    match &feed.source {
        Source::Files(files) => {
            let Some(table) = catalog.table(&files.table) else { return errors };
            errors.extend(unfit(feed, table, of_files(files)));
            errors.extend(unfilled(files, table).into_iter().map(|column| {
                let message = format!(
                    "数据表“{}”的每一行都要有“{column}”，请加一个必填的列，或在 set 中写明固定值",
                    table.id
                );
                feed.places.error("target.table", message)
            }));
        }
        Source::Outbox(outbox) => {
            for stream in &outbox.streams {
                let Some(table) = catalog.table(&stream.table) else { continue };
                errors.extend(unfit(feed, table, of_stream(stream)));
            }
        }
    }
    errors
}

/// The columns that the table does not have, or has with another type.
fn unfit(feed: &FeedDef, table: &TableDef, filled: Vec<Filled<'_>>) -> Vec<DefinitionError> {
    let wrong = |one: Filled<'_>| match table.column(one.column) {
        None => {
            let message = format!("数据表“{}”没有列“{}”，请改成表中的列", table.id, one.column);
            Some(feed.places.error(&one.named, message))
        }
        Some(column) if !(one.fits)(column.kind) => {
            let message = format!("数据表“{}”的列“{}”是另一种类型，请改类型或换一列", table.id, one.column);
            Some(feed.places.error(&one.typed, message))
        }
        Some(_) => None,
    };
    filled.into_iter().filter_map(wrong).collect()
}

/// Columns a feed of files fills.
fn of_files(feed: &FileFeed) -> Vec<Filled<'_>> {
    let mut columns = Vec::new();
    for field in &feed.fields {
        let Some(fits) = fitting(field.kind) else { continue };
        let key = |key: &str| format!("column[{}].{key}", field.name);
        columns.push(Filled { named: key("name"), typed: key("type"), column: &field.name, fits });
        columns.extend(field.protect.as_ref().map(|protect| constant(key("protect.token"), &protect.token)));
    }
    columns.extend(feed.set.keys().map(|column| constant("target.set".into(), column)));
    columns.extend(feed.place.as_ref().map(|place| constant("target.place.column".into(), &place.column)));
    columns
}

/// Columns that take the values of a field; operation and coordinates take none.
fn fitting(kind: FieldKind) -> Option<fn(ColumnType) -> bool> {
    let fits: fn(ColumnType) -> bool = match kind {
        FieldKind::Identifier | FieldKind::Text | FieldKind::Code | FieldKind::District => is_text,
        FieldKind::Amount => |kind| matches!(kind, ColumnType::Decimal(..)),
        FieldKind::Integer => |kind| kind == ColumnType::Integer,
        FieldKind::Time => |kind| matches!(kind, ColumnType::Timestamp | ColumnType::Date),
        FieldKind::Operation | FieldKind::Longitude | FieldKind::Latitude => return None,
    };
    Some(fits)
}

fn is_text(kind: ColumnType) -> bool {
    kind == ColumnType::Text
}

/// A column that takes the text one key says.
fn constant(key: String, column: &str) -> Filled<'_> {
    Filled { named: key.clone(), typed: key, column, fits: is_text }
}

/// Columns that the file names for a stream of the outbox; what else is in its table follows from the resource.
fn of_stream(stream: &Stream) -> Vec<Filled<'_>> {
    let fits: fn(ColumnType) -> bool = |kind| !matches!(kind, ColumnType::Date | ColumnType::Boolean);
    let filled = |key: &str, column| {
        let key = format!("{}.{key}", stream.key);
        Filled { named: key.clone(), typed: key, column, fits }
    };
    let mut columns: Vec<Filled<'_>> = stream.set.keys().map(|column| filled("set", column)).collect();
    if let Some((column, time)) = &stream.place {
        columns.extend([filled("place.column", column), filled("place.time", time)]);
    }
    columns
}

/// Columns of the table that may not be null and that a row of this feed may leave empty.
fn unfilled<'a>(feed: &FileFeed, table: &'a TableDef) -> Vec<&'a str> {
    let filled = |column: &str| {
        column == table.key
            || table.version.as_deref() == Some(column)
            || matches!(column, DISTRICT_COLUMN | LOADED_AT)
            || feed.set.contains_key(column)
            || feed.fields.iter().any(|f| {
                let own = f.name == column || f.protect.as_ref().is_some_and(|p| p.token == column);
                own && (f.default.is_some() || f.required && !f.column_optional)
            })
    };
    table.columns.iter().filter(|c| !c.nullable && !filled(&c.name)).map(|c| c.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pujiang_definition::{FEEDS, Known, LakeForms, Layers, Loaded, Sources, TABLES};
    use pujiang_transactional::Definitions;

    use super::*;

    fn text(name: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/feeds/");
        std::fs::read_to_string(format!("{folder}{name}.toml")).expect("feed")
    }

    fn lake() -> (LakeForms, Loaded<Arc<Catalog>>) {
        let forms = Definitions::builtin().expect("built-in resources").lake_forms();
        let tables = Catalog::load(&Layers::builtin(), &forms);
        (forms, tables)
    }

    fn reading(text: &str) -> Loaded<FeedDefinitions> {
        FeedDefinitions::read(&Sources::texts(&FEEDS, [("thing.toml", text)]))
    }

    /// Line of the first place where this stands.
    fn line(text: &str, part: &str) -> usize {
        text[..text.find(part).expect("there")].matches('\n').count() + 1
    }

    fn lines_and_keys(errors: &[DefinitionError]) -> Vec<(usize, &str)> {
        errors.iter().map(|e| (e.line, e.key.as_str())).collect()
    }

    #[test]
    fn builtin_feeds_fit_the_lake() {
        let feeds = FeedDefinitions::load(&Layers::builtin());
        let (forms, tables) = lake();
        let mut known = Known::default();
        known.add(&TABLES, &tables.ids);
        assert_eq!(known.dangling(&feeds.references).collect::<Vec<_>>(), []);
        let (feeds, errors) = feeds.definitions.streamed(&forms, &tables.definitions);
        assert_eq!((feeds.check_against(&tables.definitions), errors), (vec![], vec![]));
    }

    #[test]
    fn what_does_not_fit_the_lake_is_named() {
        let catalog = lake().1.finished().expect("built-in tables");
        let bank = text("bank").replace("feed = \"bank\"", "feed = \"thing\"");
        let check = |from: &str, to: &str, expected: &[&str]| {
            assert!(bank.contains(from), "{from}");
            let changed = bank.replacen(from, to, 1);
            let feeds = reading(&changed).finished().expect("feed");
            let errors = feeds.check_against(&catalog);
            let expected: Vec<(usize, &str)> =
                expected.iter().map(|key| (line(&changed, to), *key)).collect();
            assert_eq!(lines_and_keys(&errors), expected, "{errors:?}");
        };
        check("name = \"merchant_code\"", "name = \"merchant\"", &["column[merchant].name"]);
        check("type = \"time\"\nrequired = true", "type = \"time\"\nrequired = true", &[]);
        check(
            "table = \"benefit_transaction\"\nkey = \"txn_no\"\nversion = \"record_version\"\ntime_zone = \"Asia/Shanghai\"\nset = { feed = \"thing\", state = \"confirmed\" }",
            "table = \"benefit_transaction\"\nkey = \"txn_no\"\nversion = \"record_version\"\ntime_zone = \"Asia/Shanghai\"\nset = { feed = \"thing\" }",
            &["target.table"],
        );
        check("set = { feed", "set = { colour = \"red\", feed", &["target.set"]);
        check("column = \"place_code\"", "column = \"place\"", &["target.place.column"]);
        check("token = \"card_token\"", "token = \"card\"", &["column[card_no].protect.token"]);
        check(
            "type = \"identifier\"\nrequired = true\naliases = [\n  \"统一",
            "type = \"integer\"\nrequired = true\naliases = [\n  \"统一",
            &["column[merchant_code].type"],
        );
    }

    #[test]
    fn a_table_that_is_not_there_is_a_reference_that_leads_nowhere() {
        let (_, tables) = lake();
        let mut known = Known::default();
        known.add(&TABLES, &tables.ids);
        let changed = text("bank").replacen("\"benefit_transaction\"", "\"no_table\"", 1);
        let loaded = reading(&changed);
        let errors: Vec<DefinitionError> = known.dangling(&loaded.references).collect();
        assert_eq!(lines_and_keys(&errors), [(line(&changed, "\"no_table\""), "target.table")]);
        assert_eq!(loaded.definitions.check_against(&tables.definitions), []);
    }

    #[test]
    fn what_a_stream_names_is_in_its_table() {
        let (forms, tables) = lake();
        let catalog = tables.finished().expect("built-in tables");
        let changed = text("outbox").replacen("{ feed =", "{ fed =", 1).replacen(
            "time = \"pay_time\"",
            "time = \"paid\"",
            1,
        );
        let (feeds, unfilled) = reading(&changed).finished().expect("feed").streamed(&forms, &catalog);
        let errors = feeds.check_against(&catalog);
        assert_eq!(
            lines_and_keys(&errors),
            [
                (line(&changed, "{ fed ="), "stream[1].set"),
                (line(&changed, "\"paid\""), "stream[1].place.time"),
            ]
        );
        // What the constant filled is empty now.
        assert_eq!(unfilled.len(), 1, "{unfilled:?}");
        assert!(unfilled[0].file.ends_with("/benefit_transaction.toml"), "{unfilled:?}");
    }
}
