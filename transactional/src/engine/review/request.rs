//! Asking for a review: by somebody who wants a record changed, or by the engine about a value two records hold.

use pujiang_security::Principal;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::super::change::same_version;
use super::super::guards::refuse_request;
use super::super::update::Changed;
use super::super::words::FieldChange;
use super::super::{ResourceEngine, reason};
use super::{Task, TaskKind, TaskRow, TaskState, to_json};
use crate::audit;
use crate::clock::{self, Moment};
use crate::definition::{FieldDef, ResourceDef};
use crate::error::{Error, FieldError};
use crate::record::{Cell, StoredRecord};
use crate::store::{Bind, WriteTransaction};
use crate::validate::{Draft, Value};

impl ResourceEngine {
    /// Asks for a change of fields that the state of a record lets nobody change directly.
    pub async fn request_change(
        &self,
        principal: &Principal,
        resource: &str,
        id: &str,
        version: Option<i64>,
        fields: &Map<String, Json>,
        reason: Option<&str>,
    ) -> Result<Task, Error> {
        let def = self.writable(principal, resource)?;
        let now = self.clock.now();
        let mut tx = self.begin().await?;
        let before = self.for_change(&mut tx, principal, def, id).await?;
        same_version(&before, version.ok_or(Error::PreconditionRequired)?)?;
        let reason = reason::required(reason, "申请变更")?;
        let touched = self.touched(def, &before, fields, now);
        refuse_request(def, &before, &touched)?;
        let Changed { draft, after } = self.changed(&mut tx, principal, def, &before, fields, now).await?;
        if draft.is_empty() {
            return Err(Error::invalid("fields", "no_change", "所填内容与现在的相同，没有要变更的"));
        }
        // Refuses what a record in the applicant's sight holds; of others the reviewer hears.
        self.claim(&mut tx, principal, def, &after, |name| draft.contains_key(name)).await?;
        let open = TaskRow::find(
            tx.connection(),
            "WHERE resource = $1 AND record_id = $2 AND kind = 'change' AND state = 'open'",
            vec![Bind::text(&def.id), Bind::text(&before.id)],
        );
        if !open.await?.is_empty() {
            let message = format!("该{}已有一项变更在等待审核，请等结果，或先撤回", def.title);
            return Err(Error::Conflict(FieldError::new("id", "already_requested", message)));
        }
        let (old, new) = (before.for_lake(def), after.for_lake(def));
        let mut changes = self.in_words(tx.connection(), principal, def, &[(Some(&old), Some(&new))]).await?;
        let mut changes = changes.pop().unwrap_or_default();
        // What the engine copies along is not what was asked for; secrets are named and never shown.
        changes.retain(|change| touched.iter().any(|field| field.name == change.field));
        changes.extend(
            touched.iter().filter(|f| before.cells.get(&f.name) == Some(&Cell::Secret)).map(|f| named(f)),
        );
        let id = Uuid::now_v7().hyphenated().to_string();
        let asked = json!({"body": asked(&touched, &draft), "seen": seen(&touched, &old)});
        let task = TaskRow {
            sealed: Some(self.cipher.encrypt(&context(&id), &asked.to_string())),
            reason: Some(reason.clone()),
            ..task(id, TaskKind::Change, principal, def, &before, changes, now)
        };
        task.insert(&mut tx, now).await?;
        let entry = audit::Entry {
            action: "request_change".into(),
            target_type: def.id.clone(),
            target_id: before.id.clone(),
            after: Some(json!({"task": task.id, "changes": to_json(&task.changes)})),
            reason: Some(reason),
            ..audit::Entry::of(principal)
        };
        audit::append(&mut tx, &now, entry).await?;
        let shown = self.task(tx.connection(), principal, task).await?;
        tx.commit().await.map_err(|source| Error::Store { operation: "commit a request", source })?;
        shown.ok_or_else(|| Error::NotFound { title: "申请".into() })
    }

    /// Asks whoever may see both records which of them holds a unique value. The applicant is not told.
    pub(in super::super) async fn open_duplicate(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        record: &StoredRecord,
        now: Moment,
    ) -> Result<(), Error> {
        let Some(field) = record.contested.as_deref().and_then(|name| def.field(name)) else { return Ok(()) };
        let to = match record.cells.get(&field.name) {
            Some(Cell::Personal { masked, .. }) => masked.clone(),
            Some(Cell::Clear(Some(value))) => Some(value.stored()),
            _ => None,
        };
        let change = FieldChange { field: field.name.clone(), title: field.title.clone(), from: None, to };
        let id = Uuid::now_v7().hyphenated().to_string();
        let task = task(id, TaskKind::Duplicate, principal, def, record, vec![change], now);
        task.insert(tx, now).await?;
        let entry = audit::Entry {
            action: "contest".into(),
            // Not the record: its history is read by people who are not to know.
            target_type: "review_task".into(),
            target_id: task.id,
            after: Some(json!({"resource": def.id, "record": record.id, "field": field.name})),
            ..audit::Entry::of(principal)
        };
        audit::append(tx, &now, entry).await
    }
}

/// Binds the sealed values to their task.
pub(super) fn context(task: &str) -> String {
    format!("review_task:{task}")
}

fn task(
    id: String,
    kind: TaskKind,
    principal: &Principal,
    def: &ResourceDef,
    record: &StoredRecord,
    changes: Vec<FieldChange>,
    now: Moment,
) -> TaskRow {
    TaskRow {
        id,
        kind,
        resource: def.id.clone(),
        record_id: record.id.clone(),
        district: record.district(def).as_str().to_owned(),
        changes,
        sealed: None,
        reason: None,
        applicant_id: principal.account_id().to_owned(),
        applicant: principal.account().to_owned(),
        applied_at: clock::shown(&now),
        state: TaskState::Open,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
    }
}

fn named(field: &FieldDef) -> FieldChange {
    let shown = Some("****".to_owned());
    FieldChange { field: field.name.clone(), title: field.title.clone(), from: None, to: shown }
}

/// The values asked for, as a body that is read again at the decision.
fn asked(touched: &[&FieldDef], draft: &Draft) -> Map<String, Json> {
    let value = |field: &&FieldDef| {
        let value = draft.get(&field.name)?;
        Some((field.name.clone(), value.as_ref().map_or(Json::Null, Value::to_json)))
    };
    touched.iter().filter_map(value).collect()
}

/// What the applicant saw in the fields: mask and pseudonym of personal ones.
pub(super) fn seen(touched: &[&FieldDef], form: &Map<String, Json>) -> Map<String, Json> {
    let keys = touched.iter().flat_map(|f| [f.name.clone(), format!("{}_token", f.name)]);
    keys.filter_map(|key| form.get(&key).map(|value| (key, value.clone()))).collect()
}
