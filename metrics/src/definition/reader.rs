//! Reads one TOML table key by key and keeps every mistake with its place, where serde would stop at the first.
//! It knows TOML and nothing of indicators.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::DefinitionError;

/// The file being read: positions become line and column here.
pub(crate) struct Page<'t> {
    pub(crate) file: &'t str,
    pub(crate) text: &'t str,
}

impl Page<'_> {
    pub(crate) fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        (line, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    }

    pub(crate) fn error(&self, span: &Range<usize>, key: &str, message: String) -> DefinitionError {
        let (line, col) = self.place(span);
        DefinitionError { file: self.file.to_owned(), line, col, key: key.to_owned(), message }
    }
}

/// What was found while reading: mistakes, and where each key stands for checks that come later.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) errors: Vec<DefinitionError>,
    pub(crate) places: BTreeMap<String, (usize, usize)>,
}

/// One table of the file and the keys it may have.
pub(crate) struct Reader<'t> {
    page: &'t Page<'t>,
    table: &'t DeTable<'t>,
    span: Range<usize>,
    path: String,
    known: Vec<&'static str>,
}

impl<'t> Reader<'t> {
    pub(crate) fn root(page: &'t Page<'t>, table: &'t Spanned<DeTable<'t>>) -> Self {
        Self { page, table: table.get_ref(), span: 0..0, path: String::new(), known: Vec::new() }
    }

    /// The text of a key that must be there and not empty.
    pub(crate) fn text(&mut self, key: &'static str, found: &mut Findings) -> Option<String> {
        let value = self.required(key, "a text", found)?;
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            _ => self.reject(key, value.span(), "write a text that is not empty".into(), found),
        }
    }

    /// The whole number of a key that must be there.
    pub(crate) fn number(&mut self, key: &'static str, found: &mut Findings) -> Option<u32> {
        let value = self.required(key, "a whole number", found)?;
        let number =
            value.get_ref().as_integer().and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok());
        match number {
            Some(number) => Some(number),
            None => self.reject(key, value.span(), "write a whole number from 0".into(), found),
        }
    }

    /// One of several words; `parse` tells which are known.
    pub(crate) fn word<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        words: &str,
        found: &mut Findings,
    ) -> Option<T> {
        let value = self.required(key, words, found)?;
        match value.get_ref().as_str().and_then(parse) {
            Some(word) => Some(word),
            None => self.reject(key, value.span(), format!("use one of: {words}"), found),
        }
    }

    /// One of several words, or `missing` where the key is left out.
    pub(crate) fn word_or<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        missing: T,
        words: &str,
        found: &mut Findings,
    ) -> T {
        match self.table.contains_key(key) {
            true => self.word(key, parse, words, found).unwrap_or(missing),
            false => {
                self.known.push(key);
                missing
            }
        }
    }

    /// A list of texts without repetitions.
    pub(crate) fn texts(&mut self, key: &'static str, found: &mut Findings) -> Vec<String> {
        self.words(key, |text| Some(text.to_owned()), "texts", found)
    }

    /// A list of words without repetitions; `parse` tells which are known.
    pub(crate) fn words<T: PartialEq>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        words: &str,
        found: &mut Findings,
    ) -> Vec<T> {
        let mut list = Vec::new();
        let Some(value) = self.required(key, "a list", found) else { return list };
        let Some(items) = value.get_ref().as_array() else {
            let _: Option<()> = self.reject(key, value.span(), format!("write a list of: {words}"), found);
            return list;
        };
        for item in items.iter() {
            let word = item.get_ref().as_str().and_then(&parse);
            let message = match word {
                Some(word) if !list.contains(&word) => {
                    list.push(word);
                    continue;
                }
                Some(_) => "is listed twice; remove one".to_owned(),
                None => format!("is not known; use: {words}"),
            };
            let shown = item.get_ref().as_str().unwrap_or("value").to_owned();
            let _: Option<()> = self.reject(key, item.span(), format!("`{shown}` {message}"), found);
        }
        list
    }

    /// A table inside this one that must be there.
    pub(crate) fn section(&mut self, key: &'static str, found: &mut Findings) -> Option<Self> {
        let value = self.required(key, "a table", found)?;
        match value.get_ref().as_table() {
            Some(table) => Some(self.child(key, table, value.span())),
            None => self.reject(key, value.span(), format!("write a table [{key}]"), found),
        }
    }

    /// A list of tables; missing means none.
    pub(crate) fn sections(&mut self, key: &'static str, found: &mut Findings) -> Vec<Self> {
        self.known.push(key);
        let mut list = Vec::new();
        let Some(value) = self.table.get(key) else { return list };
        self.keep_place(key, value.span(), found);
        let items = value.get_ref().as_array().map(|array| array.iter().collect::<Vec<_>>());
        for item in items.as_deref().unwrap_or(&[value]) {
            match item.get_ref().as_table() {
                Some(table) => list.push(self.child(key, table, item.span())),
                None => {
                    let _: Option<()> =
                        self.reject(key, item.span(), "write a list of tables { … }".into(), found);
                }
            }
        }
        list
    }

    /// Lets keys stand unread, because what they mean hangs on another key that is wrong.
    pub(crate) fn leave(&mut self, keys: &[&'static str]) {
        self.known.extend(keys);
    }

    /// Says that a key is wrong, after all.
    pub(crate) fn wrong(&self, key: &str, message: String, found: &mut Findings) {
        let span = self.table.get(key).map_or(self.span.clone(), Spanned::span);
        let error = self.page.error(&span, &self.full(key), message);
        found.errors.push(error);
    }

    /// Every key that nobody asked for is a mistake.
    pub(crate) fn finish(self, found: &mut Findings) {
        for key in self.table.keys() {
            let name: &str = key.get_ref().as_ref();
            if !self.known.contains(&name) {
                let message = format!("unknown key; the keys here are {}", self.known.join(", "));
                found.errors.push(self.page.error(&key.span(), &self.full(name), message));
            }
        }
    }

    fn required(
        &mut self,
        key: &'static str,
        what: &str,
        found: &mut Findings,
    ) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.push(key);
        match self.table.get(key) {
            Some(value) => {
                self.keep_place(key, value.span(), found);
                Some(value)
            }
            None => self.reject(key, self.span.clone(), format!("is missing; add {key} = {what}"), found),
        }
    }

    fn child(&self, key: &str, table: &'t DeTable<'t>, span: Range<usize>) -> Self {
        Self { page: self.page, table, span, path: self.full(key), known: Vec::new() }
    }

    fn keep_place(&self, key: &str, span: Range<usize>, found: &mut Findings) {
        found.places.insert(self.full(key), self.page.place(&span));
    }

    fn reject<T>(&self, key: &str, span: Range<usize>, message: String, found: &mut Findings) -> Option<T> {
        found.errors.push(self.page.error(&span, &self.full(key), message));
        None
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}
