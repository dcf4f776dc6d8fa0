//! One event of the outbox and the lake row it means.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use pujiang_security::district::place_at;
use pujiang_warehouse::{ColumnType, DISTRICT_COLUMN, TableDef};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

use crate::definition::Stream;
use crate::mapping::Operation;
use crate::reason::Reason;
use crate::rows::{LOADED_AT, LakeValue, blank};

/// An event as the outbox has it.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub seq: i64,
    pub event_id: String,
    pub resource: String,
    pub record_id: String,
    pub operation: Operation,
    pub version: i64,
    pub district: String,
    pub occurred_at: String,
    pub before: Option<Map<String, Json>>,
    pub after: Option<Map<String, Json>>,
}

/// Columns of an event's lake row by name.
pub(super) type LakeRow = HashMap<String, LakeValue>;

impl Event {
    /// The next events after a position.
    pub(super) const NEXT: &'static str = "SELECT seq, event_id, resource, record_id, op, version, district_code, occurred_at,
        COALESCE(before, '') AS before_json, COALESCE(after, '') AS after_json FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2";

    pub(super) fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let json = |column: &str| -> Result<Option<Map<String, Json>>, sqlx::Error> {
            let text: String = row.try_get(column)?;
            Ok(serde_json::from_str(&text).ok())
        };
        Ok(Self {
            seq: row.try_get("seq")?,
            event_id: row.try_get("event_id")?,
            resource: row.try_get("resource")?,
            record_id: row.try_get("record_id")?,
            operation: if row.try_get::<String, _>("op")? == "delete" {
                Operation::Delete
            } else {
                Operation::Upsert
            },
            version: row.try_get("version")?,
            district: row.try_get("district_code")?,
            occurred_at: row.try_get("occurred_at")?,
            before: json("before_json")?,
            after: json("after_json")?,
        })
    }

    /// The row of the stream's table this event means.
    pub(super) fn lake_row(
        &self,
        stream: &Stream,
        table: &TableDef,
        now: NaiveDateTime,
    ) -> Result<LakeRow, (Reason, String)> {
        let fields = self.after.as_ref().or(self.before.as_ref());
        let mut row = LakeRow::new();
        for column in &table.columns {
            let name = stream.from.get(&column.name).unwrap_or(&column.name);
            let given = fields.and_then(|f| f.get(name)).filter(|v| !v.is_null());
            let constant = stream.set.get(&column.name).map(|c| Json::from(c.as_str()));
            let value = match (constant.as_ref().or(given), self.operation) {
                _ if column.name == LOADED_AT => Some(LakeValue::Time(now)),
                // A deletion is a version of its own; the record's fields still show the one before.
                _ if table.version.as_ref() == Some(&column.name) => Some(LakeValue::Integer(self.version)),
                (Some(json), _) => {
                    Some(convert(json, column.kind).ok_or_else(|| wrong(&column.title, column.kind))?)
                }
                (None, _) if column.name == "id" => Some(LakeValue::Text(self.record_id.clone())),
                (None, _) if column.name == DISTRICT_COLUMN => Some(LakeValue::Text(self.district.clone())),
                (None, Operation::Delete) if !column.nullable => Some(blank(column.kind)),
                (None, _) if !column.nullable => {
                    return Err((
                        Reason::RequiredMissing,
                        format!("{}：{}", column.title, Reason::RequiredMissing.label()),
                    ));
                }
                (None, _) => None,
            };
            if let Some(value) = value {
                row.insert(column.name.clone(), value);
            }
        }
        if let Some((column, time)) = &stream.place
            && let Some(code) = place(&row, time)
        {
            row.insert(column.clone(), LakeValue::Text(code.to_owned()));
        }
        Ok(row)
    }

    /// When it happened, on a wall in Shanghai.
    pub(super) fn local(&self) -> Option<NaiveDateTime> {
        local(&self.occurred_at)
    }
}

/// The district of a row as it was at the time of this column.
fn place(row: &LakeRow, time: &str) -> Option<&'static str> {
    let Some(LakeValue::Text(district)) = row.get(DISTRICT_COLUMN) else { return None };
    let date = match row.get(time) {
        Some(LakeValue::Time(time)) => time.date(),
        Some(LakeValue::Date(date)) => *date,
        _ => return None,
    };
    place_at(district, date)
}

fn wrong(title: &str, kind: ColumnType) -> (Reason, String) {
    let reason = match kind {
        ColumnType::Date | ColumnType::Timestamp => Reason::BadTime,
        ColumnType::Integer | ColumnType::Decimal(..) => Reason::BadNumber,
        ColumnType::Text | ColumnType::Boolean => Reason::BadCode,
    };
    (reason, format!("{title}：{}", reason.label()))
}

fn local(text: &str) -> Option<NaiveDateTime> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.naive_utc() + chrono::TimeDelta::hours(8))
}

fn convert(json: &Json, kind: ColumnType) -> Option<LakeValue> {
    let text = json.as_str().map_or_else(|| json.to_string(), ToOwned::to_owned);
    match kind {
        ColumnType::Text => Some(LakeValue::Text(text)),
        ColumnType::Integer => text.parse().ok().map(LakeValue::Integer),
        ColumnType::Decimal(_, scale) => {
            let value: Decimal = text.parse().ok()?;
            (value.normalize().scale() <= u32::from(scale.unsigned_abs()))
                .then_some(LakeValue::Decimal(value))
        }
        ColumnType::Date => NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .ok()
            .or_else(|| local(&text).map(|t| t.date()))
            .map(LakeValue::Date),
        ColumnType::Timestamp => local(&text)
            .or_else(|| {
                NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().map(|d| d.and_time(chrono::NaiveTime::MIN))
            })
            .map(LakeValue::Time),
        ColumnType::Boolean => json.as_bool().or_else(|| text.parse().ok()).map(LakeValue::Truth),
    }
}
