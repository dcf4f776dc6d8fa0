//! One table of a file, asked key by key. What was not asked for is a mistake; texts are trimmed; whole numbers may be
//! written in every way TOML has.

use std::cell::{Cell, RefCell};
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Report;
use super::rooms::Room;

/// Keys that name an entry of a list of tables, in errors.
const LABELS: [&str; 4] = ["name", "id", "code", "column"];

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// Its key with the tables around it.
    pub key: String,
}

/// Texts under names, in the order of the file.
pub type NamedTexts = Vec<(String, Vec<String>)>;

/// A table of the file.
pub struct Section<'t> {
    table: &'t DeTable<'t>,
    span: Range<usize>,
    path: String,
    report: &'t Report<'t>,
    asked: RefCell<Vec<&'static str>>,
    has_ids_for_keys: Cell<bool>,
}

type Found<'t> = &'t Spanned<DeValue<'t>>;

impl<'t> Section<'t> {
    pub(crate) fn root(table: &'t DeTable<'t>, report: &'t Report<'t>) -> Self {
        Self::new(table, 0..0, String::new(), report)
    }

    fn new(table: &'t DeTable<'t>, span: Range<usize>, path: String, report: &'t Report<'t>) -> Self {
        report.keep(path.clone(), &span);
        Self { table, span, path, report, asked: RefCell::default(), has_ids_for_keys: Cell::default() }
    }

