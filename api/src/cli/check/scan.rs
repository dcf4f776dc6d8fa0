//! Finds texts under given keys anywhere in a TOML file, with their places. Used for references, so that a mistake
//! elsewhere in the file does not hide a dangling one.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub col: usize,
    /// The key it stands under.
    pub key: String,
    /// The text.
    pub value: String,
}

/// All texts under these keys; none if the file is not TOML, which its own loader says.
pub fn texts(source: &str, keys: &[&str]) -> Vec<Found> {
    let mut found = Vec::new();
    if let Ok(table) = DeTable::parse(source) {
        walk_table(source, table.get_ref(), keys, &mut found);
    }
    found
}

fn walk_table(source: &str, table: &DeTable<'_>, keys: &[&str], found: &mut Vec<Found>) {
    for (key, value) in table.iter() {
        let name: &str = key.get_ref();
        if keys.contains(&name) {
            collect(source, name, value, found);
        }
        walk(source, value, keys, found);
    }
}

fn walk(source: &str, value: &Spanned<DeValue<'_>>, keys: &[&str], found: &mut Vec<Found>) {
    match value.get_ref() {
        DeValue::Table(table) => walk_table(source, table, keys, found),
        DeValue::Array(items) => items.iter().for_each(|item| walk(source, item, keys, found)),
        _ => {}
    }
}

fn collect(source: &str, key: &str, value: &Spanned<DeValue<'_>>, found: &mut Vec<Found>) {
    match value.get_ref() {
        DeValue::String(text) => {
            let before = source.get(..value.span().start).unwrap_or(source);
            found.push(Found {
                line: before.matches('\n').count() + 1,
                col: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
                key: key.to_owned(),
                value: text.to_string(),
            });
        }
        DeValue::Array(items) => items.iter().for_each(|item| collect(source, key, item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_at_any_depth() {
        let source =
            "table = \"a\"\n[[section]]\nindicators = [\"x\",\n  \"y\"]\n[section.deep]\nindicator = \"z\"\n";
        let found = texts(source, &["indicators", "indicator"]);
        let shown: Vec<_> = found.iter().map(|one| (one.line, one.col, one.value.as_str())).collect();
        assert_eq!(shown, [(3, 15, "x"), (4, 3, "y"), (6, 13, "z")]);
        assert!(texts("= broken", &["table"]).is_empty());
    }
}
