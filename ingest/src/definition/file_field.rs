//! Reads the columns of a feed file: names, titles, types, codes, what is protected.

use indexmap::IndexMap;
use pujiang_warehouse::section::{At, Section};

use super::{FieldDef, FieldKind, Protect};
use crate::mapping::title::normalise;
use crate::value::{CodeList, Letters};

/// The columns in the order of the file.
pub(super) fn fields(root: &Section<'_, '_>) -> Vec<FieldDef> {
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
        let letters = letters(&section, kind);
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
            letters,
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

fn letters(section: &Section<'_, '_>, kind: Option<FieldKind>) -> Letters {
    let Some(given) = section.text("letters") else { return Letters::default() };
    match given.value.as_str() {
        "folded" if kind == Some(FieldKind::Identifier) => Letters::Folded,
        "kept" if kind == Some(FieldKind::Identifier) => Letters::Kept,
        _ => {
            let message = "belongs to an identifier: folded (small letters are capitals) or kept (the partner tells them apart)";
            section.report().add(given.span, "letters", message);
            Letters::default()
        }
    }
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
