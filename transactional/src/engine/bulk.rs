//! Loading history: many complete rows at once, for the demonstration data and for migrations from older systems.
//! Rows carry what a user could not: id, state, times, read-only and copied fields. References are checked by the
//! foreign keys, districts by the field's own format; no principal's scope applies.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::create::system_columns;
use super::{ResourceEngine, write_failure};
use crate::audit;
use crate::clock::Moment;
use crate::definition::ResourceDef;
use crate::error::{Error, FieldError};
use crate::record::{StoredRecord, Written, written};
use crate::store::{Bind, ColumnKind, WriteTransaction, execute, quoted};
use crate::validate::{self, Draft};

/// Rows of one transaction.
const ROWS_PER_TRANSACTION: usize = 2_000;
/// SQLite binds at most 32,766 values in a statement, PostgreSQL 65,535.
const MAX_BINDS: usize = 30_000;
/// Longer statements cost more to prepare than they save.
const ROWS_PER_STATEMENT: usize = 250;

/// Whether loaded rows are told to the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Events {
    /// An outbox event for each row.
    Write,
    /// None: the lake gets these rows by another way.
    Skip,
}

impl ResourceEngine {
    /// Inserts complete rows, 2,000 to a transaction. Stops at the first bad row; what was committed before stays.
    pub async fn bulk_insert(
        &self,
        actor: &str,
        resource: &str,
        rows: Vec<Map<String, Json>>,
        events: Events,
    ) -> Result<usize, Error> {
        let def = self.resource(resource)?.clone();
        let count = rows.len();
        for (chunk, rows) in rows.chunks(ROWS_PER_TRANSACTION).enumerate() {
            let now = self.clock.now();
            let mut prepared = Vec::with_capacity(rows.len());
            for (position, row) in rows.iter().enumerate() {
                let number = chunk * ROWS_PER_TRANSACTION + position + 1;
                prepared.push(self.prepare(&def, actor, row, number, now)?);
            }
            let mut tx = self.begin().await?;
            self.insert_rows(&mut tx, &def, &prepared).await?;
            if events == Events::Write {
                write_events(&mut tx, &def, actor, &prepared).await?;
            }
            let entry = audit::Entry {
                actor: actor.to_owned(),
                action: "bulk_insert".into(),
                target_type: def.id.clone(),
                target_id: prepared.first().map_or_else(String::new, |p| p.record.id.clone()),
                after: Some(json!({"rows": prepared.len()})),
                ..Default::default()
            };
            audit::append(&mut tx, &now, entry).await?;
            tx.commit().await.map_err(|source| Error::Store { operation: "commit a bulk load", source })?;
        }
        Ok(count)
    }

    fn prepare(
        &self,
        def: &ResourceDef,
        actor: &str,
        row: &Map<String, Json>,
        number: usize,
        now: Moment,
    ) -> Result<Prepared, Error> {
        let mut errors = Vec::new();
        let mut draft = Draft::with_capacity(def.fields.len());
        let mut record = StoredRecord {
            id: Uuid::now_v7().hyphenated().to_string(),
            version: 1,
            state: def.initial_state.clone(),
            created_at: now,
            created_by: actor.to_owned(),
            updated_at: now,
            updated_by: actor.to_owned(),
            contested: None,
            cells: IndexMap::with_capacity(def.fields.len()),
        };
        for (key, json) in row {
            match def.field(key) {
                Some(field) => match validate::parse(field, json) {
                    Ok(value) => {
                        draft.insert(key.clone(), value);
                    }
                    Err(error) => errors.push(error),
                },
                None if system(def, &mut record, key, json).is_some() => {}
                None => {
                    errors.push(FieldError::new(key, "unknown_field", format!("没有字段“{key}”或值不对")))
                }
            }
        }
        validate::defaults(def, &mut draft, now);
        validate::require(def, &draft, &mut errors);
        validate::checks(def, |name| draft.get(name).and_then(Option::as_ref), &mut errors);
        if !errors.is_empty() {
            for error in &mut errors {
                error.message = format!("第 {number} 行：{}", error.message);
            }
            return Err(Error::Invalid { errors });
        }
        let mut columns = system_columns(&record);
        for field in def.fields.values() {
            let value = draft.get(&field.name).and_then(Option::as_ref);
            columns.extend(written(def, &self.cipher, &record.id, field, value));
        }
        let draft = def.fields.keys().map(|n| (n.clone(), draft.get(n).cloned().flatten())).collect();
        record.apply(def, &self.cipher, &draft);
        Ok(Prepared { record, columns })
    }

