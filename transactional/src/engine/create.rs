//! Creating a record, and trying whether it could be created.

use indexmap::IndexMap;
use pujiang_security::{Principal, Roles};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::contest::{Claim, is_duplicate};
use super::guards::may_fill;
use super::journal::{Change, tell};
use super::links::Walk;
use super::scope::{add, fill_own_place};
use super::{Record, ResourceEngine, not_found, write_failure};
use crate::clock::{self, Moment};
use crate::definition::{DefaultValue, FieldDef, ResourceDef};
use crate::error::{Error, FieldError};
use crate::record::{StoredRecord, Written, written};
use crate::store::{Bind, ColumnKind, Dialect, WriteTransaction, execute, quoted};
use crate::validate::{self, Draft, Value};

impl ResourceEngine {
    /// Creates a record from the body of a request.
    pub async fn create(
        &self,
        principal: &Principal,
        resource: &str,
        body: &Map<String, Json>,
    ) -> Result<Record, Error> {
        let def = self.writable(principal, resource)?;
        match Box::pin(self.create_once(principal, def, body)).await {
            // Another writer may have been faster than our look for holders; the second look sees whose record it is.
            Err(error) if is_duplicate(&error) => Box::pin(self.create_once(principal, def, body)).await,
            done => done,
        }
    }

    /// Makes every check of a creation and writes nothing.
    pub async fn try_create(
        &self,
        principal: &Principal,
        resource: &str,
        body: &Map<String, Json>,
    ) -> Result<(), Error> {
        let def = self.writable(principal, resource)?;
        let now = self.clock.now();
        self.refuse_guessing(principal, def, |name| body.contains_key(name), now).await?;
        let mut tx = self.begin().await?;
        let (_, record) = self.drafted(&mut tx, principal, def, body, now).await?;
        let claim = self.claim(&mut tx, principal, def, &record, |_| true).await?;
        drop(tx);
        match claim {
            Claim::Taken(field) => Err(self.count_refusal(principal, def, &field, now).await?),
            Claim::Free | Claim::Contested(_) => Ok(()),
        }
    }

    async fn create_once(
        &self,
        principal: &Principal,
        def: &ResourceDef,
        body: &Map<String, Json>,
    ) -> Result<Record, Error> {
        let now = self.clock.now();
        self.refuse_guessing(principal, def, |name| body.contains_key(name), now).await?;
        let mut tx = self.begin().await?;
        let (draft, mut record) = self.drafted(&mut tx, principal, def, body, now).await?;
        match self.claim(&mut tx, principal, def, &record, |_| true).await? {
            Claim::Free => {}
            Claim::Contested(field) => {
                record.contested = Some(field);
                self.open_duplicate(&mut tx, principal, def, &record, now).await?;
            }
            Claim::Taken(field) => {
                drop(tx);
                return Err(self.count_refusal(principal, def, &field, now).await?);
            }
        }
        let mut columns = system_columns(&record);
        for field in def.fields.values() {
            let value = draft.get(&field.name).and_then(Option::as_ref);
            columns.extend(written(def, &self.cipher, &record.id, field, value));
        }
        let (sql, binds) = insert(&def.id, self.store.dialect(), columns);
        execute(tx.connection(), &sql, binds).await.map_err(write_failure(def, "insert a record"))?;
        let change = Change {
            def,
            principal,
            action: "create",
            reason: None,
            at: now,
            before: None,
            after: Some(&record),
        };
        tell(&mut tx, change).await?;
        let mut records = self.labelled(tx.connection(), principal, def, vec![record]).await?;
        tx.commit().await.map_err(|source| Error::Store { operation: "commit a creation", source })?;
        records.pop().ok_or_else(|| not_found(def))
    }

