//! The `[[check]]`s of a resource file: rules over several of its fields.

use indexmap::IndexMap;
use pujiang_definition::{At, Section};

use super::{Check, FieldDef, FieldKind, Rule};

pub(super) fn checks(top: &Section<'_>, fields: &IndexMap<String, FieldDef>) -> Vec<Check> {
    top.tables("check").iter().filter_map(|section| check(section, fields)).collect()
}

fn check(section: &Section<'_>, fields: &IndexMap<String, FieldDef>) -> Option<Check> {
    let id = section.required_text("id");
    let field = section.required_text("field");
    let rule = section.required_text("rule");
    let message = section.required_text("message");
    section.finish();
    if let Some(field) = &field
        && !fields.contains_key(&field.value)
    {
        section.wrong_at(field, format!("没有字段“{}”", field.value));
    }
    let rule = rule.and_then(|text| parsed(section, &text, fields));
    Some(Check { id: id?.value, field: field?.value, rule: rule?, message: message?.value })
}

fn parsed(section: &Section<'_>, text: &At<String>, fields: &IndexMap<String, FieldDef>) -> Option<Rule> {
    let rule = match Rule::parse(&text.value) {
        Ok(rule) => rule,
        Err(reason) => {
            section.wrong_at(text, reason);
            return None;
        }
    };
    let mut sorts = Vec::new();
    for name in rule.fields() {
        match fields.get(name).and_then(sort) {
            Some(sort) => sorts.push(sort),
            None => section.wrong_at(text, format!("“{name}”不是本资源未加密的数字、date 或 timestamp 字段")),
        }
    }
    let single = rule.left.len() == 1 && rule.right.len() == 1;
    if sorts.windows(2).any(|pair| pair[0] != pair[1])
        || (!single && sorts.iter().any(|sort| *sort != "number"))
    {
        section.wrong_at(text, "两边须是同类字段，日期和时间不能加减");
    }
    Some(rule)
}

/// What a field is compared as in a rule.
fn sort(field: &FieldDef) -> Option<&'static str> {
    match &field.kind {
        _ if field.is_encrypted() => None,
        FieldKind::Date => Some("date"),
        FieldKind::Timestamp => Some("timestamp"),
        kind if kind.is_number() => Some("number"),
        _ => None,
    }
}
