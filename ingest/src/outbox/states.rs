//! State events: when a record enters or leaves a cell (state, district, and what its resource counts the stock by). The
//! running sum of their deltas is the stock of any past day.

use pujiang_warehouse::DISTRICT_COLUMN;
use serde_json::{Map, Value as Json};

use super::event::{Event, LakeRow};
use crate::mapping::Operation;
use crate::rows::LakeValue;

/// Columns of a state event that are filled for every resource; the others are what resources are counted by.
pub(crate) const STATE_COLUMNS: [&str; 8] =
    ["event_key", "resource", "record_id", DISTRICT_COLUMN, "occurred_at", "state", "delta", "source"];

/// What a record counts under.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    state: String,
    district: String,
    /// Values of the fields it is counted by, in their order.
    values: Vec<Option<String>>,
}

/// The state events of one outbox event, counted by these fields: one leaves, one enters, none when the cell stays the same.
pub(super) fn state_rows(event: &Event, by: &[String]) -> Vec<LakeRow> {
    let Some(at) = event.local() else { return Vec::new() };
    let before = event.before.as_ref().and_then(|fields| cell(fields, event, by));
    let after = match event.operation {
        Operation::Delete => None,
        Operation::Upsert => event.after.as_ref().and_then(|fields| cell(fields, event, by)),
    };
    if before == after {
        return Vec::new();
    }
    let row = |cell: Cell, sign: &str, delta: i64| {
        let mut row = LakeRow::new();
        let mut text = |column: &str, value: String| row.insert(column.to_owned(), LakeValue::Text(value));
        text("event_key", format!("{}{sign}", event.event_id));
        text("resource", event.resource.clone());
        text("record_id", event.record_id.clone());
        text(DISTRICT_COLUMN, cell.district);
        text("state", cell.state);
        text("source", "portal".to_owned());
        for (column, value) in by.iter().zip(cell.values) {
            if let Some(value) = value {
                text(column, value);
            }
        }
        row.insert("delta".to_owned(), LakeValue::Integer(delta));
        row.insert("occurred_at".to_owned(), LakeValue::Time(at));
        row
    };
    before.map(|c| row(c, "-", -1)).into_iter().chain(after.map(|c| row(c, "+", 1))).collect()
}

fn cell(fields: &Map<String, Json>, event: &Event, by: &[String]) -> Option<Cell> {
    let text = |name: &str| fields.get(name).and_then(Json::as_str).map(ToOwned::to_owned);
    Some(Cell {
        state: text("state")?,
        district: text(DISTRICT_COLUMN).unwrap_or_else(|| event.district.clone()),
        values: by.iter().map(|name| text(name)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(before: Json, after: Json, expected: &[(&str, i64, &str, &str)]) {
        let fields = |v: Json| v.as_object().cloned();
        let event = Event {
            seq: 1,
            event_id: "e".into(),
            resource: "card_holder".into(),
            record_id: "r".into(),
            operation: if after.is_null() { Operation::Delete } else { Operation::Upsert },
            version: 1,
            district: "310101".into(),
            occurred_at: "2026-10-01T00:30:00+08:00".into(),
            before: fields(before),
            after: fields(after),
        };
        let text = |row: &LakeRow, column: &str| {
            if let Some(LakeValue::Text(t)) = row.get(column) { t.clone() } else { String::new() }
        };
        let rows = state_rows(&event, &["category".to_owned()]);
        let got: Vec<_> = rows
            .iter()
            .map(|r| {
                (
                    text(r, "event_key"),
                    if r["delta"] == LakeValue::Integer(1) { 1 } else { -1 },
                    text(r, "state"),
                    text(r, "district_code"),
                )
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(k, d, s, c)| ((*k).to_owned(), *d, (*s).to_owned(), (*c).to_owned()))
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn entering_leaving_moving_and_staying() {
        let active = json!({"state": "active", "district_code": "310104"});
        check(Json::Null, active.clone(), &[("e+", 1, "active", "310104")]);
        check(active.clone(), active.clone(), &[]);
        check(
            active.clone(),
            json!({"state": "active", "district_code": "310105"}),
            &[("e-", -1, "active", "310104"), ("e+", 1, "active", "310105")],
        );
        check(
            active.clone(),
            json!({"state": "frozen", "district_code": "310104", "category": "文旅"}),
            &[("e-", -1, "active", "310104"), ("e+", 1, "frozen", "310104")],
        );
        // Counted by this field: another value is another cell. Others are not looked at.
        check(
            json!({"state": "active", "category": "文旅", "mode": "a"}),
            json!({"state": "active", "category": "交通", "mode": "a"}),
            &[("e-", -1, "active", "310101"), ("e+", 1, "active", "310101")],
        );
        check(json!({"state": "active", "mode": "a"}), json!({"state": "active", "mode": "b"}), &[]);
        check(active, Json::Null, &[("e-", -1, "active", "310104")]);
        check(Json::Null, json!({"name": "no state"}), &[]);
    }
}
