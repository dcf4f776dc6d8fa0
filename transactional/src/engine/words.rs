//! What changed between two forms of a record, in words for people: names of codes, places and referenced records, masks of
//! personal values. The forms are those of the audit log, which never hold more.

use std::collections::{BTreeSet, HashMap};

use pujiang_security::district::{DistrictCode, name_of};
use pujiang_security::{Principal, StreetCode};
use serde_json::{Map, Value as Json};
use sqlx::AnyConnection;

use super::ResourceEngine;
use crate::definition::{FieldDef, FieldKind, ResourceDef, TextFormat, Visibility};
use crate::error::Error;

/// One changed field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name, or `state`.
    pub field: String,
    /// Its Chinese name.
    pub title: String,
    /// What it was; none when it was empty.
    pub from: Option<String>,
    /// What it became; none when it was emptied.
    pub to: Option<String>,
}

/// A record before and after.
pub(super) type Pair<'a> = (Option<&'a Map<String, Json>>, Option<&'a Map<String, Json>>);

/// Shown in place of a record the reader may not see.
const UNSEEN: &str = "（不在您的数据范围内）";
/// Longest text of one value.
const LONGEST: usize = 200;

impl ResourceEngine {
    /// The changes of each pair. A pair without one of its sides changed everything and lists nothing.
    pub(super) async fn in_words(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        def: &ResourceDef,
        pairs: &[Pair<'_>],
    ) -> Result<Vec<Vec<FieldChange>>, Error> {
        let mut names: HashMap<&str, HashMap<String, String>> = HashMap::new();
        for (field, target) in def.references() {
            let Some(target) = self.definitions.get(target) else { continue };
            let sides = pairs.iter().flat_map(|(before, after)| [*before, *after]).flatten();
            let ids: BTreeSet<&str> = sides.filter_map(|side| side.get(&field.name)?.as_str()).collect();
            names.insert(&field.name, self.labels(connection, principal, target, ids).await?);
        }
        let changes = |(before, after): &Pair<'_>| match (before, after) {
            (Some(before), Some(after)) => differences(def, before, after, &names),
            _ => Vec::new(),
        };
        Ok(pairs.iter().map(changes).collect())
    }
}

fn differences(
    def: &ResourceDef,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
    names: &HashMap<&str, HashMap<String, String>>,
) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    for field in def.fields.values().filter(|f| f.visibility != Visibility::Secret) {
        let side = |map: &Map<String, Json>, suffix: &str| {
            map.get(&format!("{}{suffix}", field.name)).cloned().unwrap_or(Json::Null)
        };
        // Different values may have equal masks; their pseudonyms tell.
        let differs = |suffix: &str| side(before, suffix) != side(after, suffix);
        if differs("") || (field.visibility == Visibility::Personal && differs("_token")) {
            let shown = |map| words(field, &side(map, ""), names.get(field.name.as_str()));
            changes.push(FieldChange {
                field: field.name.clone(),
                title: field.title.clone(),
                from: shown(before),
                to: shown(after),
            });
        }
    }
    let state = |map: &Map<String, Json>| {
        map.get("state").and_then(Json::as_str).map(|code| def.state_label(code).to_owned())
    };
    let (from, to) = (state(before), state(after));
    if from != to {
        changes.push(FieldChange { field: "state".into(), title: "状态".into(), from, to });
    }
    changes
}

/// A value as people read it.
fn words(field: &FieldDef, value: &Json, names: Option<&HashMap<String, String>>) -> Option<String> {
    let text = match value {
        Json::Null => return None,
        Json::Bool(flag) => return Some(if *flag { "是" } else { "否" }.to_owned()),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let clear = field.visibility != Visibility::Personal;
    Some(match &field.kind {
        FieldKind::Enum(codes) if clear => {
            codes.iter().find(|c| c.code == text).map_or(text, |c| c.label.clone())
        }
        FieldKind::Ref(_) => {
            names.and_then(|names| names.get(&text)).map_or(UNSEEN, String::as_str).to_owned()
        }
        FieldKind::Timestamp => text.trim_end_matches("+08:00").replace('T', " "),
        _ => match place_name(field, &text) {
            Some(name) => name.to_owned(),
            None => text.chars().take(LONGEST).collect(),
        },
    })
}

/// Name of the district or street a code stands for.
pub(super) fn place_name(field: &FieldDef, code: &str) -> Option<&'static str> {
    match field.format {
        Some(TextFormat::District) => DistrictCode::parse(code).ok().map(name_of),
        Some(TextFormat::Street) => StreetCode::parse(code).ok().map(StreetCode::name),
        _ => None,
    }
}
