//! Typed values of fields: from JSON or text of a caller, from the text storage gives back, and to JSON.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::formats;
use super::number::{Grouping, plain};
use crate::clock::{self, Moment};
use crate::definition::{FieldDef, FieldKind};
use crate::error::FieldError;

/// Largest JSON text of a json field.
const MAX_JSON_BYTES: usize = 64 * 1024;

/// A value of a field. Enum codes and references are texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, code or id.
    Text(String),
    /// Whole number.
    Int(i64),
    /// Decimal number with the scale of its field.
    Decimal(Decimal),
    /// Yes or no.
    Bool(bool),
    /// Day.
    Date(NaiveDate),
    /// Moment.
    Timestamp(Moment),
    /// JSON.
    Json(Json),
}

impl Value {
    /// Form in storage, as text.
    pub fn stored(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Decimal(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Date(date) => date.format("%Y-%m-%d").to_string(),
            Value::Timestamp(at) => clock::stored(at),
            Value::Json(json) => json.to_string(),
        }
    }

    /// Form in HTTP and the outbox: decimals as text, times in RFC 3339.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Int(number) => Json::from(*number),
            Value::Bool(flag) => Json::from(*flag),
            Value::Timestamp(at) => Json::from(clock::shown(at)),
            Value::Json(json) => json.clone(),
            other => Json::from(other.stored()),
        }
    }

    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Years that both databases, spreadsheets and people agree on.
pub(super) fn in_range(date: NaiveDate) -> bool {
    (1900..=2200).contains(&date.year())
}

/// Reads a value of a caller. Empty text is no value.
pub(crate) fn parse(field: &FieldDef, json: &Json) -> Result<Option<Value>, FieldError> {
    match (&field.kind, json) {
        (_, Json::Null) => Ok(None),
        // Forms and files can only give the text of it.
        (_, Json::String(text)) => parse_text(field, text),
        (FieldKind::Json, json) => parse_json(field, json),
        (FieldKind::Bool, Json::Bool(flag)) => Ok(Some(Value::Bool(*flag))),
        // The decimal digits of a JSON number are taken as written, never through a float.
        (kind, Json::Number(number)) if kind.is_number() => parse_text(field, &number.to_string()),
        _ => Err(wrong(field, "wrong_type", &format!("应为{}", expected(&field.kind)))),
    }
}

/// Reads a value from text, as forms, files and filters give it.
pub(crate) fn parse_text(field: &FieldDef, text: &str) -> Result<Option<Value>, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match &field.kind {
        FieldKind::Text => plain_text(field, text),
        FieldKind::Int => number(field, text, i64::from(i32::MIN), i64::from(i32::MAX)).map(Some),
        FieldKind::BigInt => number(field, text, i64::MIN, i64::MAX).map(Some),
        FieldKind::Money => decimal(field, text, 12, 2).map(Some),
        FieldKind::Decimal { precision, scale } => decimal(field, text, *precision, *scale).map(Some),
        FieldKind::Bool => match text {
            "true" | "1" | "是" => Ok(Some(Value::Bool(true))),
            "false" | "0" | "否" => Ok(Some(Value::Bool(false))),
            _ => Err(wrong(field, "wrong_type", "应为 是 或 否")),
        },
        FieldKind::Date => match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(date) if in_range(date) => Ok(Some(Value::Date(date))),
            _ => Err(wrong(field, "bad_date", "应为 2026-09-01 这样的日期")),
        },
        FieldKind::Timestamp => parse_moment(text)
            .map(|at| Some(Value::Timestamp(at)))
            .ok_or_else(|| wrong(field, "bad_time", "应为 2026-09-01 08:30:00 这样的时间")),
        FieldKind::Enum(codes) => match codes.iter().find(|c| c.code == text || c.label == text) {
            Some(code) => Ok(Some(Value::Text(code.code.clone()))),
            None => {
                let labels: Vec<_> = codes.iter().map(|c| c.label.as_str()).collect();
                Err(wrong(field, "bad_code", &format!("只能是 {} 之一", labels.join("、"))))
            }
        },
        FieldKind::Ref(_) => match uuid::Uuid::parse_str(text) {
            Ok(id) => Ok(Some(Value::Text(id.hyphenated().to_string()))),
            Err(_) => Err(wrong(field, "unknown_reference", "所选记录不存在，请重新选择")),
        },
        FieldKind::Json => match serde_json::from_str(text) {
            Ok(json) => parse_json(field, &json),
            Err(_) => Err(wrong(field, "bad_json", "应为 JSON")),
        },
    }
}

