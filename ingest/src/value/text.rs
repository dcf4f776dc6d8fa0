//! Small facts about text people type: full-width forms, odd spaces, words that mean "nothing".

use pujiang_security::identifier::is_invisible;

/// Full-width forms to half-width, odd spaces to a space, ends trimmed. Chinese text stays as it is.
pub fn narrow(text: &str) -> String {
    let mapped: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{2212}' | '\u{2010}'..='\u{2013}' => '-',
            '。' => '.',
            other => other,
        })
        .collect();
    mapped.trim().to_owned()
}

/// [`narrow`] without any white space.
pub fn squeeze(text: &str) -> String {
    narrow(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Words by which programs write an empty field.
pub fn is_missing(narrowed: &str) -> bool {
    let word = narrowed.to_ascii_lowercase();
    matches!(
        word.as_str(),
        "" | "null" | "(null)" | "\\n" | "nan" | "none" | "n/a" | "#n/a" | "nil" | "undefined" | "nat"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrowing() {
        for (text, expected) in [
            ("　长宁区 ", "长宁区"),
            ("５２８．７５", "528.75"),
            ("（元）", "(元)"),
            ("－１２", "-12"),
            ("\u{feff}编号", "编号"),
            ("a\u{a0}b", "a b"),
        ] {
            assert_eq!(narrow(text), expected, "{text}");
        }
        assert_eq!(squeeze("3100 6089\u{a0}6557"), "310060896557");
        assert!(is_missing("NULL") && is_missing("") && !is_missing("0"));
    }
}
