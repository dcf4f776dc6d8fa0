//! One `[[field]]` of a resource file.

use pujiang_definition::Section;
use pujiang_security::MaskKind;
use rust_decimal::Decimal;

use super::link::link;
use super::reading::{roles, written};
use super::{CopyWhen, FieldDef, FieldKind, Taken, Unique, Visibility, filling, kind};

/// Columns every table has.
pub(crate) const SYSTEM_COLUMNS: [&str; 11] = [
    "id",
    "row_version",
    "state",
    "is_deleted",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "source_system",
    "source_key",
    "contested",
];

const DEFAULT_MAX_LENGTH: usize = 500;
/// Longest text a field may allow in characters.
const LONGEST: usize = 1_000_000;

/// Names that become identifiers in SQL, HTTP and the lake.
pub(super) fn is_name(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Reads a field. Where its type is wrong it is taken for a text, where its visibility is wrong for a secret.
pub(super) fn field(section: &Section<'_>) -> FieldDef {
    let name = name(section);
    let title = written(section.required_text("title"));
    let kind = kind::kind(section);
    let visibility = visibility(section, kind.as_ref());
    let mask = mask(section, visibility);
    let token_domain = section.text("token_domain").map_or_else(|| name.clone(), |text| text.value);
    let unique = unique(section, kind.as_ref(), visibility);
    let copy = filling::copy(section);
    let copied_always = copy.as_ref().is_some_and(|copy| copy.when == CopyWhen::Always);
    let is_typed = kind.is_some();
    let field = FieldDef {
        title,
        visibility: visibility.unwrap_or(Visibility::Secret),
        mask,
        token_domain,
        required: section.flag("required"),
        unique,
        // A value that is always copied would be overwritten, so nobody is asked for it.
        readonly: section.flag("readonly") || copied_always,
        searchable: section.flag("searchable"),
        in_list: section.flag("in_list"),
        indexed: section.flag("indexed"),
        not_future: section.flag("not_future"),
        not_before: not_before(section),
        writers: roles(section, "writers"),
        computed: filling::computed(section),
        inside: section.text("inside").map(|text| text.value),
        link: link(section),
        taken: taken(section),
        group: written(section.text("group")),
        help: written(section.text("help")),
        default: filling::default(section, kind.as_ref()),
        copy,
        min: section.number::<Decimal>("min").map(|number| number.value),
        max: section.number::<Decimal>("max").map(|number| number.value),
        max_length: section
            .whole::<usize>("max_length", 1..=LONGEST)
            .map_or(DEFAULT_MAX_LENGTH, |number| number.value),
        pattern: kind::pattern(section),
        format: kind::format(section),
        kind: kind.unwrap_or(FieldKind::Text),
        name,
    };
    if is_typed {
        check_limits(section, &field);
    }
    section.finish();
    field
}

/// Limits that say nothing about a field of this type.
fn check_limits(section: &Section<'_>, field: &FieldDef) {
    let kind = &field.kind;
    let (is_number, is_text) = (kind.is_number(), *kind == FieldKind::Text);
    let is_time = matches!(kind, FieldKind::Date | FieldKind::Timestamp);
    let is_searchable =
        matches!(kind, FieldKind::Text | FieldKind::Enum(_)) && field.visibility != Visibility::Secret;
    let (number, text, time) =
        ("只有数字字段才有上下限", "pattern 和 format 只用于 text 字段", "只用于 date 和 timestamp 字段");
    for (key, is_set, fits, message) in [
        ("min", field.min.is_some(), is_number, number),
        ("max", field.max.is_some(), is_number, number),
        ("pattern", field.pattern.is_some(), is_text, text),
        ("format", field.format.is_some(), is_text, text),
        ("not_future", field.not_future, is_time, time),
        ("not_before", section.has("not_before"), is_time, time),
        ("searchable", field.searchable, is_searchable, "只用于 text 和 enum 字段，且不能是 secret"),
    ] {
        if is_set && !fits {
            section.wrong(key, message);
        }
    }
}

fn name(section: &Section<'_>) -> String {
    let Some(name) = section.required_text("name") else { return String::new() };
    let taken = ["_cipher", "_token", "_masked", "_label"].iter().any(|suffix| name.value.ends_with(suffix));
    if !is_name(&name.value, 26) {
        section.wrong_at(&name, "小写字母开头，只含小写字母、数字和下划线，最多 26 个字符");
    } else if SYSTEM_COLUMNS.contains(&name.value.as_str()) || taken {
        section.wrong_at(&name, "这个名称由系统使用，请换一个");
    }
    name.value
}

fn visibility(section: &Section<'_>, kind: Option<&FieldKind>) -> Option<Visibility> {
    let all = [Visibility::Public, Visibility::Internal, Visibility::Personal, Visibility::Secret];
    let visibility = section.required_word("visibility", &all.map(|one| (one.as_str(), one)))?;
    let is_encrypted = matches!(visibility, Visibility::Personal | Visibility::Secret);
    let fits = |kind: &FieldKind| matches!(kind, FieldKind::Text | FieldKind::Date | FieldKind::Enum(_));
    if is_encrypted && !kind.is_none_or(fits) {
        section.wrong("visibility", "personal 和 secret 以密文保存，只用于 text、date 和 enum 字段");
    }
    Some(visibility)
}

fn mask(section: &Section<'_>, visibility: Option<Visibility>) -> MaskKind {
    match (section.text("mask"), visibility) {
        (Some(text), Some(Visibility::Personal)) => match text.value.parse::<MaskKind>() {
            Ok(mask) => return mask,
            Err(()) => {
                section.wrong_at(&text, "应为 mobile、id_number、card_number、name、address 或 full");
            }
        },
        (Some(text), Some(_)) => section.wrong_at(&text, "mask 只用于 personal 字段"),
        (None, Some(Visibility::Personal)) if !section.has("mask") => {
            section.wrong("mask", "personal 字段须写明 mask");
        }
        _ => {}
    }
    MaskKind::Full
}

fn unique(section: &Section<'_>, kind: Option<&FieldKind>, visibility: Option<Visibility>) -> Option<Unique> {
    let unique = section.word("unique", &[("live", Unique::Live), ("always", Unique::Always)])?;
    if kind == Some(&FieldKind::Json) || visibility == Some(Visibility::Secret) {
        section.wrong("unique", "json 和 secret 字段不能唯一");
    }
    Some(unique)
}

/// A unique value whose holder the caller may not see: `review` unless the field says `limit`.
fn taken(section: &Section<'_>) -> Taken {
    let taken = section.word("taken", &[("review", Taken::Review), ("limit", Taken::Limit)]);
    if section.has("taken") && !section.has("unique") {
        section.wrong("taken", "taken 只用于写明 unique 的字段");
    }
    taken.unwrap_or(Taken::Review)
}

fn not_before(section: &Section<'_>) -> Option<chrono::NaiveDate> {
    let text = section.text("not_before")?;
    let day = text.value.parse().ok();
    if day.is_none() {
        section.wrong_at(&text, "应为 2020-01-01 这样的日期");
    }
    day
}
