//! PostgreSQL's formats of dates and times in the engine's letters. Taken as they are, they would be written out as text:
//! `to_char(t, 'YYYY-MM')` would be the word YYYY-MM for every row.

/// Patterns and what the engine calls them, longer ones before those they begin with. Numbers may be asked in small
/// letters; names are written as the pattern is, so only the usual writing is known.
const PATTERNS: [(&str, &str); 22] = [
    ("YYYY", "%Y"),
    ("IYYY", "%G"),
    ("YY", "%y"),
    ("HH24", "%H"),
    ("HH12", "%I"),
    ("HH", "%I"),
    ("FMMonth", "%B"),
    ("Month", "%B"),
    ("Mon", "%b"),
    ("FMDay", "%A"),
    ("Day", "%A"),
    ("Dy", "%a"),
    ("DDD", "%j"),
    ("DD", "%d"),
    ("MM", "%m"),
    ("MI", "%M"),
    ("SS", "%S"),
    ("IW", "%V"),
    ("Q", "%q"),
    ("AM", "%p"),
    ("TZ", "%Z"),
    ("OF", "%:z"),
];

/// Fractions of a second, which the engine reads with the point before them and writes by digits.
const READ: [(&str, &str); 2] = [(".US", "%.f"), (".MS", "%.f")];
const WRITTEN: [(&str, &str); 2] = [("US", "%6f"), ("MS", "%3f")];

/// What is done with a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

/// The format in the engine's letters; as it is when it already has them.
///
/// # Errors
/// The rest of the format from the first letter that is not known.
pub(super) fn translated(format: &str, purpose: Use) -> Result<String, String> {
    if format.contains('%') {
        return Ok(format.to_owned());
    }
    let fractions = if purpose == Use::Read { READ } else { WRITTEN };
    let (mut made, mut rest) = (String::new(), format);
    while let Some(letter) = rest.chars().next() {
        let known = fractions.iter().chain(&PATTERNS).find(|(pattern, _)| begins(rest, pattern));
        if let Some((pattern, ours)) = known {
            made.push_str(ours);
            rest = &rest[pattern.len()..];
        } else if let Some((quoted, behind)) = rest.strip_prefix('"').and_then(|text| text.split_once('"')) {
            made.push_str(quoted);
            rest = behind;
        } else if letter.is_ascii_alphabetic() && letter != 'T' {
            return Err(rest.to_owned());
        } else {
            made.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    Ok(made)
}

fn begins(rest: &str, pattern: &str) -> bool {
    let is_number = !pattern.bytes().any(|byte| byte.is_ascii_lowercase());
    rest.get(..pattern.len())
        .is_some_and(|head| head == pattern || is_number && head.eq_ignore_ascii_case(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_translated_or_refused() {
        let write = |format| translated(format, Use::Write);
        assert_eq!(write("YYYY-MM-DD HH24:MI:SS").as_deref(), Ok("%Y-%m-%d %H:%M:%S"));
        assert_eq!(write("yyyymmdd hh24miss").as_deref(), Ok("%Y%m%d %H%M%S"));
        assert_eq!(write(r#"YYYY"年"MM月 "Q"Q"#).as_deref(), Ok("%Y年%m月 Q%q"));
        assert_eq!(write("IYYY-IW, DDD, Mon").as_deref(), Ok("%G-%V, %j, %b"));
        assert_eq!(write("SS.MS").as_deref(), Ok("%S.%3f"));
        assert_eq!(write("%Y").as_deref(), Ok("%Y"));
        assert_eq!(write("YYYY WW").unwrap_err(), "WW");
        assert_eq!(write("MONTH").unwrap_err(), "MONTH");
        assert_eq!(translated("YYYY-MM-DDTHH24:MI:SS.US", Use::Read).as_deref(), Ok("%Y-%m-%dT%H:%M:%S%.f"));
    }
}
