//! One form of an identifier for every room: card numbers, identity numbers, credit codes and serial numbers that people
//! and programs write in full width, in small letters, with spaces or with characters nobody sees are the same thing.
//!
//! Folding decides what is equal. Whether the folded text is a well-formed number is for whoever takes it.

/// The one form of an identifier: half width, capital letters, plain hyphens, no white space and nothing invisible.
/// Letters of other alphabets stay as they are, even those that look like Latin ones: they are a fault, not a form.
pub fn fold(text: &str) -> String {
    fold_keeping_case(text).to_ascii_uppercase()
}

/// The same for the rare numbers in which a small letter is another letter.
pub fn fold_keeping_case(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
            other => other,
        })
        .collect()
}

/// Whether a character takes no room and changes no meaning: what Unicode lets programs ignore, and marks of direction.
/// Copying from web pages and chats brings them along.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_answer_26_forms_of_one_identifier_are_one() {
        let code = "91310104MA1FR3XE42";
        for form in [
            "91310104ma1fr3xe42",
            "９１３１０１０４ＭＡ１ＦＲ３ＸＥ４２",
            "９１３１０１０４ｍａ１ｆｒ３ｘｅ４２",
            "91310104\u{200b}MA1FR3XE42",
            "\u{feff}91310104MA1FR3XE42\u{200e}",
            " 9131 0104\u{a0}MA1F\u{3000}R3XE42\t",
            "91310104MA\u{2060}1FR3\u{ad}XE42\u{fe0f}",
        ] {
            assert_eq!(fold(form), code, "{form:?}");
        }
        assert_eq!(fold("bk２０２６－09\u{2013}1"), "BK2026-09-1");
        assert_eq!(fold(&fold("ａ b")), "AB");
        assert_eq!(fold_keeping_case("ａ\u{200b}B"), "aB");
    }

    #[test]
    fn what_is_another_identifier_stays_another() {
        // Letters of other alphabets, the digits of other scripts, and signs that carry meaning.
        for (one, other) in [("МА", "MA"), ("Ο", "O"), ("١", "1"), ("①", "1"), ("A_1", "A-1"), ("a.1", "A1")]
        {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
        assert_eq!(fold("31\u{0}00"), "31\u{0}00", "a control character is a fault that must be seen");
    }
}
