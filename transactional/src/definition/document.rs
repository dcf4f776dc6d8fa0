//! A TOML document read key by key, so that every mistake of a file is reported at once with its place.
//! A derived deserializer would stop at the first one.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::DefinitionError;

/// Collects the errors of one file.
pub(super) struct Report<'a> {
    file: &'a str,
    text: &'a str,
    errors: Vec<DefinitionError>,
}

impl<'a> Report<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, errors: Vec::new() }
    }

    pub(super) fn add(&mut self, offset: usize, key: &str, message: impl Into<String>) {
        let (line, col) = place(self.text, offset);
        self.errors.push(DefinitionError {
            file: self.file.to_owned(),
            line,
            col,
            key: key.to_owned(),
            message: message.into(),
        });
    }

    pub(super) fn into_errors(self) -> Vec<DefinitionError> {
        self.errors
    }
}

/// Line and column, both from 1, of a byte offset.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |p| p + 1);
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}

/// File name without folders and ending.
pub(super) fn stem(file: &str) -> &str {
    Path::new(file).file_stem().and_then(|s| s.to_str()).unwrap_or(file)
}

/// A table being read: keys are asked for one by one, what was not asked for is an error at the end.
pub(super) struct Section<'t, 'i> {
    table: &'t DeTable<'i>,
    offset: usize,
    path: String,
    asked: Vec<&'static str>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) offset: usize,
}

/// Which of some names are meant.
pub(super) enum Choice {
    All,
    Of(Vec<Placed<String>>),
}

impl<'t, 'i> Section<'t, 'i> {
    pub(super) fn new(table: &'t DeTable<'i>, offset: usize, path: impl Into<String>) -> Self {
        Self { table, offset, path: path.into(), asked: Vec::new() }
    }

    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// Full key of a name in this section.
    pub(super) fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn find(&mut self, name: &'static str) -> Option<(&'t DeValue<'i>, usize)> {
        if !self.asked.contains(&name) {
            self.asked.push(name);
        }
        self.table.get(name).map(|value| (value.get_ref(), value.span().start))
    }

    pub(super) fn text(&mut self, name: &'static str, report: &mut Report<'_>) -> Option<Placed<String>> {
        let (value, offset) = self.find(name)?;
        match value {
            DeValue::String(text) if !text.trim().is_empty() => {
                Some(Placed { value: text.trim().to_owned(), offset })
            }
            DeValue::String(_) => self.refuse(offset, name, "不能为空，请填写内容或删去此键", report),
            other => self.refuse(offset, name, &format!("应为字符串，不是 {}", other.type_str()), report),
        }
    }

    pub(super) fn required_text(&mut self, name: &'static str, report: &mut Report<'_>) -> Placed<String> {
        let missing = !self.table.contains_key(name);
        self.text(name, report).unwrap_or_else(|| {
            if missing {
                report.add(self.offset, &self.key(name), "缺少此键，请补上");
            }
            Placed { value: String::new(), offset: self.offset }
        })
    }

    pub(super) fn flag(&mut self, name: &'static str, report: &mut Report<'_>) -> bool {
        match self.find(name) {
            None => false,
            Some((DeValue::Boolean(value), _)) => *value,
            Some((other, offset)) => {
                let message = format!("应为 true 或 false，不是 {}", other.type_str());
                self.refuse::<bool>(offset, name, &message, report).unwrap_or(false)
            }
        }
    }

    /// A number, or a number in quotes.
    pub(super) fn number<T: std::str::FromStr>(
        &mut self,
        name: &'static str,
        report: &mut Report<'_>,
    ) -> Option<Placed<T>> {
        let (value, offset) = self.find(name)?;
        let text = match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.as_str().to_owned(),
            other => {
                return self.refuse(offset, name, &format!("应为数字，不是 {}", other.type_str()), report);
            }
        };
        match text.parse() {
            Ok(value) => Some(Placed { value, offset }),
            Err(_) => self.refuse(offset, name, &format!("“{text}”不是这里能用的数字"), report),
        }
    }

    pub(super) fn texts(&mut self, name: &'static str, report: &mut Report<'_>) -> Vec<Placed<String>> {
        let Some((value, offset)) = self.find(name) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            let message = format!("应为字符串数组，不是 {}", value.type_str());
            self.refuse::<()>(offset, name, &message, report);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => {
                    texts.push(Placed { value: text.to_string(), offset: item.span().start })
                }
                other => {
                    let message = format!("数组中应全是字符串，这里是 {}", other.type_str());
                    report.add(item.span().start, &self.key(name), message);
                }
            }
        }
        texts
    }

    /// `"all"`, `"none"` or an array of names; none when the key is absent.
    pub(super) fn choice(&mut self, name: &'static str, report: &mut Report<'_>) -> Option<Choice> {
        match self.find(name)? {
            (DeValue::String(text), _) if text == "all" => Some(Choice::All),
            (DeValue::String(text), _) if text == "none" => Some(Choice::Of(Vec::new())),
            (DeValue::Array(_), _) => Some(Choice::Of(self.texts(name, report))),
            (_, offset) => self.refuse(offset, name, "应为 \"all\"、\"none\" 或字段名的数组", report),
        }
    }

    /// The table of `[name]`; none when there is no such key or its value is no table.
    pub(super) fn table(&mut self, name: &'static str) -> Option<Section<'t, 'i>> {
        match self.find(name)? {
            (DeValue::Table(table), offset) => Some(Section::new(table, offset, self.key(name))),
            _ => None,
        }
    }

    /// The tables of `[[name]]`.
    pub(super) fn tables(&mut self, name: &'static str, report: &mut Report<'_>) -> Vec<Section<'t, 'i>> {
        let Some((value, offset)) = self.find(name) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            self.refuse::<()>(offset, name, &format!("应写成 [[{name}]]"), report);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (position, item) in items.iter().enumerate() {
            match item.get_ref() {
                DeValue::Table(table) => {
                    // The name of the entry reads better in a message than its number.
                    let label = ["name", "id", "code"].iter().find_map(|k| table.get(*k)?.get_ref().as_str());
                    let label = label.map_or_else(|| (position + 1).to_string(), str::to_owned);
                    sections.push(Section::new(table, item.span().start, format!("{name}[{label}]")));
                }
                _ => report.add(item.span().start, &self.key(name), format!("应写成 [[{name}]]")),
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
                report.add(key.span().start, &self.key(name), message);
            }
        }
    }

    fn refuse<T>(&self, offset: usize, name: &str, message: &str, report: &mut Report<'_>) -> Option<T> {
        report.add(offset, &self.key(name), message);
        None
    }
}
