//! Puts the answers of one tile's questions side by side: rows meet by period and dimension.

use std::collections::HashMap;

use pujiang_metrics::MetricsAnswer;
use serde_json::Value;

/// One answer with the columns of all; keeps the row order of the first.
pub fn merge(answers: Vec<MetricsAnswer>) -> Option<MetricsAnswer> {
    let mut answers = answers.into_iter();
    let mut merged = answers.next()?;
    for answer in answers {
        join(&mut merged, answer);
    }
    Some(merged)
}

fn join(merged: &mut MetricsAnswer, other: MetricsAnswer) {
    let keys = key_columns(merged);
    let other_keys = key_columns(&other);
    let width = merged.columns.len();
    let added = other.columns.len().saturating_sub(other_keys);
    let mut places: HashMap<String, usize> =
        merged.rows.iter().enumerate().map(|(at, row)| (key(row, keys), at)).collect();
    for row in &mut merged.rows {
        row.resize(width + added, Value::Null);
    }
    for mut row in other.rows {
        let values = row.split_off(other_keys.min(row.len()));
        let text = key(&row, other_keys);
        let at = *places.entry(text).or_insert_with(|| {
            row.resize(width + added, Value::Null);
            merged.rows.push(row);
            merged.rows.len() - 1
        });
        if let Some(target) = merged.rows.get_mut(at) {
            target.splice(width.., values);
        }
    }
    merged.columns.extend(other.columns.into_iter().skip(other_keys));
    merged.incomplete_from = merged.incomplete_from.or(other.incomplete_from);
    merged.compared_until = merged.compared_until.or(other.compared_until);
    merged.missing.extend(other.missing);
    for version in other.data_version.split(',').filter(|version| !version.is_empty()) {
        if !merged.data_version.split(',').any(|known| known == version) {
            if !merged.data_version.is_empty() {
                merged.data_version.push(',');
            }
            merged.data_version.push_str(version);
        }
    }
}

/// Period and dimensions come first, values after them.
fn key_columns(answer: &MetricsAnswer) -> usize {
    answer.columns.iter().take_while(|column| column.unit.is_none() && !column.name.contains('.')).count()
}

fn key(row: &[Value], columns: usize) -> String {
    row.iter().take(columns).map(Value::to_string).collect::<Vec<_>>().join("\u{1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(value: &str, rows: Value, version: &str) -> MetricsAnswer {
        serde_json::from_value(json!({
            "columns": [
                {"name": "period", "title": "月份", "type": "date"},
                {"name": "district", "title": "区", "type": "text"},
                {"name": value, "title": value, "unit": "笔", "type": "integer"},
            ],
            "rows": rows,
            "data_version": version,
            "scope": {"level": "city", "districts": [], "label": "全市"},
            "filters": {},
            "as_of": "2026-11-22",
            "incomplete_from": null,
        }))
        .expect("answer")
    }

    #[test]
    fn rows_meet_by_key_and_gaps_are_null() {
        let a = answer("A", json!([["m", "310101", 1], ["m", "310104", 2]]), "t@1");
        let b = answer("B", json!([["m", "310104", 20], ["m", "310105", 30]]), "t@1,u@2");
        let merged = merge(vec![a, b]).expect("merged");
        assert_eq!(
            json!(merged.rows),
            json!([["m", "310101", 1, null], ["m", "310104", 2, 20], ["m", "310105", null, 30]])
        );
        assert_eq!(merged.data_version, "t@1,u@2");
        assert_eq!(merged.columns.len(), 4);
    }
}
