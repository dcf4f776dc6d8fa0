//! A request body against a resource: unknown and read-only keys, values, defaults, required fields.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use super::value::{Value, parse, parse_text};
use crate::clock::Moment;
use crate::definition::{DefaultValue, FieldDef, FieldKind, ResourceDef};
use crate::error::FieldError;

/// Plain values by field; `None` empties a field.
pub(crate) type Draft = IndexMap<String, Option<Value>>;

/// Reads the body of a creation.
pub(crate) fn read_create(
    def: &ResourceDef,
    body: &Map<String, Json>,
    now: Moment,
    errors: &mut Vec<FieldError>,
) -> Draft {
    let mut draft = Draft::new();
    for (key, json) in body {
        match def.field(key) {
            Some(field) if field.readonly => {
                // Forms send back what they show: an empty read-only field is no attempt to set it.
                if !is_empty(json) {
                    errors.push(readonly(field));
                }
            }
            Some(field) => take(field, json, now, &mut draft, errors),
            None => errors.push(unknown(def, key)),
        }
    }
    draft
}

/// Reads the body of a change. `shown` is the record as the caller last saw it: what comes back unchanged (a mask, a
/// read-only field) is no change.
pub(crate) fn read_patch(
    def: &ResourceDef,
    body: &Map<String, Json>,
    shown: &Map<String, Json>,
    now: Moment,
    errors: &mut Vec<FieldError>,
) -> Draft {
    let mut draft = Draft::new();
    for (key, json) in body {
        let unchanged = shown.get(key).is_some_and(|s| s == json);
        match def.field(key) {
            _ if unchanged => {}
            Some(field) if field.readonly => errors.push(readonly(field)),
            Some(field) => take(field, json, now, &mut draft, errors),
            None if shown.contains_key(key) => {
                errors.push(FieldError::new(key, "readonly", format!("“{key}”由系统填写，不能修改")));
            }
            None => errors.push(unknown(def, key)),
        }
    }
    for (name, value) in &draft {
        if value.is_none() && def.field(name).is_some_and(|f| f.required && f.copy.is_none()) {
            errors.extend(def.field(name).map(missing));
        }
    }
    draft
}

/// Fields that a body sets to something else than what the caller last saw, whether or not the value is a good one.
pub(crate) fn attempted<'d>(
    def: &'d ResourceDef,
    body: &Map<String, Json>,
    shown: &Map<String, Json>,
) -> Vec<&'d FieldDef> {
    let differs = |field: &&FieldDef| {
        let empty = shown.get(&field.name).is_none_or(Json::is_null);
        body.get(&field.name)
            .is_some_and(|new| shown.get(&field.name) != Some(new) && !(empty && is_empty(new)))
    };
    def.fields.values().filter(|f| !f.readonly).filter(differs).collect()
}

/// Fills what was left empty and has a default.
pub(crate) fn defaults(def: &ResourceDef, draft: &mut Draft, now: Moment) {
    for field in def.fields.values() {
        let Some(default) = &field.default else { continue };
        if draft.get(&field.name).is_some_and(Option::is_some) {
            continue;
        }
        let value = match (default, &field.kind) {
            (DefaultValue::Now, FieldKind::Date) => Some(Value::Date(now.date_naive())),
            (DefaultValue::Now, _) => Some(Value::Timestamp(now)),
            (DefaultValue::Fixed(text), _) => parse_text(field, text).ok().flatten(),
            (DefaultValue::Generated(prefix), _) => Some(Value::Text(generated(prefix, now))),
        };
        draft.insert(field.name.clone(), value);
    }
}

/// Reports required fields that have no value yet and no error of their own.
pub(crate) fn require(def: &ResourceDef, draft: &Draft, errors: &mut Vec<FieldError>) {
    for field in def.fields.values().filter(|f| f.required) {
        let empty = draft.get(&field.name).is_none_or(Option::is_none);
        // A value copied through a reference is missing because the reference is: one error is enough.
        let follows = field.copy.as_ref().map(|c| c.via.as_str());
        let told = errors.iter().any(|e| e.field == field.name || follows == Some(e.field.as_str()));
        let via_missing = follows.is_some_and(|via| {
            draft.get(via).is_none_or(Option::is_none) && def.field(via).is_some_and(|f| f.required)
        });
        // Nor is what could be computed, had its terms been there.
        let lacks = |name: &str| draft.get(name).is_none_or(Option::is_none);
        let uncomputed =
            field.computed.as_ref().is_some_and(|terms| terms.iter().any(|term| lacks(&term.field)));
        if empty && !told && !via_missing && !uncomputed {
            errors.push(missing(field));
        }
    }
}

fn take(field: &FieldDef, json: &Json, now: Moment, draft: &mut Draft, errors: &mut Vec<FieldError>) {
    match parse(field, json).and_then(|value| in_time(field, value, now)) {
        Ok(value) => {
            draft.insert(field.name.clone(), value);
        }
        Err(error) => errors.push(error),
    }
}

fn in_time(field: &FieldDef, value: Option<Value>, now: Moment) -> Result<Option<Value>, FieldError> {
    let future = match &value {
        Some(Value::Date(date)) => *date > now.date_naive(),
        // Clocks of counters run a little ahead of ours.
        Some(Value::Timestamp(at)) => *at > now + chrono::Duration::minutes(1),
        _ => false,
    };
    if field.not_future && future {
        let message = format!("“{}”不能晚于现在，请核对", field.title);
        return Err(FieldError::new(&field.name, "time_in_future", message));
    }
    let day = match &value {
        Some(Value::Date(date)) => Some(*date),
        Some(Value::Timestamp(at)) => Some(at.date_naive()),
        _ => None,
    };
    if let (Some(first), Some(day)) = (field.not_before, day)
        && day < first
    {
        let message = format!("“{}”不能早于 {first}，请核对年份", field.title);
        return Err(FieldError::new(&field.name, "time_too_early", message));
    }
    Ok(value)
}

fn generated(prefix: &str, now: Moment) -> String {
    // The last eight hex digits of a UUIDv7 are random.
    let id = uuid::Uuid::now_v7().simple().to_string().to_ascii_uppercase();
    format!("{prefix}{}{}", now.format("%Y%m%d%H%M%S"), &id[24..])
}

fn is_empty(json: &Json) -> bool {
    json.is_null() || json.as_str().is_some_and(|s| s.trim().is_empty())
}

fn missing(field: &FieldDef) -> FieldError {
    FieldError::new(&field.name, "required", format!("请填写“{}”", field.title))
}

fn readonly(field: &FieldDef) -> FieldError {
    FieldError::new(&field.name, "readonly", format!("“{}”由系统填写，不能修改", field.title))
}

fn unknown(def: &ResourceDef, key: &str) -> FieldError {
    // A key may be anything a stranger sends; only its beginning is repeated.
    let shown: String = key.chars().filter(|c| !c.is_control()).take(40).collect();
    FieldError::new(&shown, "unknown_field", format!("“{}”没有字段“{shown}”，请删去", def.title))
}