    /// Full name of a key: `tile[map].span`.
    #[must_use]
    pub fn key(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (_, true) => self.path.clone(),
            (true, false) => key.to_owned(),
            (false, false) => format!("{}.{key}", self.path),
        }
    }

    /// Where the table stands, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether the key is written.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key is written and its value is a list: for keys that take a word or a list of names.
    #[must_use]
    pub fn is_list(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_array())
    }

    /// Whether the key is written as a table: for keys that take a word or a table.
    #[must_use]
    pub fn is_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_table())
    }

    /// Notes a mistake at a key of this table; at the table where the key is not written.
    pub fn wrong(&self, key: &str, message: impl Into<String>) {
        let span = self.table.get(key).map_or_else(|| self.span(), Spanned::span);
        self.report.add(span, &self.key(key), message);
    }

    /// Notes a mistake at a value.
    pub fn wrong_at<T>(&self, at: &At<T>, message: impl Into<String>) {
        self.report.add(at.span.clone(), &at.key, message);
    }

    /// Notes that a value names a definition of another room.
    pub fn refers(&self, at: &At<String>, room: &Room) {
        self.report.refer(room, &at.value, &at.span, &at.key);
    }

    /// Lets keys stand unread, because what they mean hangs on another key that is wrong.
    pub fn leave(&self, keys: &[&'static str]) {
        self.asked.borrow_mut().extend(keys);
    }

    /// The key `format`, which says what the other keys mean.
    pub fn format(&self, known: i64) {
        match self.whole("format", 0..=i64::MAX) {
            Some(format) if format.value == known => {}
            Some(format) => self.wrong_at(&format, format!("本程序只认 format = {known}")),
            None if self.has("format") => {}
            None => self.wrong("format", format!("缺少此键，请补上 format = {known}")),
        }
    }

    /// Text that may be missing, but not be empty.
    pub fn text(&self, key: &'static str) -> Option<At<String>> {
        let found = self.read(key, "一段文字", DeValue::as_str)?;
        let text = found.value.trim();
        if text.is_empty() {
            self.wrong(key, "不能为空，请填写内容或删去此键");
            return None;
        }
        Some(At { value: text.to_owned(), span: found.span, key: found.key })
    }

    /// Text that must be there.
    pub fn required_text(&self, key: &'static str) -> Option<At<String>> {
        self.demand(key, "\"…\"", Self::text)
    }

    /// Text as it is written, blanks and all, that may be missing.
    pub fn raw_text(&self, key: &'static str) -> Option<At<String>> {
        let found = self.read(key, "一段文字", DeValue::as_str)?;
        Some(At { value: found.value.to_owned(), span: found.span, key: found.key })
    }

    /// One of several words that may be missing.
    pub fn word<T: Clone>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| value.clone());
        if found.is_none() {
            self.wrong_at(&text, unknown(&text.value, words));
        }
        found
    }

    /// One of several words that must be there.
    pub fn required_word<T: Clone>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.demand(key, &names.join(" 或 "), |section, key| section.word(key, words))
    }

    /// A whole number within bounds that may be missing.
    pub fn whole<T>(&self, key: &'static str, bounds: RangeInclusive<T>) -> Option<At<T>>
    where
        T: TryFrom<i64> + PartialOrd + std::fmt::Display,
    {
        let found = self.read(key, "整数", whole)?;
        match T::try_from(found.value).ok().filter(|number| bounds.contains(number)) {
            Some(value) => Some(At { value, span: found.span, key: found.key }),
            None => {
                self.wrong(key, format!("应在 {} 到 {} 之间", bounds.start(), bounds.end()));
                None
            }
        }
    }

    /// A whole number within bounds that must be there.
    pub fn required_whole<T>(&self, key: &'static str, bounds: RangeInclusive<T>) -> Option<At<T>>
    where
        T: TryFrom<i64> + PartialOrd + std::fmt::Display + Clone,
    {
        self.demand(key, "整数", |section, key| section.whole(key, bounds.clone()))
    }

    /// A number, or one in quotes where digits must be kept, that may be missing.
    pub fn number<T: FromStr>(&self, key: &'static str) -> Option<At<T>> {
        let found = self.read(key, "数字", |value| match value {
            DeValue::String(text) => Some(text.trim().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::Integer(_) => whole(value).map(|number| number.to_string()),
            _ => None,
        })?;
        match found.value.parse() {
            Ok(value) => Some(At { value, span: found.span, key: found.key }),
            Err(_) => {
                self.wrong(key, format!("“{}”不是这里能用的数字", found.value));
                None
            }
        }
    }

    /// True or false; false when missing.
    pub fn flag(&self, key: &'static str) -> bool {
        self.read(key, "true 或 false", DeValue::as_bool).is_some_and(|found| found.value)
    }

    /// A list of texts that may be missing, each with its place.
    pub fn texts(&self, key: &'static str) -> Option<Vec<At<String>>> {
        let found = self.read(key, "文字的列表", DeValue::as_array)?;
        let mut texts = Vec::new();
        for (position, item) in found.value.iter().enumerate() {
            let at = At { value: (), span: item.span(), key: format!("{}[{position}]", found.key) };
            self.report.keep(at.key.clone(), &at.span);
            match item.get_ref().as_str().map(str::trim) {
                Some("") => self.wrong_at(&at, "不能为空，请填写内容或删去"),
                Some(text) => texts.push(At { value: text.to_owned(), span: at.span, key: at.key }),
                None => self.wrong_at(&at, format!("应为一段文字，不是{}", kind(item.get_ref()))),
            }
        }
        Some(texts)
    }

    /// A list of texts, each once, that must be there.
    pub fn distinct_texts(&self, key: &'static str) -> Vec<At<String>> {
        let texts = self.demand(key, "[\"…\"]", Self::texts).unwrap_or_default();
        let mut kept: Vec<At<String>> = Vec::new();
        for text in texts {
            match kept.iter().any(|other| other.value == text.value) {
                true => self.wrong_at(&text, format!("“{}”写了两次，请删去一个", text.value)),
                false => kept.push(text),
            }
        }
        kept
    }

    /// A list of words, each once, that must be there.
    pub fn words<T: Clone>(&self, key: &'static str, words: &[(&str, T)]) -> Vec<T> {
        self.distinct_texts(key).iter().filter_map(|text| self.known(text, words)).collect()
    }

    /// What a text means that should be one of several words.
    pub fn known<T: Clone>(&self, text: &At<String>, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| value.clone());
        if found.is_none() {
            self.wrong_at(text, unknown(&text.value, words));
        }
        found
    }

    /// The words under all keys that were not asked for, in a table where each of those names a definition of another room.
    /// No key is unknown then: one that names nothing is a reference that leads nowhere.
    pub fn words_by_id<T: Clone>(&self, room: &Room, words: &[(&str, T)]) -> Vec<(At<String>, T)> {
        self.has_ids_for_keys.set(true);
        let asked = self.asked.borrow();
        let mut found = Vec::new();
        for (key, value) in self.table {
            let id: &str = key.get_ref();
            if asked.contains(&id) {
                continue;
            }
            let name = At { value: id.to_owned(), span: key.span(), key: self.key(id) };
            self.report.keep(name.key.clone(), &name.span);
            self.refers(&name, room);
            let Some(text) = value.get_ref().as_str() else {
                self.wrong(id, format!("应为一段文字，不是{}", kind(value.get_ref())));
                continue;
            };
            let text = At { value: text.trim().to_owned(), span: value.span(), key: self.key(id) };
            found.extend(self.known(&text, words).map(|word| (name, word)));
        }
        found
    }

    /// A table whose values are all texts.
    pub fn pairs(&self, key: &'static str) -> Option<At<Vec<(String, String)>>> {
        self.read(key, "值全为文字的表", |value| {
            let pair = |(name, text): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                Some((
                    AsRef::<str>::as_ref(name.get_ref()).to_owned(),
                    text.get_ref().as_str()?.trim().to_owned(),
                ))
            };
            value.as_table()?.iter().map(pair).collect()
        })
    }

    /// A table whose values are all lists of texts.
    pub fn lists(&self, key: &'static str) -> Option<At<NamedTexts>> {
        self.read(key, "值全为文字列表的表", |value| {
            let list = |(name, items): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let text =
                    |item: &Spanned<DeValue<'_>>| item.get_ref().as_str().map(|text| text.trim().to_owned());
                let items = items.get_ref().as_array()?.iter().map(text).collect::<Option<Vec<_>>>()?;
                Some((AsRef::<str>::as_ref(name.get_ref()).to_owned(), items))
            };
            value.as_table()?.iter().map(list).collect()
        })
    }

    /// The table `[key]`; none when it is missing.
    pub fn table(&self, key: &'static str) -> Option<Section<'t>> {
        let found = self.read(key, "表", DeValue::as_table)?;
        Some(Section::new(found.value, found.span, found.key, self.report))
    }

    /// The table `[key]` that must be there.
    pub fn required_table(&self, key: &'static str) -> Option<Section<'t>> {
        self.demand(key, "{ … }", Self::table)
    }

    /// The tables `[[key]]`, none when missing. An entry is named after its `name`, `id`, `code` or `column`.
    pub fn tables(&self, key: &'static str) -> Vec<Section<'t>> {
        let Some(found) = self.read(key, "表的列表", DeValue::as_array) else { return Vec::new() };
        let mut tables = Vec::new();
        for (position, item) in found.value.iter().enumerate() {
            let Some(table) = item.get_ref().as_table() else {
                self.report.add(item.span(), &found.key, format!("应写成 [[{key}]]"));
                continue;
            };
            let label = LABELS.iter().find_map(|label| table.get(*label)?.get_ref().as_str());
            let label = label.map_or_else(|| (position + 1).to_string(), |label| label.trim().to_owned());
            let path = format!("{}[{label}]", found.key);
            tables.push(Section::new(table, item.span(), path, self.report));
        }
        tables
    }

    /// Notes every key nobody asked for.
    pub fn finish(&self) {
        if self.has_ids_for_keys.get() {
            return;
        }
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !asked.contains(&name) {
                let message = format!("没有这个键，可用的有 {}", asked.join("、"));
                self.report.add(key.span(), &self.key(name), message);
            }
        }
    }

    fn find(&self, key: &'static str) -> Option<Found<'t>> {
        if !self.asked.borrow().contains(&key) {
            self.asked.borrow_mut().push(key);
        }
        self.table.get(key)
    }

    fn read<T>(
        &self,
        key: &'static str,
        wanted: &str,
        convert: impl FnOnce(&'t DeValue<'t>) -> Option<T>,
    ) -> Option<At<T>> {
        let raw = self.find(key)?;
        let path = self.key(key);
        self.report.keep(path.clone(), &raw.span());
        match convert(raw.get_ref()) {
            Some(value) => Some(At { value, span: raw.span(), key: path }),
            None => {
                self.wrong(key, format!("应为{wanted}，不是{}", kind(raw.get_ref())));
                None
            }
        }
    }

    fn demand<T>(
        &self,
        key: &'static str,
        example: &str,
        ask: impl FnOnce(&Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        let found = ask(self, key);
        if !self.has(key) {
            self.wrong(key, format!("缺少此键，请补上 {key} = {example}"));
        }
        found
    }
}

fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn unknown<T>(text: &str, words: &[(&str, T)]) -> String {
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    format!("没有“{text}”，可用的有 {}", words.join("、"))
}

/// What a value is, in Chinese.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "文字",
        DeValue::Integer(_) => "整数",
        DeValue::Float(_) => "小数",
        DeValue::Boolean(_) => "true 或 false",
        DeValue::Datetime(_) => "日期时间",
        DeValue::Array(_) => "列表",
        DeValue::Table(_) => "表",
    }
}

#[cfg(test)]
mod tests;
