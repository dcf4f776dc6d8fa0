//! Reads the parts of a feed file that describe files: format, target, columns, rules.

use indexmap::IndexMap;
use pujiang_warehouse::{ColumnType, DISTRICT_COLUMN, TableDef};

use super::{FieldDef, FieldKind, FileFeed, PlaceDef, Protect, Roles, Rule};
use crate::format::{Encoding, FORMATS, FormatOptions, format};
use crate::mapping::title::normalise;
use crate::rows::LOADED_AT;
use crate::value::{CodeList, Zone};
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

fn fields(root: &Section<'_, '_>) -> Vec<FieldDef> {
    let report = root.report();
    let mut fields: Vec<FieldDef> = Vec::new();
    let mut taken: IndexMap<(bool, String), String> = IndexMap::new();
    let sections = root.sections("column");
    if sections.is_empty() {
        report.add(root.span(), "column", "is missing; describe each column in a [[column]] table");
    }
    for section in sections {
        let aliases = section.texts("aliases");
        let fallback = section.texts("fallback");
        let (alias_span, fallback_span) = (span(&aliases, &section), span(&fallback, &section));
        let name = section.required_text("name");
        let title = section.required_text("title");
        let kind = section.required_text("type").and_then(|k| {
            let found = field_kind(&k.value);
            if found.is_none() {
                let message = format!(
                    "`{}` is no type; use identifier, text, amount, integer, time, code, district, operation, longitude or latitude",
                    k.value
                );
                report.add(k.span, "type", message);
            }
            found
        });
        let codes = codes(&section, kind);
        let protect = protect(&section, kind);
        let (required, column_optional) = (section.boolean("required"), section.boolean("column_optional"));
        let default = section.text("default");
        if let (Some(given), Some(FieldKind::Code | FieldKind::Operation)) = (&default, kind)
            && codes.get(&given.value).is_none()
        {
            report.add(given.span.clone(), "default", format!("{} is not among the codes", given.value));
        }
        section.finish();
        let (Some(name), Some(title)) = (name, title) else { continue };
        // A wrong type is reported once; the column stays so that what names it is not reported too.
        let kind = kind.unwrap_or(FieldKind::Identifier);
        if fields.iter().any(|f| f.name == name.value) {
            report.add(name.span.clone(), "name", format!("column {} is declared twice", name.value));
        }
        let mut own = vec![title.value.clone()];
        let mut aliases = aliases.map(|a| a.value).unwrap_or_default();
        let mut fallback = fallback.map(|a| a.value).unwrap_or_default();
        // Name and code of a district often stand side by side and say the same: no ambiguity.
        let side = if kind == FieldKind::District { &mut fallback } else { &mut own };
        side.push(name.value.clone());
        let mut names =
            |words: Vec<String>, strong: bool, key: &str, span: std::ops::Range<usize>| -> Vec<String> {
                let mut list: Vec<String> = Vec::new();
                for word in words {
                    let word = normalise(&word).name;
                    if list.contains(&word) {
                        continue;
                    }
                    match taken.insert((strong, word.clone()), name.value.clone()) {
                        Some(other) if other != name.value => {
                            report.add(
                                span.clone(),
                                key,
                                format!("header {word} already belongs to column {other}"),
                            );
                        }
                        _ => list.push(word),
                    }
                }
                list
            };
        own.append(&mut aliases);
        fields.push(FieldDef {
            aliases: names(own, true, "aliases", alias_span),
            fallback: names(fallback, false, "fallback", fallback_span),
            name: name.value,
            title: title.value,
            kind,
            required,
            column_optional,
            default: default.map(|d| d.value),
            codes,
            protect,
        });
    }
    fields
}

fn span<T>(value: &Option<At<T>>, section: &Section<'_, '_>) -> std::ops::Range<usize> {
    value.as_ref().map_or_else(|| section.span(), |v| v.span.clone())
}

fn field_kind(text: &str) -> Option<FieldKind> {
    Some(match text {
        "identifier" => FieldKind::Identifier,
        "text" => FieldKind::Text,
        "amount" => FieldKind::Amount,
        "integer" => FieldKind::Integer,
        "time" => FieldKind::Time,
        "code" => FieldKind::Code,
        "district" => FieldKind::District,
        "operation" => FieldKind::Operation,
        "longitude" => FieldKind::Longitude,
        "latitude" => FieldKind::Latitude,
        _ => return None,
    })
}

fn codes(section: &Section<'_, '_>, kind: Option<FieldKind>) -> CodeList {
    let report = section.report();
    let given = section.lists("codes");
    let mut list = CodeList::default();
    let wanted = matches!(kind, Some(FieldKind::Code | FieldKind::Operation));
    match &given {
        None if wanted => {
            report.add(section.span(), "codes", "is missing; list the codes: codes = { 文旅 = [\"旅游\"] }")
        }
        Some(codes) if !wanted => {
            report.add(codes.span.clone(), "codes", "only columns of type code or operation have codes")
        }
        _ => {}
    }
    for (value, names) in given.iter().flat_map(|g| &g.value) {
        let at = given.as_ref().map(|g| g.span.clone()).unwrap_or_default();
        if kind == Some(FieldKind::Operation) && !matches!(value.as_str(), "upsert" | "delete") {
            report.add(at.clone(), "codes", format!("`{value}` is no operation; use upsert and delete"));
        }
        for name in std::iter::once(value).chain(names) {
            if !list.add(name, value) {
                report.add(at.clone(), "codes", format!("{name} stands for two codes"));
            }
        }
    }
    list
}

fn protect(section: &Section<'_, '_>, kind: Option<FieldKind>) -> Option<Protect> {
    let given = section.pairs("protect")?;
    let get = |key: &str| given.value.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let unknown = given.value.iter().any(|(k, _)| k != "domain" && k != "token");
    match (get("domain"), get("token")) {
        (Some(domain), Some(token)) if !unknown && kind == Some(FieldKind::Identifier) => {
            Some(Protect { domain, token })
        }
        _ => {
            let message = "belongs to an identifier and has exactly domain and token: { domain = \"card_no\", token = \"card_token\" }";
            section.report().add(given.span, "protect", message);
            None
        }
    }
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
