//! Known forms of text: identity numbers, mobile numbers, credit codes, districts, web addresses.

use pujiang_security::{DistrictCode, StreetCode, identifier};

use crate::definition::TextFormat;

/// Brings a text into the one form that is stored, compared and searched: numbers and codes that differ in case, width
/// or characters nobody sees are one.
pub(crate) fn normalized(format: Option<TextFormat>, text: &str) -> String {
    match format {
        None | Some(TextFormat::Url) => text.to_owned(),
        Some(_) => identifier::fold(text),
    }
}

/// What is wrong with a text of this form; `None` when nothing is.
pub(super) fn fault(format: TextFormat, text: &str) -> Option<&'static str> {
    let (fits, hint) = match format {
        TextFormat::IdNumber => (is_id_number(text), "应为 18 位身份证号，且出生日期和末位校验码正确"),
        TextFormat::Mobile => (is_mobile(text), "应为 1 开头的 11 位手机号"),
        TextFormat::CreditCode => {
            (is_credit_code(text), "应为 18 位统一社会信用代码（数字和大写字母，不含 I、O、S、V、Z）")
        }
        TextFormat::District => (DistrictCode::parse(text).is_ok(), "应为上海现行区划的 6 位代码，如 310104"),
        TextFormat::Street => (StreetCode::parse(text).is_ok(), "应为上海现行街镇的 9 位代码，如 310104003"),
        // Folding is all there is to it; a pattern says what the number looks like.
        TextFormat::Identifier => (true, ""),
        TextFormat::Url => (is_url(text), "应为 http:// 或 https:// 开头的网址"),
    };
    (!fits).then_some(hint)
}

/// Check digit of the first 17 digits (GB 11643); `None` when they are no digits.
pub fn id_number_check_digit(first_17: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const DIGITS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    if first_17.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in first_17.chars().zip(WEIGHTS) {
        sum += character.to_digit(10)? * weight;
    }
    DIGITS.get((sum % 11) as usize).copied()
}

/// Whether a text is an 18-digit identity number with a real birth date and the right check digit.
pub fn is_id_number(text: &str) -> bool {
    if text.len() != 18 || !text.is_ascii() {
        return false;
    }
    let born = chrono::NaiveDate::parse_from_str(&text[6..14], "%Y%m%d");
    born.is_ok_and(super::value::in_range)
        && id_number_check_digit(&text[..17]) == text.chars().last().map(|c| c.to_ascii_uppercase())
}

fn is_mobile(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 11
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes[0] == b'1'
        && (b'3'..=b'9').contains(&bytes[1])
}

fn is_credit_code(text: &str) -> bool {
    text.len() == 18
        && text.bytes().all(|b| {
            b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'O' | b'S' | b'V' | b'Z'))
        })
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|r| !r.is_empty() && !r.starts_with('/') && !r.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        use TextFormat::*;
        let cases = [
            (IdNumber, "11010519491231002X", true),
            (IdNumber, "11010519491231002x", true),
            (IdNumber, "440524188001010014", false), // right digit, but born before 1900
            (IdNumber, "110105194912310021", false),
            (IdNumber, "11010519491331002X", false),
            (IdNumber, "1101051949123100", false),
            (IdNumber, "身份证身份证", false),
            (Mobile, "13812341234", true),
            (Mobile, "12812341234", false),
            (Mobile, "1381234123", false),
            (CreditCode, "913157614035081808", true),
            (CreditCode, "91310000MA1FL0XX1K", true),
            (CreditCode, "91310000MA1FL0XXIO", false),
            (CreditCode, "9131576140350818", false),
            (District, "310104", true),
            (District, "310103", false),
            (District, "徐汇区", false),
            (Street, "310104003", true),
            (Street, "310104999", false),
            (Identifier, "A-1", true),
            (Url, "https://example.cn/a?b=1", true),
            (Url, "javascript:alert(1)", false),
            (Url, "https://", false),
        ];
        for (format, text, good) in cases {
            assert_eq!(fault(format, text).is_none(), good, "{format:?} {text}");
        }
    }
}
