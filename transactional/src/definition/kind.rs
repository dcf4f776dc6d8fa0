//! What a `[[field]]` holds: its type with codes, target and digits, and the form of its text.

use pujiang_definition::{RESOURCES, Section};

use super::reading::some_texts;
use super::{Code, FieldKind, Pattern, TextFormat};

/// Digits of a decimal that says nothing of them: those of money.
const DIGITS: (u32, u32) = (12, 2);

/// Reads the type; none where it is missing or unknown.
pub(super) fn kind(section: &Section<'_>) -> Option<FieldKind> {
    let target = section.text("references");
    if let Some(target) = &target {
        section.refers(target, &RESOURCES);
    }
    let words = [
        ("text", FieldKind::Text),
        ("int", FieldKind::Int),
        ("bigint", FieldKind::BigInt),
        ("decimal", decimal(section)),
        ("money", FieldKind::Money),
        ("bool", FieldKind::Bool),
        ("date", FieldKind::Date),
        ("timestamp", FieldKind::Timestamp),
        ("enum", FieldKind::Enum(Vec::new())),
        ("ref", FieldKind::Ref(target.map_or_else(String::new, |target| target.value))),
        ("json", FieldKind::Json),
    ];
    let Some(kind) = section.required_word("type", &words) else {
        section.leave(&["codes"]);
        return None;
    };
    match (matches!(kind, FieldKind::Ref(_)), section.has("references")) {
        (true, false) => section.wrong("references", "缺少此键，请写被引用资源的 id"),
        (false, true) => section.wrong("references", "references 只用于 ref 字段"),
        _ => {}
    }
    if matches!(kind, FieldKind::Enum(_)) {
        return Some(FieldKind::Enum(codes(section)));
    }
    if section.texts("codes").is_some() {
        section.wrong("codes", "codes 只用于 enum 字段");
    }
    Some(kind)
}

fn decimal(section: &Section<'_>) -> FieldKind {
    let precision = section.whole::<u32>("precision", 1..=18).map_or(DIGITS.0, |number| number.value);
    let scale = section.whole::<u32>("scale", 0..=17).map_or(DIGITS.1, |number| number.value);
    if scale >= precision {
        let key = if section.has("scale") { "scale" } else { "precision" };
        section.wrong(key, "precision 为 1–18，scale 小于 precision");
    }
    FieldKind::Decimal { precision, scale }
}

/// Codes are written `"文旅"` or, with another label, `"city:市"`.
fn codes(section: &Section<'_>) -> Vec<Code> {
    let mut codes: Vec<Code> = Vec::new();
    for text in some_texts(section, "codes", "缺少此键，请列出可选的代码") {
        let (code, label) = text.value.split_once(':').unwrap_or((&text.value, &text.value));
        if code.trim().is_empty() || codes.iter().any(|other| other.code == code) {
            section.wrong_at(&text, format!("代码“{code}”为空或重复"));
        }
        codes.push(Code { code: code.to_owned(), label: label.to_owned() });
    }
    codes
}

/// Reads a pattern; without the sentence that explains it nobody could fill the field in.
pub(super) fn pattern(section: &Section<'_>) -> Option<Pattern> {
    let hint = section.text("pattern_hint");
    let text = section.text("pattern")?;
    if !section.has("pattern_hint") {
        section.wrong("pattern_hint", "有 pattern 就须用 pattern_hint 说明应填什么");
    }
    match regex::Regex::new(&format!("^(?:{})$", text.value)) {
        Ok(regex) => Some(Pattern { regex, hint: hint?.value }),
        Err(_) => {
            section.wrong_at(&text, "不是有效的正则表达式");
            None
        }
    }
}

/// Reads a known form of text.
pub(super) fn format(section: &Section<'_>) -> Option<TextFormat> {
    section.word(
        "format",
        &[
            ("id_number", TextFormat::IdNumber),
            ("mobile", TextFormat::Mobile),
            ("credit_code", TextFormat::CreditCode),
            ("district", TextFormat::District),
            ("street", TextFormat::Street),
            ("identifier", TextFormat::Identifier),
            ("url", TextFormat::Url),
        ],
    )
}
