//! Strict reading of TOML with positions: every wrong, missing or unknown key of a file is reported, not
//! only the first one. Serde stops at the first error, which is why this is not serde. Used for tables here and
//! for feeds in `ingest`.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::DefinitionError;

/// Collects the errors of one file.
pub struct Report<'a> {
    file: &'a str,
    text: &'a str,
    errors: RefCell<Vec<DefinitionError>>,
}

impl<'a> Report<'a> {
    /// A report of one file; `text` is its content, for lines and columns.
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, errors: RefCell::default() }
    }

    /// Notes an error at a place in bytes.
    pub fn add(&self, span: Range<usize>, key: &str, message: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let col = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let error =
            DefinitionError { file: self.file.into(), line, col, key: key.into(), message: message.into() };
        self.errors.borrow_mut().push(error);
    }

    /// All errors in the order of the file.
    pub fn into_errors(self) -> Vec<DefinitionError> {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(|e| (e.line, e.col));
        errors
    }
}

/// A table of the file. Keys that were not asked for are reported by [`Section::finish`].
pub struct Section<'a, 'r> {
    table: &'a DeTable<'a>,
    span: Range<usize>,
    report: &'r Report<'r>,
    asked: RefCell<HashSet<&'static str>>,
}

/// Texts under names, in the order of the file.
pub type NamedLists = Vec<(String, Vec<String>)>;

/// A value with its place.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

impl<'a, 'r> Section<'a, 'r> {
    /// A table found at a place.
    pub fn new(table: &'a DeTable<'a>, span: Range<usize>, report: &'r Report<'r>) -> Self {
        Self { table, span, report, asked: RefCell::default() }
    }

    /// Where the table stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The report errors go to.
    pub fn report(&self) -> &'r Report<'r> {
        self.report
    }

    fn raw(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key);
        self.table.iter().find(|(k, _)| k.get_ref().as_ref() == key).map(|(_, v)| v)
    }

    fn read<T>(
        &self,
        key: &'static str,
        wanted: &str,
        convert: impl Fn(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<At<T>> {
        let raw = self.raw(key)?;
        let value = convert(raw.get_ref());
        if value.is_none() {
            self.report.add(raw.span(), key, format!("must be {wanted}, not {}", raw.get_ref().type_str()));
        }
        value.map(|value| At { value, span: raw.span() })
    }

    fn demand<T>(&self, key: &'static str, found: Option<At<T>>) -> Option<At<T>> {
        if found.is_none() && self.raw(key).is_none() {
            self.report.add(self.span(), key, format!("is missing; add `{key} = …`"));
        }
        found
    }

    /// Text that may be missing.
    pub fn text(&self, key: &'static str) -> Option<At<String>> {
        self.read(key, "text", |v| v.as_str().map(ToOwned::to_owned))
    }

    /// Text that must be there and must not be empty.
    pub fn required_text(&self, key: &'static str) -> Option<At<String>> {
        let found = self.demand(key, self.text(key))?;
        if found.value.trim().is_empty() {
            self.report.add(found.span.clone(), key, "must not be empty");
        }
        Some(found)
    }

    /// A whole number that may be missing.
    pub fn integer(&self, key: &'static str) -> Option<At<i64>> {
        self.read(key, "a whole number", |v| {
            v.as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok())
        })
    }

    /// A whole number that must be there.
    pub fn required_integer(&self, key: &'static str) -> Option<At<i64>> {
        self.demand(key, self.integer(key))
    }

    /// True or false; false when missing.
    pub fn boolean(&self, key: &'static str) -> bool {
        self.read(key, "true or false", DeValue::as_bool).is_some_and(|b| b.value)
    }

    /// A list of texts that may be missing.
    pub fn texts(&self, key: &'static str) -> Option<At<Vec<String>>> {
        self.read(key, "a list of texts", |v| {
            v.as_array()?.iter().map(|item| item.get_ref().as_str().map(ToOwned::to_owned)).collect()
        })
    }

    /// A table whose values are all texts.
    pub fn pairs(&self, key: &'static str) -> Option<At<Vec<(String, String)>>> {
        self.read(key, "a table of texts", |v| {
            v.as_table()?
                .iter()
                .map(|(k, v)| Some((k.get_ref().to_string(), v.get_ref().as_str()?.to_owned())))
                .collect()
        })
    }

    /// A table whose values are all lists of texts.
    pub fn lists(&self, key: &'static str) -> Option<At<NamedLists>> {
        self.read(key, "a table of lists of texts", |v| {
            v.as_table()?
                .iter()
                .map(|(k, v)| {
                    let items =
                        v.get_ref().as_array()?.iter().map(|i| i.get_ref().as_str().map(ToOwned::to_owned));
                    Some((k.get_ref().to_string(), items.collect::<Option<Vec<_>>>()?))
                })
                .collect()
        })
    }

    /// A table that must be there.
    pub fn section(&self, key: &'static str) -> Option<Section<'a, 'r>> {
        let found = self.demand(key, self.read(key, "a table", DeValue::as_table))?;
        Some(Section::new(found.value, found.span, self.report))
    }

    /// A table that may be missing.
    pub fn optional_section(&self, key: &'static str) -> Option<Section<'a, 'r>> {
        let found = self.read(key, "a table", DeValue::as_table)?;
        Some(Section::new(found.value, found.span, self.report))
    }

    /// An array of tables, empty when missing.
    pub fn sections(&self, key: &'static str) -> Vec<Section<'a, 'r>> {
        let found = self.read(key, "tables [[…]]", |v| {
            v.as_array()?
                .iter()
                .map(|item| Some((item.get_ref().as_table()?, item.span())))
                .collect::<Option<Vec<_>>>()
        });
        found
            .map(|f| f.value)
            .unwrap_or_default()
            .into_iter()
            .map(|(t, s)| Section::new(t, s, self.report))
            .collect()
    }

    /// Reports every key nobody asked for.
    pub fn finish(self) {
        for (key, _) in self.table.iter() {
            if !self.asked.borrow().contains(key.get_ref().as_ref()) {
                let mut known: Vec<&str> = self.asked.borrow().iter().copied().collect();
                known.sort_unstable();
                self.report.add(
                    key.span(),
                    key.get_ref(),
                    format!("is unknown here; known are: {}", known.join(", ")),
                );
            }
        }
    }
}