/// Reads what storage gives back as text.
pub(crate) fn read_stored(kind: &FieldKind, text: &str) -> Option<Value> {
    Some(match kind {
        FieldKind::Text | FieldKind::Enum(_) | FieldKind::Ref(_) => Value::Text(text.to_owned()),
        FieldKind::Int | FieldKind::BigInt => Value::Int(text.parse().ok()?),
        FieldKind::Money => Value::Decimal(scaled(text, 2)?),
        FieldKind::Decimal { scale, .. } => Value::Decimal(scaled(text, *scale)?),
        FieldKind::Bool => Value::Bool(matches!(text, "true" | "1")),
        FieldKind::Date => Value::Date(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?),
        FieldKind::Timestamp => Value::Timestamp(clock::parse_stored(text)?),
        FieldKind::Json => Value::Json(serde_json::from_str(text).ok()?),
    })
}

fn scaled(text: &str, scale: u32) -> Option<Decimal> {
    let mut number: Decimal = text.parse().ok()?;
    number.rescale(scale);
    Some(number)
}

fn plain_text(field: &FieldDef, text: &str) -> Result<Option<Value>, FieldError> {
    // PostgreSQL cannot store the NUL character, and other control characters break files and reports.
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(wrong(field, "bad_text", "含有不可见的控制字符，请删去"));
    }
    let text = formats::normalized(field.format, text);
    if text.is_empty() {
        return Ok(None);
    }
    let length = text.chars().count();
    if length > field.max_length {
        let message = format!("最多 {} 个字，现有 {length} 个", field.max_length);
        return Err(wrong(field, "too_long", &message));
    }
    if let Some(hint) = field.format.and_then(|f| formats::fault(f, &text)) {
        return Err(wrong(field, "bad_format", hint));
    }
    if let Some(pattern) = field.pattern.as_ref().filter(|p| !p.regex.is_match(&text)) {
        return Err(wrong(field, "bad_format", &format!("应为{}", pattern.hint)));
    }
    Ok(Some(Value::Text(text)))
}

fn number(field: &FieldDef, text: &str, least: i64, greatest: i64) -> Result<Value, FieldError> {
    let digits = plain(text, Grouping::Thousands);
    let number = digits.and_then(|d| d.parse::<i64>().ok()).filter(|n| (least..=greatest).contains(n));
    let number = number.ok_or_else(|| wrong(field, "bad_number", "应为整数，且不能太大"))?;
    within(field, Decimal::from(number))?;
    Ok(Value::Int(number))
}

fn decimal(field: &FieldDef, text: &str, precision: u32, scale: u32) -> Result<Value, FieldError> {
    let grouping = Grouping::of_scale(scale);
    let parsed = plain(text, grouping).and_then(|digits| Decimal::from_str_exact(&digits).ok());
    let Some(number) = parsed.map(|number| number.normalize()) else {
        let remedy = match (text.contains([',', '，']), grouping) {
            (false, _) => "应为数字，如 123.45",
            (true, Grouping::Thousands) => {
                "中的逗号会有歧义：小数点请用“.”，如 12.50；千分位须每三位一个逗号，如 1,234.50"
            }
            (true, Grouping::Refused) => "不能含逗号：小数点请用“.”，如 123.45",
        };
        return Err(wrong(field, "bad_number", remedy));
    };
    if number.scale() > scale {
        return Err(wrong(field, "bad_number", &format!("最多 {scale} 位小数")));
    }
    let limit = Decimal::from(10_u64.pow(precision - scale));
    if number.abs() >= limit {
        return Err(wrong(field, "too_large", &format!("整数部分最多 {} 位", precision - scale)));
    }
    within(field, number)?;
    let mut number = number;
    number.rescale(scale);
    Ok(Value::Decimal(number))
}

/// Whether a number meets the limits of its field.
pub(super) fn within(field: &FieldDef, number: Decimal) -> Result<(), FieldError> {
    if let Some(min) = field.min.filter(|min| number < *min) {
        let code = if min.is_zero() { "negative_amount" } else { "too_small" };
        return Err(wrong(field, code, &format!("不能小于 {min}")));
    }
    match field.max.filter(|max| number > *max) {
        Some(max) => Err(wrong(field, "too_large", &format!("不能大于 {max}"))),
        None => Ok(()),
    }
}

/// RFC 3339, or a local time of Shanghai as forms and spreadsheets give it.
pub(crate) fn parse_moment(text: &str) -> Option<Moment> {
    let at = DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
        let naive = local.iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok())?;
        clock::offset().from_local_datetime(&naive).single()
    })?;
    let at = clock::in_shanghai(at.to_utc());
    in_range(at.date_naive()).then_some(at)
}

fn parse_json(field: &FieldDef, json: &Json) -> Result<Option<Value>, FieldError> {
    let text = json.to_string();
    if text.len() > MAX_JSON_BYTES {
        return Err(wrong(field, "too_long", "最多 64 KB"));
    }
    // JSONB refuses the NUL character, written so in JSON, and numbers beyond its range.
    if text.contains("\\u0000") || has_wild_number(json) {
        return Err(wrong(field, "bad_json", "含有数据库不能保存的字符或数字"));
    }
    Ok(Some(Value::Json(json.clone())))
}

