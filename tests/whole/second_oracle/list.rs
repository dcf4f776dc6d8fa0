//! The deliberate differences from PostgreSQL, one entry each in `differences.toml`; docs/SQL-DIFFERENCES.md tells
//! users the same.

use regex::Regex;

use super::judge::Difference;

/// Entries of the list. It may only shrink: an entry that the fixed seed does not need any more fails the oracle, and
/// so does a longer list.
pub const ENTRIES: usize = 46;

/// One deliberate difference.
pub struct Entry {
    pub id: String,
    pub how: Difference,
    /// A statement that shows it.
    pub example: String,
    /// What stands in the statement, cut down to the difference.
    pattern: Option<Regex>,
    /// What we say, where we refuse.
    says: Option<Regex>,
    pub reason: String,
    /// Where the engine's makers know of it.
    pub upstream: Option<String>,
}

/// The whole list.
pub fn entries() -> Vec<Entry> {
    let parsed: toml::Table = include_str!("differences.toml").parse().expect("differences.toml");
    let list = parsed.get("difference").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    list.iter().map(entry).collect()
}

fn entry(value: &toml::Value) -> Entry {
    let text = |key: &str| value.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let demanded =
        |key: &str| text(key).unwrap_or_else(|| panic!("differences.toml: {key} is missing in {value}"));
    let expression =
        |key: &str| text(key).map(|text| Regex::new(&text).unwrap_or_else(|error| panic!("{error}")));
    let entry = Entry {
        id: demanded("id"),
        how: match demanded("how").as_str() {
            "value" => Difference::Value,
            "texts" => Difference::Texts,
            "digits" => Difference::Digits,
            "zeros" => Difference::Zeros,
            "type" => Difference::Type,
            "answered" => Difference::Answered,
            "refused" => Difference::Refused,
            other => panic!("differences.toml: how = {other}"),
        },
        example: demanded("example"),
        pattern: expression("pattern"),
        says: expression("says"),
        reason: demanded("reason"),
        upstream: text("upstream"),
    };
    assert!(entry.pattern.is_some() || entry.says.is_some(), "{} would excuse everything", entry.id);
    entry
}

impl Entry {
    /// Whether it explains a difference; `said` is what we say.
    pub fn explains(&self, how: Difference, sql: &str, said: &str) -> bool {
        self.how == how
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(sql))
            && self.says.as_ref().is_none_or(|says| says.is_match(said))
    }
}

#[test]
fn every_entry_says_why_and_there_are_no_more_than_there_were() {
    let entries = entries();
    assert_eq!(entries.len(), ENTRIES, "the list may only shrink");
    for entry in &entries {
        assert!(entry.reason.chars().count() > 20, "{}: {}", entry.id, entry.reason);
    }
}
