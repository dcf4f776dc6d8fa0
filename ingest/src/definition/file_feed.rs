//! Reads the parts of a feed file that describe files: format, target, columns, rules.

use pujiang_warehouse::{ColumnType, DISTRICT_COLUMN, TableDef};

use super::file_field::fields;
use super::{FieldDef, FieldKind, FileFeed, PlaceDef, Roles, Rule};
use crate::format::{Encoding, FORMATS, FormatOptions, format};
use crate::rows::LOADED_AT;
use crate::value::Zone;
use pujiang_warehouse::section::{At, Section};

const DEFAULT_DEPTH: i64 = 20;
const DEFAULT_TOLERANCE: i64 = 10;

pub(super) fn parse(id: &str, root: &Section<'_, '_>) -> Option<FileFeed> {
    let report = root.report();
    let files = root.section("files");
    let target = root.section("target");
    let fields = fields(root);
    let mut roles = roles(&fields);
    let rules = root.sections("rule").into_iter().flat_map(|s| rule(s, &fields)).collect();

    let (mut kind, mut options, mut depth) = (None, FormatOptions::default(), DEFAULT_DEPTH);
    if let Some(files) = files {
        kind = files.required_text("type").and_then(|t| {
            let found = format(&t.value);
            if found.is_none() {
                let known: Vec<&str> = FORMATS.iter().map(|f| f.id()).collect();
                report.add(
                    t.span,
                    "type",
                    format!("`{}` is unknown; use one of {}", t.value, known.join(", ")),
                );
            }
            found
        });
        options = format_options(&files);
        if let Some(given) = files.integer("header_depth") {
            depth = given.value;
            if !(1..=100).contains(&depth) {
                report.add(given.span, "header_depth", "must be between 1 and 100");
            }
        }
        files.finish();
    }
    let target = target?;
    let table = target.required_text("table");
    let zone = target.required_text("time_zone").and_then(|z| match z.value.as_str() {
        "Asia/Shanghai" => Some(Zone::Shanghai),
        "UTC" => Some(Zone::Utc),
        other => {
            report.add(z.span, "time_zone", format!("`{other}` is unknown; use Asia/Shanghai or UTC"));
            None
        }
    });
    let key = target.required_text("key");
    if let Some(key) = key {
        match fields.iter().position(|f| f.name == key.value && f.kind == FieldKind::Identifier && f.required)
        {
            Some(at) => roles.key = at,
            None => report.add(
                key.span,
                "key",
                format!("{} must be a required column of type identifier", key.value),
            ),
        }
    }
    if let Some(version) = target.text("version") {
        roles.version = fields.iter().position(|f| f.name == version.value && f.kind == FieldKind::Integer);
        if roles.version.is_none() {
            report.add(
                version.span,
                "version",
                format!("{} must be a column of type integer", version.value),
            );
        }
    }
    let set: Option<At<Vec<(String, String)>>> = target.pairs("set");
    if let Some(set) = &set {
        for (name, value) in &set.value {
            if fields.iter().any(|f| &f.name == name) {
                report.add(set.span.clone(), "set", format!("{name} is also a column; keep one of the two"));
            }
            if name == "feed" && value != id {
                report.add(set.span.clone(), "set", format!("feed must be the id of this file, {id}"));
            }
        }
    }
    let place = place(&target, &fields);
    target.finish();
    Some(FileFeed {
        format: kind?,
        options,
        header_depth: usize::try_from(depth).ok()?,
        table: table?.value,
        zone: zone?,
        set: set.map(|s| s.value.into_iter().collect()).unwrap_or_default(),
        place,
        fields,
        roles,
        rules,
    })
}

/// `place = { column = "place_code", time = "pay_time" }`.
fn place(target: &Section<'_, '_>, fields: &[FieldDef]) -> Option<PlaceDef> {
    let given = target.pairs("place")?;
    let time = pair(&given.value, ["column", "time"]).and_then(|[column, time]| {
        let at = fields.iter().position(|f| f.name == time && f.kind == FieldKind::Time)?;
        Some(PlaceDef { column, time: at })
    });
    if time.is_none() || !fields.iter().any(|f| f.kind == FieldKind::District) {
        let message = "has exactly column and time, the time being a column of type time of a feed with a district: { column = \"place_code\", time = \"pay_time\" }";
        target.report().add(given.span, "place", message);
    }
    time
}

/// The values of exactly these two keys.
pub(super) fn pair(given: &[(String, String)], keys: [&str; 2]) -> Option<[String; 2]> {
    let get = |key: &str| given.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    (given.len() == 2).then(|| Some([get(keys[0])?, get(keys[1])?])).flatten()
}

