//! Repeated keys of one file. Rows that say nothing new (the same again, an older version) are merged here;
//! what is left is cut into rounds in which every key occurs once, in the order of arrival, so that the
//! lake's answer to each round says exactly what became of its rows.

use std::collections::HashMap;

use super::record::{Operation, Record};

/// The records of a file without those that say nothing new.
#[derive(Debug, Default, PartialEq)]
pub struct Folded {
    /// Rounds to write one after the other; at least one, perhaps empty.
    pub rounds: Vec<Vec<Record>>,
    /// Rows merged as repeated or older.
    pub merged: usize,
}

/// Folds the records of one file.
pub fn fold(records: Vec<Record>) -> Folded {
    let mut rounds: Vec<Vec<Record>> = vec![Vec::new()];
    let mut merged = 0;
    // Per key: the round and place of the record that counts so far.
    let mut current: HashMap<String, (usize, usize)> = HashMap::new();
    for record in records {
        let round = match current.get(&record.key) {
            None => 0,
            Some((round, place)) if advances(&rounds[*round][*place], &record) => round + 1,
            Some(_) => {
                merged += 1;
                continue;
            }
        };
        if rounds.len() == round {
            rounds.push(Vec::new());
        }
        current.insert(record.key.clone(), (round, rounds[round].len()));
        rounds[round].push(record);
    }
    Folded { rounds, merged }
}

/// Whether a record replaces the one before it: a higher version, or at the same version other content
/// (a delete is final for its version).
fn advances(held: &Record, next: &Record) -> bool {
    match next.version.cmp(&held.version) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => match (held.operation, next.operation) {
            (Operation::Delete, _) => false,
            (Operation::Upsert, Operation::Delete) => true,
            (Operation::Upsert, Operation::Upsert) => {
                (&held.values, held.place) != (&next.values, next.place)
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Value;
    use pujiang_security::DistrictCode;

    fn check(rows: &[(&str, i64, char)], rounds: &[&str], merged: usize) {
        let records = rows
            .iter()
            .map(|(key, version, what)| Record {
                key: (*key).into(),
                version: *version,
                operation: if *what == 'x' { Operation::Delete } else { Operation::Upsert },
                district: DistrictCode::CITY,
                place: None,
                values: vec![Some(Value::Text(what.to_string()))],
            })
            .collect();
        let folded = fold(records);
        let shown: Vec<String> = folded
            .rounds
            .iter()
            .map(|r| r.iter().map(|r| format!("{}{}", r.key, r.version)).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            (shown.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), folded.merged),
            (rounds, merged),
            "{rows:?}"
        );
    }

    #[test]
    fn rounds() {
        check(&[], &[""], 0);
        check(&[("a", 1, 'p'), ("b", 1, 'p')], &["a1 b1"], 0);
        check(&[("a", 1, 'p'), ("a", 1, 'p')], &["a1"], 1);
        check(&[("a", 1, 'p'), ("a", 2, 'q'), ("a", 1, 'p')], &["a1", "a2"], 1);
        check(&[("a", 2, 'q'), ("a", 1, 'p')], &["a2"], 1);
        check(&[("a", 0, 'p'), ("a", 0, 'q')], &["a0", "a0"], 0);
        check(&[("a", 1, 'p'), ("a", 2, 'x'), ("a", 1, 'p'), ("a", 3, 'p')], &["a1", "a2", "a3"], 1);
        check(&[("a", 2, 'p'), ("a", 2, 'x'), ("a", 2, 'p')], &["a2", "a2"], 1);
    }
}
