//! Reads one TOML table key by key and keeps every mistake with its place, where serde would stop at the first.
//! It knows TOML and nothing of reports.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{DefinitionError, Places};

/// The file being read and what was found in it.
pub(super) struct Page<'t> {
    text: &'t str,
    pub(super) places: Places,
    pub(super) errors: Vec<DefinitionError>,
}

impl<'t> Page<'t> {
    pub(super) fn new(file: &str, text: &'t str) -> Self {
        Self { text, places: Places { file: file.to_owned(), ..Places::default() }, errors: vec![] }
    }

    pub(super) fn wrong(&mut self, span: Range<usize>, key: &str, message: impl Into<String>) {
        let (line, col) = self.place(span.start);
        self.errors.push(DefinitionError {
            file: self.places.file.clone(),
            line,
            col,
            key: key.to_owned(),
            message: message.into(),
        });
    }

    fn keep(&mut self, key: &str, span: Range<usize>) {
        let place = self.place(span.start);
        self.places.by_key.insert(key.to_owned(), place);
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        (before.matches('\n').count() + 1, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    }
}

/// One table and the keys asked of it; keys nobody asked for are mistakes.
pub(super) struct Reader<'t> {
    table: &'t DeTable<'t>,
    span: Range<usize>,
    path: String,
    asked: Vec<&'static str>,
}

impl<'t> Reader<'t> {
    pub(super) fn root(table: &'t Spanned<DeTable<'t>>) -> Self {
        Self { table: table.get_ref(), span: 0..0, path: String::new(), asked: vec![] }
    }

    /// Full name of a key: `section.0.title`.
    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes a mistake at a key.
    pub(super) fn wrong(&self, page: &mut Page<'_>, key: &str, message: impl Into<String>) {
        let span = self.table.get(key).map_or(self.span.clone(), Spanned::span);
        page.wrong(span, &self.key(key), message);
    }

    /// A text that must be there and not empty.
    pub(super) fn text(&mut self, page: &mut Page<'_>, key: &'static str) -> Option<String> {
        let value = self.value(page, key, "a text")?;
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            _ => {
                self.wrong(page, key, "write a text that is not empty");
                None
            }
        }
    }

    /// A word that must be one of several.
    pub(super) fn word<T>(
        &mut self,
        page: &mut Page<'_>,
        key: &'static str,
        words: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(page, key, words)?;
        let found = value.get_ref().as_str().and_then(parse);
        if found.is_none() {
            self.wrong(page, key, format!("use one of: {words}"));
        }
        found
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &mut self,
        page: &mut Page<'_>,
        key: &'static str,
        bounds: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let value = self.value(page, key, "a whole number")?;
        let number =
            value.get_ref().as_integer().and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok());
        let found = number.filter(|n| bounds.contains(n));
        if found.is_none() {
            self.wrong(
                page,
                key,
                format!("write a whole number from {} to {}", bounds.start(), bounds.end()),
            );
        }
        found
    }

    /// A list of words, not empty, each once.
    pub(super) fn words<T>(
        &mut self,
        page: &mut Page<'_>,
        key: &'static str,
        words: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut found = vec![];
        let mut seen: Vec<&str> = vec![];
        let Some(value) = self.value(page, key, &format!("a list of {words}")) else { return found };
        let Some(items) = value.get_ref().as_array().filter(|items| !items.is_empty()) else {
            self.wrong(page, key, format!("write a list of at least one of: {words}"));
            return found;
        };
        for (at, item) in items.iter().enumerate() {
            let key = self.key(&format!("{key}.{at}"));
            page.keep(&key, item.span());
            match item.get_ref().as_str() {
                Some(text) if seen.contains(&text) => {
                    page.wrong(item.span(), &key, format!("“{text}” is listed twice; remove one"))
                }
                Some(text) => match parse(text) {
                    Some(word) => {
                        seen.push(text);
                        found.push(word);
                    }
                    None => page.wrong(item.span(), &key, format!("“{text}” is not known; use: {words}")),
                },
                None => page.wrong(item.span(), &key, "write a text"),
            }
        }
        found
    }

    /// Tables `[[key]]`; none is an empty list.
    pub(super) fn tables(&mut self, page: &mut Page<'_>, key: &'static str) -> Vec<Reader<'t>> {
        self.asked.push(key);
        let Some(value) = self.table.get(key) else { return vec![] };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(page, key, format!("write tables [[{key}]]"));
            return vec![];
        };
        let mut found = vec![];
        for (at, item) in items.iter().enumerate() {
            let path = self.key(&format!("{key}.{at}"));
            match item.get_ref().as_table() {
                Some(table) => found.push(Reader { table, span: item.span(), path, asked: vec![] }),
                None => page.wrong(item.span(), &path, format!("write a table [[{key}]]")),
            }
        }
        found
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self, page: &mut Page<'_>) {
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(&name) {
                page.wrong(
                    key.span(),
                    &self.key(name),
                    format!("unknown key; here are known: {}", self.asked.join(", ")),
                );
            }
        }
    }

    fn value(
        &mut self,
        page: &mut Page<'_>,
        key: &'static str,
        what: &str,
    ) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        let found = self.table.get(key);
        match found {
            Some(value) => page.keep(&self.key(key), value.span()),
            None => self.wrong(page, key, format!("is missing; add {key} = {what}")),
        }
        found
    }
}