fn format_options(files: &Section<'_, '_>) -> FormatOptions {
    let report = files.report();
    let encoding = files.text("encoding").filter(|e| e.value != "auto").and_then(|e| {
        let found = Encoding::parse(&e.value);
        if found.is_none() {
            report.add(e.span, "encoding", format!("`{}` is unknown; use auto, utf-8 or gb18030", e.value));
        }
        found
    });
    let delimiter =
        files.text("delimiter").filter(|d| d.value != "auto").and_then(|d| match d.value.as_str() {
            "," => Some(','),
            ";" => Some(';'),
            "\t" => Some('\t'),
            "|" => Some('|'),
            _ => {
                report.add(d.span, "delimiter", "use auto or one of , ; | and tab (\"\\t\")");
                None
            }
        });
    FormatOptions { encoding, delimiter, sheet: files.text("sheet").map(|s| s.value) }
}

fn roles(fields: &[FieldDef]) -> Roles {
    let of = |kind| fields.iter().position(|f| f.kind == kind);
    Roles {
        key: 0,
        version: None,
        operation: of(FieldKind::Operation),
        district: of(FieldKind::District),
        longitude: of(FieldKind::Longitude),
        latitude: of(FieldKind::Latitude),
    }
}

fn rule(section: Section<'_, '_>, fields: &[FieldDef]) -> Vec<Rule> {
    let report = section.report();
    let find = |name: &At<String>, key: &str, kind: FieldKind| {
        let found = fields.iter().position(|f| f.name == name.value && f.kind == kind);
        if found.is_none() {
            report.add(
                name.span.clone(),
                key,
                format!("{} is no column of the type this rule needs", name.value),
            );
        }
        found
    };
    let one = |key: &'static str, kind| section.required_text(key).and_then(|name| find(&name, key, kind));
    let kind = section.required_text("kind");
    let rules = match kind.as_ref().map(|k| k.value.as_str()) {
        Some("non_negative") => {
            let columns = section.texts("columns");
            if columns.is_none() {
                report.add(section.span(), "columns", "is missing; list the amount columns");
            }
            let columns = columns
                .map(|c| c.value.into_iter().map(|value| At { value, span: c.span.clone() }).collect());
            let columns: Vec<At<String>> = columns.unwrap_or_default();
            columns
                .iter()
                .filter_map(|c| find(c, "columns", FieldKind::Amount))
                .map(Rule::NonNegative)
                .collect()
        }
        Some("not_in_future") => {
            let tolerance_minutes =
                section.integer("tolerance_minutes").map_or(DEFAULT_TOLERANCE, |t| t.value);
            one("column", FieldKind::Time)
                .map(|field| Rule::NotInFuture { field, tolerance_minutes })
                .into_iter()
                .collect()
        }
        Some("difference") => {
            let parts = (
                one("whole", FieldKind::Amount),
                one("minus", FieldKind::Amount),
                one("equals", FieldKind::Amount),
            );
            match parts {
                (Some(whole), Some(minus), Some(equals)) => vec![Rule::Difference { whole, minus, equals }],
                _ => Vec::new(),
            }
        }
        Some(other) => {
            let span = kind.as_ref().map(|k| k.span.clone()).unwrap_or_default();
            report.add(
                span,
                "kind",
                format!("`{other}` is unknown; use non_negative, not_in_future or difference"),
            );
            return Vec::new();
        }
        None => Vec::new(),
    };
    section.finish();
    rules
}

/// Columns of the lake table this feed fills, with the types that fit.
pub(super) fn target_columns(feed: &FileFeed) -> Vec<(&str, Vec<ColumnType>)> {
    let mut columns: Vec<(&str, Vec<ColumnType>)> = Vec::new();
    for field in &feed.fields {
        let kinds = match field.kind {
            FieldKind::Identifier | FieldKind::Text | FieldKind::Code | FieldKind::District => {
                vec![ColumnType::Text]
            }
            FieldKind::Amount => vec![ColumnType::Decimal(12, 2)],
            FieldKind::Integer => vec![ColumnType::Integer],
            FieldKind::Time => vec![ColumnType::Timestamp, ColumnType::Date],
            FieldKind::Operation | FieldKind::Longitude | FieldKind::Latitude => continue,
        };
        columns.push((&field.name, kinds));
        columns.extend(field.protect.as_ref().map(|p| (p.token.as_str(), vec![ColumnType::Text])));
    }
    columns.extend(feed.set.keys().map(|c| (c.as_str(), vec![ColumnType::Text])));
    columns.extend(feed.place.as_ref().map(|place| (place.column.as_str(), vec![ColumnType::Text])));
    columns
}

/// Columns of the table that may not be null and that a row of this feed may leave empty.
pub(super) fn unfilled<'a>(feed: &FileFeed, table: &'a TableDef) -> Vec<&'a str> {
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
