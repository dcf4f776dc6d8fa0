//! Creating a record.

use indexmap::IndexMap;
use pujiang_security::Principal;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::journal::{Change, tell};
use super::scope::{add, fill_own_place};
use super::{Record, ResourceEngine, not_found, write_failure};
use crate::clock;
use crate::error::Error;
use crate::record::{StoredRecord, Written, written};
use crate::store::{Bind, ColumnKind, Dialect, execute, quoted};
use crate::validate::{self, Value};

impl ResourceEngine {
    /// Creates a record from the body of a request.
    pub async fn create(
        &self,
        principal: &Principal,
        resource: &str,
        body: &Map<String, Json>,
    ) -> Result<Record, Error> {
        let def = self.writable(principal, resource)?;
        let now = self.clock.now();
        let mut errors = Vec::new();
        let mut draft = validate::read_create(def, body, now, &mut errors);
        validate::defaults(def, &mut draft, now);
        let mut tx = self.begin().await?;
        self.follow(&mut tx, principal, def, None, &mut draft, &mut errors).await?;
        fill_own_place(principal, def, &mut draft);
        let value = |name: &str| draft.get(name).and_then(Option::as_ref).map(Value::stored);
        let outside = self.refuse_outside(&mut tx, principal, def, None, value).await?;
        add(&mut errors, outside);
        validate::require(def, &draft, &mut errors);
        validate::checks(def, |name| draft.get(name).and_then(Option::as_ref), &mut errors);
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
            cells: IndexMap::new(),
        };
        // Every field, in the order of the definition, so that the answer has them all.
        let draft =
            def.fields.keys().map(|name| (name.clone(), draft.get(name).cloned().flatten())).collect();
        record.apply(def, &self.cipher, &draft);
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
    ]
}

fn insert(table: &str, dialect: Dialect, columns: Vec<Written>) -> (String, Vec<Bind>) {
    let names: Vec<_> = columns.iter().map(|c| quoted(&c.column)).collect();
    let places: Vec<_> =
        columns.iter().enumerate().map(|(i, c)| dialect.placeholder(c.kind, i + 1)).collect();
    let sql = format!("INSERT INTO {} ({}) VALUES ({})", quoted(table), names.join(", "), places.join(", "));
    (sql, columns.into_iter().map(|c| c.bind).collect())
}
