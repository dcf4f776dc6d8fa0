//! Records as rows of their lake tables, and their state changes as rows of `state_event`: what the outbox feed would
//! have stored had every record been entered by hand. Personal values become mask and pseudonym here.

use std::sync::Arc;

use anyhow::Context;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::json::ReaderBuilder;
use chrono::NaiveDateTime;
use pujiang_security::{FieldCipher, mask};
use pujiang_transactional::{FieldKind, ResourceDef, Visibility};
use pujiang_warehouse::TableDef;
use serde_json::{Map, Value, json};

use super::batches::{Columns, StateChange, assemble, moments, texts};
use super::records::Record;

/// The lake's row of a record: every field that may leave the store, under the table's name for it or as mask and token.
pub fn lake_row(
    def: &ResourceDef,
    table: &TableDef,
    cipher: &FieldCipher,
    record: &Record,
) -> Map<String, Value> {
    let mut row = Map::new();
    for (name, field) in &def.fields {
        let value = record.fields.get(name).unwrap_or(&Value::Null);
        match (field.visibility, value) {
            (Visibility::Secret, _) | (_, Value::Null) => {}
            (Visibility::Personal, value) => {
                let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                row.insert(name.clone(), json!(mask(field.mask, &plain)));
                row.insert(format!("{name}_token"), json!(cipher.pseudonym(&field.token_domain, &plain)));
            }
            (_, Value::String(at)) if field.kind == FieldKind::Timestamp => {
                row.insert(name.clone(), json!(wall_clock(at)));
            }
            (_, value) => {
                row.insert(name.clone(), value.clone());
            }
        }
    }
    let (created, updated) = (record.life.created_at(), record.life.last().at);
    row.insert("id".into(), json!(record.id));
    row.insert("district_code".into(), json!(record.district));
    row.insert("state".into(), json!(record.life.last().state));
    // The store counts a loaded row as its first version, whatever it went through before.
    row.insert("row_version".into(), json!(1));
    row.insert("created_at".into(), json!(plain(created)));
    row.insert("updated_at".into(), json!(plain(updated)));
    for (column, field) in table.origin.iter().flat_map(|origin| &origin.fields) {
        if let Some(value) = row.remove(field) {
            row.insert(column.clone(), value);
        }
    }
    row
}

/// Rows by name to the table's schema; names the table does not have are left out, as the outbox feed does.
pub fn batch(schema: &SchemaRef, rows: &[Map<String, Value>]) -> anyhow::Result<RecordBatch> {
    let mut decoder = ReaderBuilder::new(schema.clone())
        .with_batch_size(rows.len().max(1))
        .build_decoder()
        .context("rows of the demonstration")?;
    decoder.serialize(rows).context("rows of the demonstration")?;
    let batch = decoder.flush().context("rows of the demonstration")?;
    Ok(batch.unwrap_or_else(|| RecordBatch::new_empty(schema.clone())))
}

fn plain(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The lake keeps the wall clock, so the offset is cut off rather than converted.
fn wall_clock(rfc3339: &str) -> &str {
    rfc3339.split_once('+').map_or(rfc3339, |(clock, _)| clock)
}

/// All changes of a record's state, as entries into and exits from cells.
pub fn state_changes(resource: &'static str, record: &Record) -> Vec<StateChange> {
    let mut changes = Vec::new();
    for (version, (before, entered)) in record.life.steps().enumerate() {
        let mut push = |state, delta| {
            changes.push(StateChange {
                resource,
                record_id: record.id.clone(),
                district: record.district,
                at: entered.at,
                state,
                version: version as i64 + 1,
                delta,
                category: record.cell.0,
                mode: record.cell.1,
            });
        };
        if let Some(before) = before {
            push(before, -1);
        }
        push(entered.state, 1);
    }
    changes
}

/// Rows of `state_event`.
pub fn state_events(schema: &SchemaRef, changes: &[StateChange]) -> anyhow::Result<RecordBatch> {
    let sign = |change: &StateChange| if change.delta > 0 { "+" } else { "-" };
    let keys: Vec<String> = changes
        .iter()
        .map(|change| format!("{}:{}:{}", change.record_id, change.version, sign(change)))
        .collect();
    let optional = |values: Vec<Option<&'static str>>| Arc::new(arrow::array::StringArray::from(values)) as _;
    let columns = Columns::from([
        ("event_key", texts(keys.iter().map(String::as_str))),
        ("resource", texts(changes.iter().map(|change| change.resource))),
        ("record_id", texts(changes.iter().map(|change| change.record_id.as_str()))),
        ("district_code", texts(changes.iter().map(|change| change.district))),
        ("occurred_at", moments(changes.iter().map(|change| change.at))),
        ("state", texts(changes.iter().map(|change| change.state))),
        (
            "delta",
            Arc::new(arrow::array::Int64Array::from_iter_values(changes.iter().map(|change| change.delta)))
                as _,
        ),
        ("category", optional(changes.iter().map(|change| change.category).collect())),
        ("mode", optional(changes.iter().map(|change| change.mode).collect())),
        ("source", texts(changes.iter().map(|_| super::batches::HISTORY))),
    ]);
    assemble("state_event", schema, columns)
}
