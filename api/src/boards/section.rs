//! A TOML table read key by key, so that every mistake of a board file is reported at once with its place.
//! A derived deserializer would stop at the first one.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::load::BoardDefinitionError;

/// Collects the mistakes of one file.
pub(super) struct Report<'a> {
    file: &'a str,
    text: &'a str,
    /// What was found.
    pub(super) errors: Vec<BoardDefinitionError>,
}

impl<'a> Report<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, errors: Vec::new() }
    }

    /// Line and column, both from 1, of a byte offset.
    pub(super) fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let col = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (line, col)
    }

    pub(super) fn add(&mut self, offset: usize, key: impl Into<String>, message: impl Into<String>) {
        let (line, col) = self.place(offset);
        self.errors.push(BoardDefinitionError {
            file: self.file.to_owned(),
            line,
            col,
            key: key.into(),
            message: message.into(),
        });
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) offset: usize,
}

/// A table of which each key is asked for once; what nobody asked for is a mistake.
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    pub(super) offset: usize,
    name: &'static str,
    asked: Vec<&'static str>,
}

impl<'t> Section<'t> {
    pub(super) fn new(table: &'t DeTable<'t>, offset: usize, name: &'static str) -> Self {
        Self { table, offset, name, asked: Vec::new() }
    }

    /// Name of a key with the section in front.
    pub(super) fn key(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn find(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    fn refuse<T>(&self, offset: usize, key: &str, message: &str, report: &mut Report<'_>) -> Option<T> {
        report.add(offset, self.key(key), message);
        None
    }

    pub(super) fn text(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Placed<String>> {
        let value = self.find(key)?;
        let offset = value.span().start;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => {
                Some(Placed { value: text.trim().to_owned(), offset })
            }
            DeValue::String(_) => self.refuse(offset, key, "不能为空，请填写内容或删去此键", report),
            _ => self.refuse(offset, key, "应为字符串", report),
        }
    }

    pub(super) fn required(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Placed<String>> {
        if self.table.contains_key(key) {
            return self.text(key, report);
        }
        self.asked.push(key);
        self.refuse(self.offset, key, "缺少此键，请补上", report)
    }

    pub(super) fn number(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Placed<u32>> {
        let value = self.find(key)?;
        let offset = value.span().start;
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        match number {
            Some(value) => Some(Placed { value, offset }),
            None => self.refuse(offset, key, "应为正整数", report),
        }
    }

    pub(super) fn texts(
        &mut self,
        key: &'static str,
        report: &mut Report<'_>,
    ) -> Option<Vec<Placed<String>>> {
        let value = self.find(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            return self.refuse(value.span().start, key, "应为字符串数组", report);
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => {
                    texts.push(Placed { value: text.to_string(), offset: item.span().start })
                }
                _ => report.add(item.span().start, self.key(key), "数组中应全是字符串"),
            }
        }
        Some(texts)
    }

    /// The tables of `[[name]]`.
    pub(super) fn tables(&mut self, name: &'static str, report: &mut Report<'_>) -> Vec<Section<'t>> {
        let Some(value) = self.find(name) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            report.add(value.span().start, name, format!("应写成 [[{name}]]"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => sections.push(Section::new(table, item.span().start, name)),
                _ => report.add(item.span().start, name, format!("应写成 [[{name}]]")),
            }
        }
        sections
    }

    /// Reports every key nobody asked for.
    pub(super) fn finish(self, report: &mut Report<'_>) {
        for (key, _) in self.table.iter() {
            let name: &str = key.get_ref();
            if !self.asked.contains(&name) {
                let message = format!("没有这个键，可用的有 {}", self.asked.join("、"));
                report.add(key.span().start, self.key(name), message);
            }
        }
    }
}
