//! Codes: a closed list of values with the other names partners have for them.

use indexmap::IndexMap;

use super::Cell;
use super::text::{is_missing, squeeze};
use crate::reason::Reason;

/// Stored value by every name it may arrive under (squeezed, lower case).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CodeList {
    names: IndexMap<String, String>,
}

impl CodeList {
    /// Adds a name of a value; `false` when the name already means another value.
    pub fn add(&mut self, name: &str, value: &str) -> bool {
        let old = self.names.insert(squeeze(name).to_lowercase(), value.to_owned());
        old.is_none_or(|old| old == value)
    }

    /// The value behind a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.names.get(&squeeze(name).to_lowercase()).map(String::as_str)
    }
}

/// The stored value of the code in a cell; `None` when nothing is there.
pub fn code(cell: &Cell, list: &CodeList) -> Result<Option<String>, Reason> {
    let shown = match cell {
        Cell::Empty => return Ok(None),
        Cell::Garbled(_) => return Err(Reason::BadEncoding),
        other => other.shown(),
    };
    if is_missing(&squeeze(&shown)) {
        return Ok(None);
    }
    list.get(&shown).map(|v| Some(v.to_owned())).ok_or(Reason::BadCode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_unknown_names_and_nothing() {
        let mut list = CodeList::default();
        assert!(list.add("医疗", "医疗"));
        assert!(list.add("医疗类", "医疗"));
        assert!(!list.add("医疗类", "教育"));
        list.add("医疗类", "医疗");
        assert_eq!(code(&Cell::text(" 医 疗 类"), &list), Ok(Some("医疗".into())));
        assert_eq!(code(&Cell::text("医药"), &list), Err(Reason::BadCode));
        assert_eq!(code(&Cell::text("医疗\u{0}"), &list), Err(Reason::BadCode));
        assert_eq!(code(&Cell::text("null"), &list), Ok(None));
        assert_eq!(code(&Cell::Empty, &list), Ok(None));
    }
}
