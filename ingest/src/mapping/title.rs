//! Headers as people write them, to one form that can be compared: half-width, no spaces, no decoration.
//! Units and zones in brackets are taken out and remembered, because 万元 or UTC changes the values.

use rust_decimal::Decimal;

use crate::value::{Zone, narrow};

/// A header in comparable form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Title {
    /// Comparable name.
    pub name: String,
    /// Factor of a unit in brackets.
    pub factor: Option<Decimal>,
    /// Zone in brackets.
    pub zone: Option<Zone>,
}

/// Brings a header into comparable form.
pub fn normalise(text: &str) -> Title {
    let mut title = Title::default();
    let text = narrow(text).to_lowercase();
    let (mut outside, mut inside) = (String::new(), None::<String>);
    for c in text.chars() {
        match c {
            '(' | '[' | '【' | '{' | '〔' | '〈' | '《' if inside.is_none() => {
                inside = Some(String::new())
            }
            ')' | ']' | '】' | '}' | '〕' | '〉' | '》' if inside.is_some() => {
                let note = inside.take().unwrap_or_default();
                let translation = !outside.is_ascii() && is_translation(&note);
                if !translation && !title.understood(&note) {
                    outside.push_str(&note);
                }
            }
            c => inside.as_mut().unwrap_or(&mut outside).push(c),
        }
    }
    outside.push_str(&inside.unwrap_or_default());
    for (suffix, factor) in
        [("/元", Decimal::ONE), ("/万元", Decimal::from(10_000)), ("/分", Decimal::new(1, 2))]
    {
        if let Some(rest) = outside.strip_suffix(suffix).filter(|r| !r.is_empty()) {
            title.factor = Some(factor);
            outside = rest.to_owned();
            break;
        }
    }
    title.name = outside
        .chars()
        .filter(|c| !c.is_whitespace() && !"*_-/.:;#'\"、,·|\\".contains(*c) && !c.is_control())
        .collect();
    title
}

impl Title {
    /// Notes in brackets that say how to read the values, or say nothing about which column it is.
    fn understood(&mut self, note: &str) -> bool {
        let note: String = note.chars().filter(|c| !c.is_whitespace()).collect();
        let note = note.trim_start_matches("单位").trim_start_matches([':', '/']);
        if let Some(factor) = unit(note) {
            self.factor = Some(factor);
            return true;
        }
        match note {
            "utc" | "gmt" | "utc时间" | "世界时" => self.zone = Some(Zone::Utc),
            "北京时间" | "utc+8" | "gmt+8" | "+8" | "+08:00" | "utc+08:00" | "asia/shanghai" | "东八区" => {
                self.zone = Some(Zone::Shanghai)
            }
            "" => {}
            note if REMARKS.iter().any(|r| note.contains(r)) => {}
            _ => return false,
        }
        true
    }
}

/// Notes about how a column is filled in; they change neither column nor values.
const REMARKS: [&str; 11] =
    ["必填", "选填", "必录", "可选", "唯一", "文本", "格式", "示例", "位", "yyyy", "hh:mm"];

/// The English name behind a Chinese one. Currencies and what might be another amount are none.
fn is_translation(note: &str) -> bool {
    const OTHERS: [&str; 12] =
        ["usd", "hkd", "eur", "jpy", "gbp", "rmb", "cny", "yuan", "fen", "utc", "gmt", "refund"];
    let note = note.trim();
    note.len() > 2
        && note.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, ' ' | '_' | '.'))
        && !OTHERS.iter().any(|w| note.contains(w))
}

/// What one of a unit is in yuan.
fn unit(word: &str) -> Option<Decimal> {
    Some(match word {
        "元" | "人民币" | "人民币元" | "元人民币" | "rmb" | "cny" | "yuan" | "¥" => Decimal::ONE,
        "分" | "fen" => Decimal::new(1, 2),
        "角" => Decimal::new(1, 1),
        "百元" => Decimal::from(100),
        "千元" => Decimal::from(1_000),
        "万元" | "万" | "人民币万元" => Decimal::from(10_000),
        _ => return None,
    })
}

/// The unit a title row states for all amounts (单位：万元): its factor, or the words that are no known unit of
/// money though they look like one (美元).
pub fn stated_unit(text: &str) -> Option<Result<Decimal, String>> {
    let text = narrow(text).to_lowercase();
    let (before, after) = text.split_once("单位")?;
    // 填报单位：… names an organisation.
    if !before.is_empty() && !before.ends_with("金额") && !before.ends_with(['(', ' ', '[', '币']) {
        return None;
    }
    let after = after.trim_start().strip_prefix(':').unwrap_or(after).trim_start();
    let word: String = after.chars().take_while(|c| !c.is_whitespace() && !"),;]、/".contains(*c)).collect();
    match unit(&word) {
        Some(factor) => Some(Ok(factor)),
        None if word.ends_with('元') || word.ends_with('币') => Some(Err(word)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        for (text, name, factor, zone) in [
            ("原价(元)", "原价", Some("1"), None),
            ("实付金额（万元）", "实付金额", Some("10000"), None),
            ("实付金额(分)", "实付金额", Some("0.01"), None),
            ("实付金额/元", "实付金额", Some("1"), None),
            ("*交易 时间：", "交易时间", None, None),
            ("交易时间(UTC)", "交易时间", None, Some(Zone::Utc)),
            ("交易时间（北京时间）", "交易时间", None, Some(Zone::Shanghai)),
            ("日期(yyyy-mm-dd)", "日期", None, None),
            ("金额(原价)", "金额原价", None, None),
            ("金额/原价", "金额原价", None, None),
            ("金额(美元)", "金额美元", None, None),
            ("Trade_No", "tradeno", None, None),
            ("tradeNo", "tradeno", None, None),
            ("\u{feff}编号", "编号", None, None),
            ("ＰＡＩＤ", "paid", None, None),
            ("流水号(Trade No.)", "流水号", None, None),
            ("优待证号（16位）", "优待证号", None, None),
            ("实付金额（USD）", "实付金额usd", None, None),
            ("实付金额(退款)", "实付金额退款", None, None),
            ("(", "", None, None),
        ] {
            let title = normalise(text);
            let got = (title.name.as_str(), title.factor.map(|f| f.to_string()), title.zone);
            assert_eq!(got, (name, factor.map(ToOwned::to_owned), zone), "{text}");
        }
    }

    #[test]
    fn units_of_the_whole_sheet() {
        for (text, expected) in [
            ("单位：元", Some(Ok("1"))),
            ("金额单位：万元", Some(Ok("10000"))),
            ("（单位：分）", Some(Ok("0.01"))),
            ("单位:元 币种:人民币", Some(Ok("1"))),
            ("单位：美元", Some(Err("美元"))),
            ("填报单位：市文旅集团", None),
            ("填报单位：分公司", None),
            ("单位：市文旅集团", None),
            ("9月明细", None),
        ] {
            let got = stated_unit(text).map(|r| r.map(|d| d.to_string()));
            assert_eq!(got, expected.map(|r| r.map(ToOwned::to_owned).map_err(ToOwned::to_owned)), "{text}");
        }
    }
}