fn has_wild_number(json: &Json) -> bool {
    match json {
        Json::Number(n) => !n.is_i64() && !n.is_u64() && n.as_f64().is_none_or(|f| f.abs() > 1e300),
        Json::Array(items) => items.iter().any(has_wild_number),
        Json::Object(map) => map.values().any(has_wild_number),
        _ => false,
    }
}

fn expected(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Text | FieldKind::Json => "文字",
        FieldKind::Int | FieldKind::BigInt => "整数",
        FieldKind::Decimal { .. } | FieldKind::Money => "数字",
        FieldKind::Bool => "是或否",
        FieldKind::Date => "日期",
        FieldKind::Timestamp => "时间",
        FieldKind::Enum(_) => "所列选项之一",
        FieldKind::Ref(_) => "所选记录的编号",
    }
}

fn wrong(field: &FieldDef, code: &'static str, remedy: &str) -> FieldError {
    FieldError::new(&field.name, code, format!("“{}”{remedy}", field.title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Definitions;
    use serde_json::json;

    fn check(field: &str, cases: &[(Json, Result<Option<Json>, &str>)]) {
        let definitions = Definitions::builtin().unwrap();
        let (resource, field) = field.split_once('.').unwrap();
        let field = definitions.get(resource).unwrap().field(field).unwrap();
        for (given, expected) in cases {
            let got = parse(field, given).map(|v| v.map(|v| v.to_json())).map_err(|e| {
                assert!(e.message.contains(&field.title), "{}", e.message);
                e.code.into_owned()
            });
            assert_eq!(got, expected.clone().map_err(str::to_owned), "{given}");
        }
    }

    #[test]
    fn money_is_exact_and_bounded() {
        check(
            "benefit_transaction.amount",
            &[
                (json!("12.3"), Ok(Some(json!("12.30")))),
                (json!(0.1), Ok(Some(json!("0.10")))),
                (json!("1,234.50"), Ok(Some(json!("1234.50")))),
                (json!("9999999999.99"), Ok(Some(json!("9999999999.99")))),
                (json!("10000000000"), Err("too_large")),
                (json!("0.001"), Err("bad_number")),
                (json!(1e30), Err("bad_number")),
                (json!("-1"), Err("negative_amount")),
                (json!("NaN"), Err("bad_number")),
                (json!(true), Err("wrong_type")),
                (json!([1]), Err("wrong_type")),
                (json!("  "), Ok(None)),
                (json!(null), Ok(None)),
            ],
        );
    }

    #[test]
    fn times_are_shanghai_times() {
        check(
            "benefit_transaction.pay_time",
            &[
                (json!("2026-11-01T00:30:00+08:00"), Ok(Some(json!("2026-11-01T00:30:00+08:00")))),
                (json!("2026-10-31T16:30:00Z"), Ok(Some(json!("2026-11-01T00:30:00+08:00")))),
                (json!("2026-11-01T00:30"), Ok(Some(json!("2026-11-01T00:30:00+08:00")))),
                (json!("2026-11-01 00:30:05"), Ok(Some(json!("2026-11-01T00:30:05+08:00")))),
                (json!("2026-13-01 00:30:05"), Err("bad_time")),
                (json!("0001-01-01T00:00:00Z"), Err("bad_time")),
                (json!("+262142-12-31T23:59:59Z"), Err("bad_time")),
                (json!(1730000000), Err("wrong_type")),
            ],
        );
    }

    #[test]
    fn texts_codes_references_and_json() {
        check(
            "person.full_name",
            &[
                (json!(" 张三 "), Ok(Some(json!("张三")))),
                (json!("a\u{0}b"), Err("bad_text")),
                (json!("名".repeat(51)), Err("too_long")),
            ],
        );
        check(
            "region.level",
            &[
                (json!("street"), Ok(Some(json!("street")))),
                (json!("街镇"), Ok(Some(json!("street")))),
                (json!("省"), Err("bad_code")),
            ],
        );
        check("benefit_transaction.merchant_id", &[(json!("1' or '1'='1"), Err("unknown_reference"))]);
        check(
            "region.boundary",
            &[
                (json!({"type": "Point"}), Ok(Some(json!({"type": "Point"})))),
                (json!({"a": "\u{0}"}), Err("bad_json")),
                (json!("{not json"), Err("bad_json")),
                (json!("[1, 2]"), Ok(Some(json!([1, 2])))),
            ],
        );
        check(
            "benefit_service.is_hot",
            &[(json!("是"), Ok(Some(json!(true)))), (json!("maybe"), Err("wrong_type"))],
        );
        check(
            "organization.level",
            &[
                (json!(10), Err("too_large")),
                (json!("3"), Ok(Some(json!(3)))),
                (json!(1.5), Err("bad_number")),
            ],
        );
    }
}
