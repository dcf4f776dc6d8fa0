//! Masked forms of personal values: enough for a clerk to recognise a record, too little to name a person.

use std::str::FromStr;

/// Which part of a value stays visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskKind {
    /// 138****1234
    Mobile,
    /// 3101**********1234
    IdNumber,
    /// 3100********3510
    CardNumber,
    /// 张*
    Name,
    /// 上海市徐汇区****
    Address,
    /// ****, nothing stays.
    Full,
}

impl MaskKind {
    /// Stable name in definitions.
    pub fn as_str(self) -> &'static str {
        match self {
            MaskKind::Mobile => "mobile",
            MaskKind::IdNumber => "id_number",
            MaskKind::CardNumber => "card_number",
            MaskKind::Name => "name",
            MaskKind::Address => "address",
            MaskKind::Full => "full",
        }
    }
}

impl FromStr for MaskKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        use MaskKind::*;
        [Mobile, IdNumber, CardNumber, Name, Address, Full].into_iter().find(|k| k.as_str() == text).ok_or(())
    }
}

/// Masks a value. Values too short for their kind are hidden whole, never shown whole.
pub fn mask(kind: MaskKind, value: &str) -> String {
    let value = value.trim();
    match kind {
        MaskKind::Mobile => keep_ends(value, 3, 4),
        MaskKind::IdNumber | MaskKind::CardNumber => keep_ends(value, 4, 4),
        MaskKind::Name => mask_name(value),
        MaskKind::Address => mask_address(value),
        MaskKind::Full => "****".to_owned(),
    }
}

fn keep_ends(value: &str, head: usize, tail: usize) -> String {
    let chars: Vec<char> = value.chars().collect();
    // At least as much hidden as is shown at the longer end, or nothing is shown.
    if chars.len() < head + tail + tail.min(4) {
        return "*".repeat(chars.len().max(4));
    }
    let hidden = chars.len() - head - tail;
    let mut out: String = chars[..head].iter().collect();
    out.push_str(&"*".repeat(hidden));
    out.extend(&chars[chars.len() - tail..]);
    out
}

fn mask_name(value: &str) -> String {
    let mut chars = value.chars();
    match (chars.next(), chars.count()) {
        (Some(_), 0) | (None, _) => "*".to_owned(),
        (Some(first), rest) => format!("{first}{}", "*".repeat(rest)),
    }
}

fn mask_address(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    // 区 or 县 within the first twelve characters ends the part that is no secret.
    let district = chars.iter().take(12).position(|c| matches!(c, '区' | '县'));
    match district {
        Some(end) if end + 1 < chars.len() => format!("{}****", chars[..=end].iter().collect::<String>()),
        _ => "****".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        use MaskKind::*;
        let cases = [
            (Mobile, "13812341234", "138****1234"),
            (Mobile, "1234567", "*******"),
            (Mobile, "", "****"),
            (IdNumber, "310101199001011234", "3101**********1234"),
            (CardNumber, "3100123456783510", "3100********3510"),
            (CardNumber, "12345678", "********"),
            (CardNumber, "12345678901", "***********"),
            (Name, "张三", "张*"),
            (Name, "欧阳娜娜", "欧***"),
            (Name, "张", "*"),
            (Name, "", "*"),
            (Address, "上海市徐汇区漕溪北路1号", "上海市徐汇区****"),
            (Address, "漕溪北路1号", "****"),
            (Address, "徐汇区", "****"),
            (Full, "anything", "****"),
        ];
        for (kind, value, expected) in cases {
            assert_eq!(mask(kind, value), expected, "{kind:?} {value}");
        }
    }

    #[test]
    fn names_come_back() {
        for name in ["mobile", "id_number", "card_number", "name", "address", "full"] {
            assert_eq!(name.parse::<MaskKind>().map(MaskKind::as_str), Ok(name));
        }
        assert!("none".parse::<MaskKind>().is_err());
    }
}
