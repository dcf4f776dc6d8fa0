//! What stands behind a backslash, or is called by its name: single characters and classes of them. The classes are those
//! of PostgreSQL under a locale of Unicode, as its server was asked character by character.

/// White space; PostgreSQL leaves out the spaces that do not break.
const SPACE: &str = r"\t-\r\x20\u{1680}\u{2000}-\u{2006}\u{2008}-\u{200A}\u{2028}\u{2029}\u{205F}\u{3000}";

/// The inside of brackets for a class of this name.
pub(super) fn class(name: &str) -> Option<String> {
    Some(match name {
        "alpha" => r"\p{Alphabetic}[\p{Nd}--[0-9]]".to_owned(),
        "alnum" => r"\p{Alphabetic}\p{Nd}".to_owned(),
        "word" => r"\p{Alphabetic}\p{Nd}_".to_owned(),
        "digit" => "0-9".to_owned(),
        "xdigit" => "0-9A-Fa-f".to_owned(),
        "upper" => r"\p{Uppercase}\p{Lt}".to_owned(),
        "lower" => r"\p{Lowercase}".to_owned(),
        "space" => SPACE.to_owned(),
        "blank" => r"\t\x20".to_owned(),
        "cntrl" => r"\x00-\x1F\x7F-\x9F".to_owned(),
        "ascii" => r"\x00-\x7F".to_owned(),
        // Whatever is seen, and what of it is neither letter nor digit.
        "graph" => format!(r"[^\p{{Cc}}\p{{Cn}}{SPACE}]"),
        "punct" => format!(r"[^\p{{Alphabetic}}\p{{Nd}}\p{{Cc}}\p{{Cn}}{SPACE}]"),
        "print" => r"[^\p{Cc}\p{Cn}\p{Zl}\p{Zp}]".to_owned(),
        _ => return None,
    })
}

/// The class a letter behind a backslash stands for, and whether all others are meant.
pub(super) fn shorthand(letter: char) -> Option<(String, bool)> {
    let name = match letter.to_ascii_lowercase() {
        'd' => "digit",
        's' => "space",
        'w' => "word",
        _ => return None,
    };
    Some((class(name)?, letter.is_ascii_uppercase()))
}

/// The character a backslash and what follows it stand for; `at` is behind the backslash, and moves on.
pub(super) fn character(letters: &[char], at: &mut usize) -> Option<char> {
    let letter = *letters.get(*at)?;
    *at += 1;
    let hexadecimal = |at: &mut usize, most: usize| {
        let digits: String =
            letters[*at..].iter().take(most).take_while(|digit| digit.is_ascii_hexdigit()).collect();
        *at += digits.len();
        u32::from_str_radix(&digits, 16).ok().map(|number| (number, digits.len()))
    };
    let code = match letter {
        'a' => 0x07,
        'b' => 0x08,
        'e' => 0x1B,
        'f' => 0x0C,
        'n' => 0x0A,
        'r' => 0x0D,
        't' => 0x09,
        'v' => 0x0B,
        'B' => u32::from('\\'),
        'c' => {
            let control = u32::from(*letters.get(*at)?) & 0x1F;
            *at += 1;
            control
        }
        'u' => hexadecimal(at, 4).filter(|(_, digits)| *digits == 4)?.0,
        'U' => hexadecimal(at, 8).filter(|(_, digits)| *digits == 8)?.0,
        'x' => hexadecimal(at, usize::MAX)?.0,
        // An octal number of up to three digits that begins with zero; others are references back.
        '0' => {
            let digits: String =
                letters[*at..].iter().take(2).take_while(|digit| digit.is_digit(8)).collect();
            *at += digits.len();
            u32::from_str_radix(&format!("0{digits}"), 8).ok()?
        }
        letter if letter.is_ascii_alphanumeric() => return None,
        letter => return Some(letter),
    };
    char::from_u32(code)
}
