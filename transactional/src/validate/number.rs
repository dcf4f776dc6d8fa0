//! Numbers as people type them, taken only in a form nobody can misread. `12,50` is 12.50 to one reader and 1250 to
//! another, so it is neither here.
//!
//! A form is: an optional sign, digits, optionally a point and more digits. Commas group thousands only when every group
//! is complete (`1,234,567.80`), and only where a comma cannot stand for a decimal point: in numbers of at most two
//! decimal places, since a group of three digits is no such fraction. Full-width digits and signs read as half-width.

/// Whether complete groups of thousands are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// `1,234` is 1234.
    Thousands,
    /// `1,234` could be 1.234 and is refused.
    Refused,
}

impl Grouping {
    /// What a field with so many decimal places takes.
    pub(super) fn of_scale(scale: u32) -> Self {
        if scale <= 2 { Grouping::Thousands } else { Grouping::Refused }
    }
}

/// The number without grouping, as `-1234.50`; none when its form can be misread or is no number.
pub(super) fn plain(text: &str, grouping: Grouping) -> Option<String> {
    let text: String = text.chars().map(narrow).collect();
    let (sign, rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = match rest.split_once('.') {
        Some((whole, fraction)) if is_digits(fraction) => (whole, Some(fraction)),
        Some(_) => return None,
        None => (rest, None),
    };
    let whole = match whole.contains(',') {
        true if grouping == Grouping::Thousands => ungrouped(whole)?,
        true => return None,
        false => whole.to_owned(),
    };
    if !is_digits(&whole) {
        return None;
    }
    Some(match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    })
}

/// Groups of three behind a first one of one to three digits that does not begin with nought: nobody groups `0,123`.
fn ungrouped(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next().filter(|g| (1..=3).contains(&g.len()) && !g.starts_with('0'))?;
    let mut digits = first.to_owned();
    for group in groups {
        digits.push_str(Some(group).filter(|g| g.len() == 3)?);
    }
    Some(digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{2212}' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_answer_18_only_forms_nobody_can_misread() {
        for (text, expected) in [
            ("12.50", "12.50"),
            ("1250", "1250"),
            ("-3.5", "-3.5"),
            ("+3", "3"),
            ("1,234", "1234"),
            ("12,345.60", "12345.60"),
            ("1,234,567", "1234567"),
            ("-123,456.7", "-123456.7"),
            ("１２．５０", "12.50"),
            ("１，２３４", "1234"),
            ("\u{2212}7", "-7"),
            ("007", "007"),
        ] {
            assert_eq!(plain(text, Grouping::Thousands).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "12,50",
            "1,2",
            ",5",
            "1,23,4",
            "12，50",
            "1,234,5",
            "1234,567",
            "12,3456",
            "0,123",
            "1,,234",
            "1,234,",
            ",234",
            "1.234,56",
            "1.234.567",
            "1 234",
            "1_234",
            "1'234",
            ".5",
            "5.",
            "1e3",
            "0x10",
            "",
            "-",
            "+-1",
            "--1",
            "1-",
            "12.50元",
            "¥12",
            "NaN",
            "inf",
            "十二",
            "١٢",
            "1/2",
            "50%",
            "1,234.5,6",
        ] {
            assert_eq!(plain(text, Grouping::Thousands), None, "{text}");
        }
    }

    #[test]
    fn right_answer_18_a_comma_that_could_be_a_point_is_refused() {
        assert_eq!(Grouping::of_scale(2), Grouping::Thousands);
        assert_eq!(Grouping::of_scale(6), Grouping::Refused);
        assert_eq!(plain("121,436", Grouping::Refused), None);
        assert_eq!(plain("121.436", Grouping::Refused).as_deref(), Some("121.436"));
    }
}