    /// The complete, checked values of a new record.
    async fn drafted(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        body: &Map<String, Json>,
        now: Moment,
    ) -> Result<(Draft, StoredRecord), Error> {
        let mut errors = Vec::new();
        let mut draft = validate::read_create(def, body, now, &mut errors);
        errors.extend(refuse_foreign(&self.roles, principal, def, &mut draft));
        validate::defaults(def, &mut draft, now);
        let walk = Walk { principal, def, before: None };
        let proposed = self.follow(tx, &walk, &mut draft, &mut errors).await?;
        fill_own_place(principal, def, &mut draft);
        validate::forget_other_streets(def, &mut draft, &proposed);
        validate::compute(def, |_| None, &mut draft, &mut errors);
        let value = |name: &str| draft.get(name).and_then(Option::as_ref).map(Value::stored);
        let outside = self.refuse_outside(tx.connection(), principal, def, None, value).await?;
        add(&mut errors, outside);
        let value = |name: &str| draft.get(name).and_then(Option::as_ref);
        validate::streets_inside(def, |_| true, value, &mut errors);
        validate::require(def, &draft, &mut errors);
        validate::checks(def, value, &mut errors);
        if !errors.is_empty() {
            return Err(Error::Invalid { errors });
        }
        let mut record = StoredRecord {
            id: Uuid::now_v7().hyphenated().to_string(),
            version: 1,
            state: def.initial_state.clone(),
            created_at: now,
            created_by: principal.account().to_owned(),
            updated_at: now,
            updated_by: principal.account().to_owned(),
            contested: None,
            cells: IndexMap::new(),
        };
        // Every field, in the order of the definition, so that the answer has them all.
        let draft: Draft =
            def.fields.keys().map(|name| (name.clone(), draft.get(name).cloned().flatten())).collect();
        record.apply(def, &self.cipher, &draft);
        Ok((draft, record))
    }
}

/// Refuses values of fields that are not the caller's to fill; a form may send their default back.
fn refuse_foreign(
    roles: &Roles,
    principal: &Principal,
    def: &ResourceDef,
    draft: &mut Draft,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in def.fields.values().filter(|f| !f.readonly && !may_fill(principal, f)) {
        let Some(Some(value)) = draft.get(&field.name) else { continue };
        let default = match &field.default {
            Some(DefaultValue::Fixed(text)) => validate::parse_text(field, text).ok().flatten(),
            _ => None,
        };
        if default.as_ref() != Some(value) {
            errors.push(foreign(roles, field));
        }
        draft.shift_remove(&field.name);
    }
    errors
}

/// A field that others fill in.
pub(super) fn foreign(roles: &Roles, field: &FieldDef) -> FieldError {
    let message = format!("“{}”只能由{}填写，请留空", field.title, roles.titles(&field.writers));
    FieldError::new(&field.name, "not_yours", message)
}

/// The columns every table has, in a fixed order.
pub(super) fn system_columns(record: &StoredRecord) -> Vec<Written> {
    let column = |name: &str, kind, bind| Written { column: name.to_owned(), kind, bind };
    let text = |text: &str| Bind::text(text);
    vec![
        column("id", ColumnKind::Uuid, text(&record.id)),
        column("row_version", ColumnKind::Int, Bind::int(record.version)),
        column("state", ColumnKind::Text, text(&record.state)),
        column("is_deleted", ColumnKind::Bool, Bind::Bool(Some(false))),
        column("created_at", ColumnKind::Timestamp, text(&clock::stored(&record.created_at))),
        column("created_by", ColumnKind::Text, text(&record.created_by)),
        column("updated_at", ColumnKind::Timestamp, text(&clock::stored(&record.updated_at))),
        column("updated_by", ColumnKind::Text, text(&record.updated_by)),
        column("contested", ColumnKind::Text, Bind::Text(record.contested.clone())),
    ]
}

fn insert(table: &str, dialect: Dialect, columns: Vec<Written>) -> (String, Vec<Bind>) {
    let names: Vec<_> = columns.iter().map(|c| quoted(&c.column)).collect();
    let places: Vec<_> =
        columns.iter().enumerate().map(|(i, c)| dialect.placeholder(c.kind, i + 1)).collect();
    let sql = format!("INSERT INTO {} ({}) VALUES ({})", quoted(table), names.join(", "), places.join(", "));
    (sql, columns.into_iter().map(|c| c.bind).collect())
}
