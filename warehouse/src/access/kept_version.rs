//! Whether an answer that was kept can still be asked for: versions only rise, so what was read from an older one cannot.

use std::collections::BTreeMap;

/// Whether every table of a data version (`a@3,b@7`) is at that version now, or ahead of what is known here.
pub fn is_current(data_version: &str, newest: &BTreeMap<String, i64>) -> bool {
    data_version.split(',').filter_map(|part| part.split_once('@')).all(|(table, version)| {
        let (Some(newest), Ok(version)) = (newest.get(table), version.parse::<i64>()) else { return false };
        version >= *newest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_older_table_makes_an_answer_old() {
        let newest = BTreeMap::from([("a".to_owned(), 3), ("b".to_owned(), 7)]);
        for (version, current) in [
            ("a@3,b@7", true),
            ("a@3", true),
            ("a@4", true),
            ("", true),
            ("a@2,b@7", false),
            ("a@3,b@6", false),
            ("c@1", false),
        ] {
            assert_eq!(is_current(version, &newest), current, "{version}");
        }
    }
}
