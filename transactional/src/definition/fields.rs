//! One `[[field]]` of a resource file.

use indexmap::IndexMap;
use pujiang_security::MaskKind;

use super::document::{Placed, Report, Section};
use super::link::link;
use super::reading::roles;
use super::{
    Code, CopyFrom, CopyWhen, DefaultValue, FieldDef, FieldKind, Pattern, Rule, Taken, TextFormat, Unique,
    Visibility,
};

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

/// Names that become identifiers in SQL, HTTP and the lake.
pub(super) fn is_name(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

pub(super) fn field(
    mut section: Section<'_, '_>,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> FieldDef {
    let name = name(&mut section, report);
    let title = section.required_text("title", report).value;
    let kind = kind(&mut section, &name, places, report);
    let visibility = visibility(&mut section, &kind, report);
    let mask = mask(&mut section, visibility, report);
    let token_domain = section.text("token_domain", report).map_or_else(|| name.clone(), |t| t.value);
    let unique = unique(&mut section, &kind, visibility, report);
    let copy = copy(&mut section, &name, places, report);
    let default = default(&mut section, &kind, report);
    let copied_always = copy.as_ref().is_some_and(|c| c.when == CopyWhen::Always);
    let min = section.number("min", report);
    let max = section.number("max", report);
    for bound in min.iter().chain(&max) {
        if !kind.is_number() {
            report.add(bound.offset, &section.key("min/max"), "只有数字字段才有上下限");
        }
    }
    let link = link(&mut section, &name, places, report);
    let inside = section.text("inside", report).map(|text| {
        places.insert(format!("field[{name}].inside"), text.offset);
        text.value
    });
    let field = FieldDef {
        title,
        visibility,
        mask,
        token_domain,
        required: section.flag("required", report),
        unique,
        // A value that is always copied would be overwritten, so nobody is asked for it.
        readonly: section.flag("readonly", report) || copied_always,
        searchable: section.flag("searchable", report),
        in_list: section.flag("in_list", report),
        indexed: section.flag("indexed", report),
        not_future: section.flag("not_future", report),
        not_before: not_before(&mut section, &kind, report),
        writers: roles(&mut section, "writers", report),
        computed: computed(&mut section, &name, places, report),
        inside,
        link,
        taken: taken(&mut section, unique, report),
        group: section.text("group", report).map_or_else(String::new, |t| t.value),
        help: section.text("help", report).map_or_else(String::new, |t| t.value),
        default,
        copy,
        min: min.map(|p| p.value),
        max: max.map(|p| p.value),
        max_length: section.number("max_length", report).map_or(DEFAULT_MAX_LENGTH, |p| p.value),
        pattern: pattern(&mut section, report),
        format: format(&mut section, report),
        kind,
        name,
    };
    let offset = section.offset();
    let textual = matches!(field.kind, FieldKind::Text);
    if !textual && (field.pattern.is_some() || field.format.is_some()) {
        report.add(offset, &section.key("pattern"), "pattern 和 format 只用于 text 字段");
    }
    if field.not_future && !matches!(field.kind, FieldKind::Date | FieldKind::Timestamp) {
        report.add(offset, &section.key("not_future"), "只用于 date 和 timestamp 字段");
    }
    let searchable = matches!(field.kind, FieldKind::Text | FieldKind::Enum(_));
    if field.searchable && (!searchable || field.visibility == Visibility::Secret) {
        report.add(offset, &section.key("searchable"), "只用于 text 和 enum 字段，且不能是 secret");
    }
    section.finish(report);
    field
}

fn name(section: &mut Section<'_, '_>, report: &mut Report<'_>) -> String {
    let name = section.required_text("name", report);
    let taken = ["_cipher", "_token", "_masked", "_label"].iter().any(|suffix| name.value.ends_with(suffix));
    if !name.value.is_empty() && !is_name(&name.value, 26) {
        report.add(
            name.offset,
            &section.key("name"),
            "小写字母开头，只含小写字母、数字和下划线，最多 26 个字符",
        );
    } else if SYSTEM_COLUMNS.contains(&name.value.as_str()) || taken {
        report.add(name.offset, &section.key("name"), "这个名称由系统使用，请换一个");
    }
    name.value
}

fn kind(
    section: &mut Section<'_, '_>,
    field: &str,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> FieldKind {
    let kind = section.required_text("type", report);
    let codes = section.texts("codes", report);
    let references = section.text("references", report);
    let precision = section.number::<u32>("precision", report).map_or(12, |p| p.value);
    let scale = section.number::<u32>("scale", report).map_or(2, |p| p.value);
    if !codes.is_empty() && kind.value != "enum" {
        report.add(codes[0].offset, &section.key("codes"), "codes 只用于 enum 字段");
    }
    if let Some(target) = &references {
        places.insert(format!("field[{field}].references"), target.offset);
        if kind.value != "ref" {
            report.add(target.offset, &section.key("references"), "references 只用于 ref 字段");
        }
    }
    match kind.value.as_str() {
        "text" | "" => FieldKind::Text,
        "int" => FieldKind::Int,
        "bigint" => FieldKind::BigInt,
        "decimal" if (1..=18).contains(&precision) && scale < precision => {
            FieldKind::Decimal { precision, scale }
        }
        "decimal" => {
            report.add(kind.offset, &section.key("precision"), "precision 为 1–18，scale 小于 precision");
            FieldKind::Money
        }
        "money" => FieldKind::Money,
        "bool" => FieldKind::Bool,
        "date" => FieldKind::Date,
        "timestamp" => FieldKind::Timestamp,
        "json" => FieldKind::Json,
        "ref" => match references {
            Some(target) => FieldKind::Ref(target.value),
            None => {
                report.add(kind.offset, &section.key("references"), "缺少此键，请写被引用资源的 id");
                FieldKind::Text
            }
        },
        "enum" => FieldKind::Enum(enum_codes(section, &kind, codes, report)),
        other => {
            let known = "text、int、bigint、decimal、money、bool、date、timestamp、enum、ref、json";
            report.add(kind.offset, &section.key("type"), format!("没有类型“{other}”，可用的有 {known}"));
            FieldKind::Text
        }
    }
}

/// Codes are written `"文旅"` or, with another label, `"city:市"`.
fn enum_codes(
    section: &Section<'_, '_>,
    kind: &Placed<String>,
    texts: Vec<Placed<String>>,
    report: &mut Report<'_>,
) -> Vec<Code> {
    if texts.is_empty() {
        report.add(kind.offset, &section.key("codes"), "缺少此键，请列出可选的代码");
    }
    let mut codes: Vec<Code> = Vec::new();
    for text in texts {
        let (code, label) = text.value.split_once(':').unwrap_or((&text.value, &text.value));
        if code.trim().is_empty() || codes.iter().any(|c| c.code == code) {
            report.add(text.offset, &section.key("codes"), format!("代码“{code}”为空或重复"));
        }
        codes.push(Code { code: code.to_owned(), label: label.to_owned() });
    }
    codes
}

fn visibility(section: &mut Section<'_, '_>, kind: &FieldKind, report: &mut Report<'_>) -> Visibility {
    let text = section.required_text("visibility", report);
    let visibility = match text.value.as_str() {
        "public" => Visibility::Public,
        "internal" => Visibility::Internal,
        "personal" => Visibility::Personal,
        "secret" => Visibility::Secret,
        "" => Visibility::Secret,
        _ => {
            let message = "应为 public、internal、personal 或 secret";
            report.add(text.offset, &section.key("visibility"), message);
            Visibility::Secret
        }
    };
    let encrypted = matches!(visibility, Visibility::Personal | Visibility::Secret);
    if encrypted && !matches!(kind, FieldKind::Text | FieldKind::Date | FieldKind::Enum(_)) {
        let message = "personal 和 secret 以密文保存，只用于 text、date 和 enum 字段";
        report.add(text.offset, &section.key("visibility"), message);
    }
    visibility
}

fn mask(section: &mut Section<'_, '_>, visibility: Visibility, report: &mut Report<'_>) -> MaskKind {
    let text = section.text("mask", report);
    match (text, visibility) {
        (Some(text), Visibility::Personal) => text.value.parse().unwrap_or_else(|()| {
            let message = "应为 mobile、id_number、card_number、name、address 或 full";
            report.add(text.offset, &section.key("mask"), message);
            MaskKind::Full
        }),
        (Some(text), _) => {
            report.add(text.offset, &section.key("mask"), "mask 只用于 personal 字段");
            MaskKind::Full
        }
        (None, Visibility::Personal) => {
            report.add(section.offset(), &section.key("mask"), "personal 字段须写明 mask");
            MaskKind::Full
        }
        (None, _) => MaskKind::Full,
    }
}

fn unique(
    section: &mut Section<'_, '_>,
    kind: &FieldKind,
    visibility: Visibility,
    report: &mut Report<'_>,
) -> Option<Unique> {
    let text = section.text("unique", report)?;
    let unique = match text.value.as_str() {
        "live" => Unique::Live,
        "always" => Unique::Always,
        _ => {
            report.add(
                text.offset,
                &section.key("unique"),
                "应为 live（未删除的记录中）或 always（含已删除的）",
            );
            return None;
        }
    };
    if *kind == FieldKind::Json || visibility == Visibility::Secret {
        report.add(text.offset, &section.key("unique"), "json 和 secret 字段不能唯一");
    }
    Some(unique)
}

fn copy(
    section: &mut Section<'_, '_>,
    field: &str,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Option<CopyFrom> {
    let always = section.text("copy_from", report).map(|t| (t, CopyWhen::Always));
    let empty = section.text("default_from", report).map(|t| (t, CopyWhen::Empty));
    if let (Some(_), Some((text, _))) = (&always, &empty) {
        report.add(text.offset, &section.key("default_from"), "copy_from 和 default_from 只能有一个");
    }
    let (text, when) = always.or(empty)?;
    places.insert(format!("field[{field}].copy"), text.offset);
    match text.value.split_once('.') {
        Some((via, source)) => Some(CopyFrom { via: via.into(), field: source.into(), when }),
        None => {
            report.add(
                text.offset,
                &section.key("copy_from"),
                "应写成 引用字段.来源字段，如 merchant_id.credit_code",
            );
            None
        }
    }
}

/// A unique value whose holder the caller may not see: `review` unless the field says `limit`.
fn taken(section: &mut Section<'_, '_>, unique: Option<Unique>, report: &mut Report<'_>) -> Taken {
    let Some(text) = section.text("taken", report) else { return Taken::Review };
    if unique.is_none() {
        report.add(text.offset, &section.key("taken"), "taken 只用于写明 unique 的字段");
    }
    match text.value.as_str() {
        "review" => Taken::Review,
        "limit" => Taken::Limit,
        _ => {
            report.add(text.offset, &section.key("taken"), "应为 review 或 limit");
            Taken::Review
        }
    }
}

fn not_before(
    section: &mut Section<'_, '_>,
    kind: &FieldKind,
    report: &mut Report<'_>,
) -> Option<chrono::NaiveDate> {
    let text = section.text("not_before", report)?;
    if !matches!(kind, FieldKind::Date | FieldKind::Timestamp) {
        report.add(text.offset, &section.key("not_before"), "只用于 date 和 timestamp 字段");
    }
    let day = text.value.parse().ok();
    if day.is_none() {
        report.add(text.offset, &section.key("not_before"), "应为 2020-01-01 这样的日期");
    }
    day
}

fn computed(
    section: &mut Section<'_, '_>,
    field: &str,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Option<Vec<super::Term>> {
    let text = section.text("computed", report)?;
    places.insert(format!("field[{field}].computed"), text.offset);
    match Rule::side(&text.value) {
        Ok(terms) => Some(terms),
        Err(reason) => {
            report.add(text.offset, &section.key("computed"), reason);
            None
        }
    }
}

fn default(section: &mut Section<'_, '_>, kind: &FieldKind, report: &mut Report<'_>) -> Option<DefaultValue> {
    let fixed = section.text("default", report);
    if let Some(prefix) = section.text("generate", report) {
        if *kind != FieldKind::Text || fixed.is_some() {
            report.add(prefix.offset, &section.key("generate"), "只用于没有 default 的 text 字段");
        }
        return Some(DefaultValue::Generated(prefix.value));
    }
    let fixed = fixed?;
    match (fixed.value.as_str(), kind) {
        ("now", FieldKind::Date | FieldKind::Timestamp) => Some(DefaultValue::Now),
        _ => Some(DefaultValue::Fixed(fixed.value)),
    }
}

fn pattern(section: &mut Section<'_, '_>, report: &mut Report<'_>) -> Option<Pattern> {
    let hint = section.text("pattern_hint", report);
    let text = section.text("pattern", report)?;
    let Some(hint) = hint else {
        report.add(text.offset, &section.key("pattern_hint"), "有 pattern 就须用 pattern_hint 说明应填什么");
        return None;
    };
    match regex::Regex::new(&format!("^(?:{})$", text.value)) {
        Ok(regex) => Some(Pattern { regex, hint: hint.value }),
        Err(_) => {
            report.add(text.offset, &section.key("pattern"), "不是有效的正则表达式");
            None
        }
    }
}

fn format(section: &mut Section<'_, '_>, report: &mut Report<'_>) -> Option<TextFormat> {
    let text = section.text("format", report)?;
    match text.value.as_str() {
        "id_number" => Some(TextFormat::IdNumber),
        "mobile" => Some(TextFormat::Mobile),
        "credit_code" => Some(TextFormat::CreditCode),
        "district" => Some(TextFormat::District),
        "street" => Some(TextFormat::Street),
        "identifier" => Some(TextFormat::Identifier),
        "url" => Some(TextFormat::Url),
        _ => {
            let message = "应为 id_number、mobile、credit_code、district、street、identifier 或 url";
            report.add(text.offset, &section.key("format"), message);
            None
        }
    }
}
