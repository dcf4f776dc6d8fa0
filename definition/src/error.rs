//! One thing wrong with one definition file, and where the keys of a file stand, for what is found wrong after reading.

use std::collections::BTreeMap;
use std::fmt;

/// One thing wrong with one definition file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DefinitionError {
    /// The file, below the root of the definitions.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub col: usize,
    /// The key it is about, with the tables around it: `tile[map].span`. Empty when the file as a whole is wrong.
    pub key: String,
    /// What to do, in Chinese.
    pub message: String,
}

impl DefinitionError {
    /// About the file as a whole.
    #[must_use]
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 1, col: 1, key: String::new(), message: message.into() }
    }
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.key.is_empty() { "-" } else { &self.key };
        write!(f, "{}:{}:{}: {key}: {}", self.file, self.line, self.col, self.message)
    }
}

impl std::error::Error for DefinitionError {}

/// Where the keys of a file stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    file: String,
    by_key: BTreeMap<String, (usize, usize)>,
}

impl Places {
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), by_key: BTreeMap::new() }
    }

    pub(crate) fn keep(&mut self, key: String, place: (usize, usize)) {
        self.by_key.insert(key, place);
    }

    /// The file, below the root of the definitions.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// An error at a key; at the table around it where the key itself was not written.
    #[must_use]
    pub fn error(&self, key: &str, message: impl Into<String>) -> DefinitionError {
        let around = |key: &str| key.rsplit_once('.').map(|(table, _)| table.to_owned());
        let (mut asked, mut found) = (Some(key.to_owned()), None);
        while let (Some(name), None) = (&asked, found) {
            found = self.by_key.get(name).copied();
            asked = around(name);
        }
        let (line, col) = found.unwrap_or((1, 1));
        DefinitionError { file: self.file.clone(), line, col, key: key.to_owned(), message: message.into() }
    }
}
