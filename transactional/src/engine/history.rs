//! What happened to a record, from the audit log: who, when, from what to what. Only for who may see the record, and only
//! what the record was while it lay in that scope.

use std::collections::BTreeSet;

use pujiang_security::Principal;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::words::{FieldChange, Pair};
use super::{ResourceEngine, not_found, review};
use crate::audit::{self, Told};
use crate::clock;
use crate::definition::ResourceDef;
use crate::error::Error;
use crate::record::StoredRecord;
use crate::store::fetch_optional;

/// Entries shown at once; older ones are in the audit log.
const MOST: usize = 200;

/// What happened to a record, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What happened.
    pub items: Vec<Event>,
    /// Whether there is more than is shown.
    pub more: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, RFC 3339.
    pub at: String,
    /// Login name.
    pub actor: String,
    /// Name of the person.
    pub actor_name: Option<String>,
    /// `create`, `update`, a transition's id …
    pub action: String,
    /// The action in words.
    pub title: String,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// What changed.
    pub changes: Vec<FieldChange>,
}

impl ResourceEngine {
    /// What happened to a record of the caller's scope.
    pub async fn history(&self, principal: &Principal, resource: &str, id: &str) -> Result<History, Error> {
        let def = self.readable(principal, resource)?;
        let id = Uuid::parse_str(id).map_err(|_| not_found(def))?.hyphenated().to_string();
        let failed = || Error::store("read a history");
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        let (sql, binds) = self.by_id(def, Some(principal), &id)?;
        let row = fetch_optional(&mut connection, &sql, binds).await.map_err(failed())?;
        let record = StoredRecord::read(def, &row.ok_or_else(|| not_found(def))?)?;
        let mut entries = audit::told_of(&mut connection, &def.id, &id, MOST + 1).await?;
        let more = entries.len() > MOST;
        entries.truncate(MOST);
        entries.retain(|entry| title(def, &entry.action).is_some());
        let mut seen = Vec::with_capacity(entries.len());
        for entry in entries {
            let after = self.sees(&mut connection, principal, def, &id, entry.after.as_ref()).await?;
            let before = self.sees(&mut connection, principal, def, &id, entry.before.as_ref()).await?;
            // A deletion ends with what was there before.
            if after || (entry.after.is_none() && before) || review::is_told(&entry.action) {
                seen.push((entry, before));
            }
        }
        let pairs: Vec<Pair<'_>> =
            seen.iter().map(|(entry, _)| (entry.before.as_ref(), entry.after.as_ref())).collect();
        let changes = self.in_words(&mut connection, principal, def, &pairs).await?;
        let mut items: Vec<Event> = seen
            .iter()
            .zip(changes)
            .map(|((entry, before), changes)| event(def, entry, *before, changes))
            .collect();
        if !more && items.iter().all(|item| item.action != "create") {
            items.push(made(&record));
        }
        let actors: BTreeSet<&str> = items.iter().map(|item| item.actor.as_str()).collect();
        let people = self.people(&mut connection, actors).await?;
        for item in &mut items {
            item.actor_name = people.get(&item.actor).cloned();
        }
        Ok(History { items, more })
    }

    /// Whether a form of a record lies in a principal's scope.
    async fn sees(
        &self,
        connection: &mut sqlx::AnyConnection,
        principal: &Principal,
        def: &ResourceDef,
        id: &str,
        form: Option<&Map<String, Json>>,
    ) -> Result<bool, Error> {
        let Some(form) = form else { return Ok(false) };
        let value = |name: &str| form.get(name).and_then(Json::as_str).map(str::to_owned);
        let outside = self.refuse_outside(connection, principal, def, Some(id), value).await?;
        Ok(outside.is_none())
    }
}

fn event(def: &ResourceDef, entry: &Told, before: bool, changes: Vec<FieldChange>) -> Event {
    let hide = |change: FieldChange| FieldChange { from: change.from.filter(|_| before), ..change };
    let changes = match review::is_told(&entry.action) {
        true => review::told_changes(entry.after.as_ref()),
        false => changes.into_iter().map(hide).collect(),
    };
    Event {
        at: entry.at.clone(),
        actor: entry.actor.clone(),
        actor_name: None,
        action: entry.action.clone(),
        title: title(def, &entry.action).unwrap_or_default(),
        reason: entry.reason.clone(),
        changes,
    }
}

/// That a record was made stands in the record itself, also where no entry tells it: it came in bulk, or was made elsewhere.
fn made(record: &StoredRecord) -> Event {
    Event {
        at: clock::shown(&record.created_at),
        actor: record.created_by.clone(),
        actor_name: None,
        action: "create".into(),
        title: "登记".into(),
        reason: None,
        changes: Vec::new(),
    }
}

/// An action in words; none when it is no part of a record's history.
fn title(def: &ResourceDef, action: &str) -> Option<String> {
    let fixed = match action {
        "create" => "登记",
        "update" => "修改",
        "delete" => "删除",
        _ => match review::title_of(action) {
            Some(title) => title,
            None => return def.transition(action).map(|t| t.title.clone()),
        },
    };
    Some(fixed.to_owned())
}