    async fn insert_rows(
        &self,
        tx: &mut WriteTransaction,
        def: &ResourceDef,
        rows: &[Prepared],
    ) -> Result<(), Error> {
        let Some(first) = rows.first() else { return Ok(()) };
        let names: Vec<_> = first.columns.iter().map(|c| quoted(&c.column)).collect();
        let per_statement = (MAX_BINDS / names.len()).clamp(1, ROWS_PER_STATEMENT);
        for rows in rows.chunks(per_statement) {
            let mut binds = Vec::with_capacity(rows.len() * names.len());
            let mut values = Vec::with_capacity(rows.len());
            for row in rows {
                let places: Vec<_> = row
                    .columns
                    .iter()
                    .map(|c| {
                        binds.push(c.bind.clone());
                        self.store.dialect().next_placeholder(c.kind, binds.len())
                    })
                    .collect();
                values.push(format!("({})", places.join(", ")));
            }
            let sql = format!(
                "INSERT INTO {} ({}) VALUES {}",
                quoted(&def.id),
                names.join(", "),
                values.join(", ")
            );
            execute(tx.connection(), &sql, binds).await.map_err(write_failure(def, "bulk insert"))?;
        }
        Ok(())
    }
}

struct Prepared {
    record: StoredRecord,
    columns: Vec<Written>,
}

/// Sets a system column of a loaded row; none when there is no such column or the value does not fit.
fn system(def: &ResourceDef, record: &mut StoredRecord, key: &str, json: &Json) -> Option<()> {
    let text = json.as_str()?;
    match key {
        "id" => record.id = Uuid::parse_str(text).ok()?.hyphenated().to_string(),
        "state" => record.state = def.states.iter().find(|s| s.code == text)?.code.clone(),
        "created_at" => record.created_at = validate::parse_moment(text)?,
        "updated_at" => record.updated_at = validate::parse_moment(text)?,
        _ => return None,
    }
    Some(())
}

async fn write_events(
    tx: &mut WriteTransaction,
    def: &ResourceDef,
    actor: &str,
    rows: &[Prepared],
) -> Result<(), Error> {
    tx.order().await.map_err(|source| Error::Store { operation: "order the outbox", source })?;
    let dialect = tx.dialect();
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let mut binds = Vec::with_capacity(rows.len() * 9);
        let mut values = Vec::with_capacity(rows.len());
        for Prepared { record, .. } in rows {
            let first = binds.len() + 1;
            binds.extend([
                Bind::text(Uuid::now_v7().hyphenated().to_string()),
                Bind::text(&def.id),
                Bind::text(&record.id),
                Bind::text("upsert"),
                Bind::int(record.version),
                Bind::text(record.district(def).as_str()),
                Bind::text(crate::clock::shown(&record.updated_at)),
                Bind::text(actor),
                Bind::text(Json::Object(record.for_lake(def)).to_string()),
            ]);
            let places: Vec<_> =
                (first..first + 9).map(|i| dialect.next_placeholder(ColumnKind::Text, i)).collect();
            values.push(format!("({})", places.join(", ")));
        }
        let sql = format!(
            "INSERT INTO outbox (event_id, resource, record_id, op, version, district_code, occurred_at, actor, \
             after) VALUES {}",
            values.join(", ")
        );
        execute(tx.connection(), &sql, binds).await.map_err(Error::store("write outbox events"))?;
    }
    Ok(())
}
