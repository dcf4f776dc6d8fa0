//! Whether two servers said the same.

use std::sync::LazyLock;

use regex::Regex;

use super::asking::{Rows, Said};
use super::value::Class;

/// What a pair of answers comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The same rows of the same classes of types.
    Same,
    /// PostgreSQL fails on a row, and so do we; or both know no such thing.
    BothRefuse,
    /// PostgreSQL knows no such statement; what we make of it is our own affair.
    NoStatement,
    Differs(Difference),
}

/// The ways to differ, each worse than the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// We broke, or called it our own fault.
    Broken,
    /// Other values.
    Value,
    /// Numbers within texts that are the same to thirteen significant digits.
    Texts,
    /// Decimals that are the same to thirteen significant digits.
    Digits,
    /// The same values with other zeros at the end of decimals.
    Zeros,
    /// PostgreSQL fails on a row (class 22), we answer.
    Answered,
    /// The same values of other types.
    Type,
    /// We refuse what PostgreSQL answers.
    Refused,
}

/// PostgreSQL's answer comes first.
pub fn judge(postgres: &Said, ours: &Said, ordered: bool) -> Verdict {
    match (postgres, ours) {
        (Said::Broken(why), _) => panic!("PostgreSQL: {why}"),
        (_, Said::Broken(_)) => Verdict::Differs(Difference::Broken),
        (_, Said::Refused { code, .. }) if code == "XX000" || code == "57P01" => {
            Verdict::Differs(Difference::Broken)
        }
        (Said::Refused { code, .. }, Said::Refused { .. }) if code.starts_with("22") => Verdict::BothRefuse,
        (Said::Refused { code, .. }, Said::Rows { .. }) if code.starts_with("22") => {
            Verdict::Differs(Difference::Answered)
        }
        (Said::Refused { .. }, _) => Verdict::NoStatement,
        (Said::Rows { .. }, Said::Refused { .. }) => Verdict::Differs(Difference::Refused),
        (Said::Rows { classes: theirs, rows }, Said::Rows { classes, rows: own }) => {
            if !same_rows(rows, own, theirs, ordered, plain) {
                let same = |plain: Plain| same_rows(rows, own, theirs, ordered, plain);
                Verdict::Differs(match () {
                    () if same(without_zeros) => Difference::Zeros,
                    () if same(to_thirteen) => Difference::Digits,
                    () if same(texts_to_thirteen) => Difference::Texts,
                    () => Difference::Value,
                })
            } else if theirs != classes {
                Verdict::Differs(Difference::Type)
            } else {
                Verdict::Same
            }
        }
    }
}

type Plain = fn(Option<&str>, Option<&Class>) -> String;

fn same_rows(theirs: &Rows, own: &Rows, classes: &[Class], ordered: bool, plain: Plain) -> bool {
    let lines = |rows: &Rows| {
        let mut lines: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                row.iter().enumerate().map(|(at, cell)| plain(cell.as_deref(), classes.get(at))).collect()
            })
            .collect();
        if !ordered {
            lines.sort_unstable();
        }
        lines
    };
    lines(theirs) == lines(own)
}

/// A cell as it is compared. Sums of binary floats depend on the order of rows in their last digits.
fn plain(cell: Option<&str>, class: Option<&Class>) -> String {
    let Some(text) = cell else { return "∅".into() };
    match class {
        Some(Class::Float) => {
            // What cancels out leaves nothing, or nearly nothing.
            let number = |number: f64| if number.abs() < 1e-13 { 0.0 } else { number };
            text.parse::<f64>().map_or_else(|_| text.to_owned(), |float| format!("{:.9e}", number(float)))
        }
        Some(Class::Json) => text.chars().filter(|letter| !letter.is_whitespace()).collect(),
        _ => text.to_owned(),
    }
}

/// The same, decimals without the zeros at their end.
fn without_zeros(cell: Option<&str>, class: Option<&Class>) -> String {
    let text = plain(cell, class);
    match class {
        Some(Class::Numeric) if text.contains('.') => {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => text,
    }
}

/// The same, decimals to thirteen significant digits.
fn to_thirteen(cell: Option<&str>, class: Option<&Class>) -> String {
    let text = plain(cell, class);
    match (class, text.parse::<f64>()) {
        // Measured here, what cancels out leaves nearly nothing.
        (Some(Class::Numeric), Ok(number)) if number.abs() < 1e-13 => format!("{:.12e}", 0.0),
        (Some(Class::Numeric), Ok(number)) => format!("{number:.12e}"),
        _ => text,
    }
}

/// The same, and numbers within texts likewise: what is put into a text has the digits and zeros it had.
fn texts_to_thirteen(cell: Option<&str>, class: Option<&Class>) -> String {
    static NUMBER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\d+(\.\d+)?(e[+-]?\d+)?").expect("a pattern"));
    let text = to_thirteen(cell, class);
    if class != Some(&Class::Text) {
        return text;
    }
    let short = |found: &regex::Captures| match found[0].parse::<f64>() {
        Ok(number) if number < 1e-13 => format!("{:.12e}", 0.0),
        Ok(number) => format!("{number:.12e}"),
        Err(_) => found[0].to_owned(),
    };
    NUMBER.replace_all(&text, short).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(class: Class, cells: &[&str]) -> Said {
        Said::Rows {
            classes: vec![class],
            rows: cells.iter().map(|cell| vec![Some((*cell).to_owned())]).collect(),
        }
    }

    fn refused(code: &str) -> Said {
        Said::Refused { code: code.into(), words: String::new() }
    }

    #[test]
    fn each_way_to_differ_is_noticed() {
        let two = rows(Class::Numeric, &["1.50", "2"]);
        let check = |theirs: &Said, own: &Said, ordered, expected| {
            assert_eq!(judge(theirs, own, ordered), expected, "{theirs:?} {own:?}");
        };
        check(&two, &rows(Class::Numeric, &["2", "1.50"]), false, Verdict::Same);
        check(&two, &rows(Class::Numeric, &["2", "1.50"]), true, Verdict::Differs(Difference::Value));
        check(&two, &rows(Class::Numeric, &["1.5", "2"]), false, Verdict::Differs(Difference::Zeros));
        let third = rows(Class::Numeric, &["0.33333333333333333333"]);
        let shorter = rows(Class::Numeric, &["0.3333333333333333"]);
        check(&third, &shorter, false, Verdict::Differs(Difference::Digits));
        let texts = rows(Class::Text, &["a-1.50 of 2", "0.33333333333333333333"]);
        check(
            &texts,
            &rows(Class::Text, &["a-1.5 of 2", "0.3333333333333333"]),
            true,
            Verdict::Differs(Difference::Texts),
        );
        check(
            &texts,
            &rows(Class::Text, &["a-1.5 of 3", "0.3333333333333333"]),
            true,
            Verdict::Differs(Difference::Value),
        );
        check(&two, &rows(Class::Numeric, &["1.5", "20"]), false, Verdict::Differs(Difference::Value));
        check(&two, &rows(Class::Float, &["1.50", "2"]), false, Verdict::Differs(Difference::Type));
        check(&two, &refused("0A000"), false, Verdict::Differs(Difference::Refused));
        check(&refused("22003"), &two, false, Verdict::Differs(Difference::Answered));
        check(&refused("22003"), &refused("42601"), false, Verdict::BothRefuse);
        check(&refused("42601"), &two, false, Verdict::NoStatement);
        check(&refused("42601"), &refused("XX000"), false, Verdict::Differs(Difference::Broken));
    }
}
