//! Which versions of which tables the figures of one report were read from, while the lake may move on.

use std::collections::BTreeMap;

/// Adds the versions of one answer, `table@version` with commas, to the lowest and highest of each table.
pub(super) fn note_versions(text: &str, versions: &mut BTreeMap<String, (i64, i64)>) {
    for (table, version) in text.split(',').filter_map(|part| part.trim().split_once('@')) {
        if let Ok(version) = version.parse::<i64>() {
            let known = versions.entry(table.to_owned()).or_insert((version, version));
            *known = (known.0.min(version), known.1.max(version));
        }
    }
}

/// `benefit_transaction@12,state_event@3`; `@12-13` when the lake moved on while the figures were asked for.
pub(super) fn version_text(versions: &BTreeMap<String, (i64, i64)>) -> String {
    let one = |(table, (low, high)): (&String, &(i64, i64))| match low == high {
        true => format!("{table}@{low}"),
        false => format!("{table}@{low}-{high}"),
    };
    versions.iter().map(one).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_several_answers_become_one_text() {
        let mut versions = BTreeMap::new();
        note_versions("b@3,a@12", &mut versions);
        note_versions("a@12", &mut versions);
        assert_eq!(version_text(&versions), "a@12,b@3");
        note_versions("a@14, c@1", &mut versions);
        assert_eq!(version_text(&versions), "a@12-14,b@3,c@1");
    }
}
