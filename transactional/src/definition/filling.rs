//! What stands in a `[[field]]` that nobody filled in: a default, a generated text, a copy, a sum.

use pujiang_definition::Section;

use super::{FieldKind, Rule, Term};

/// Value of a field that was left empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// The present moment or day.
    Now,
    /// A fixed value in the form of the field's input.
    Fixed(String),
    /// Prefix, time and random characters.
    Generated(String),
}

/// A value that comes from a referenced record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyFrom {
    /// The reference field of this resource.
    pub via: String,
    /// The field of the referenced resource.
    pub field: String,
    /// When it is copied.
    pub when: CopyWhen,
}

/// When a value is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyWhen {
    /// On every write; nobody types it.
    Always,
    /// Only when left empty.
    Empty,
}

impl CopyWhen {
    /// The key it is written under.
    pub(super) fn key(self) -> &'static str {
        match self {
            CopyWhen::Always => "copy_from",
            CopyWhen::Empty => "default_from",
        }
    }
}

pub(super) fn copy(section: &Section<'_>) -> Option<CopyFrom> {
    let always = section.text(CopyWhen::Always.key());
    let empty = section.text(CopyWhen::Empty.key());
    if let (Some(_), Some(text)) = (&always, &empty) {
        section.wrong_at(text, "copy_from 和 default_from 只能有一个");
    }
    let (text, when) = match (always, empty) {
        (Some(text), _) => (text, CopyWhen::Always),
        (None, text) => (text?, CopyWhen::Empty),
    };
    let Some((via, field)) = text.value.split_once('.') else {
        section.wrong_at(&text, "应写成 引用字段.来源字段");
        return None;
    };
    Some(CopyFrom { via: via.to_owned(), field: field.to_owned(), when })
}

pub(super) fn computed(section: &Section<'_>) -> Option<Vec<Term>> {
    let text = section.text("computed")?;
    match Rule::side(&text.value) {
        Ok(terms) => Some(terms),
        Err(reason) => {
            section.wrong_at(&text, reason);
            None
        }
    }
}

pub(super) fn default(section: &Section<'_>, kind: Option<&FieldKind>) -> Option<DefaultValue> {
    let fixed = section.text("default");
    if let Some(prefix) = section.text("generate") {
        if kind.is_some_and(|kind| *kind != FieldKind::Text) || fixed.is_some() {
            section.wrong_at(&prefix, "只用于没有 default 的 text 字段");
        }
        return Some(DefaultValue::Generated(prefix.value));
    }
    let fixed = fixed?;
    match (fixed.value.as_str(), kind) {
        ("now", Some(FieldKind::Date | FieldKind::Timestamp)) => Some(DefaultValue::Now),
        _ => Some(DefaultValue::Fixed(fixed.value)),
    }
}
