//! `to_char` of days, times and spans: each pattern of a template written as PostgreSQL writes it.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate};

use super::moment::Parts;
use super::template::{Affix, Fill, Node, Ordinal};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// Patterns that need a day of the calendar; of a span there is none.
const OF_DAYS: [&str; 27] = [
    "A.D.", "AD", "B.C.", "BC", "a.d.", "ad", "b.c.", "bc", "DAY", "Day", "day", "DY", "Dy", "dy", "D", "ID",
    "J", "IDDD", "IW", "IYYY", "IYY", "IY", "I", "WW", "W", "DDD", "",
];

/// Writes one value.
///
/// # Errors
/// A sentence about a pattern that a span has nothing for.
pub(super) fn write(nodes: &[Node], parts: &Parts, out: &mut String) -> Result<(), String> {
    for node in nodes {
        match node {
            Node::Letter(letter) | Node::Separator(letter) | Node::Blank(letter) => out.push(*letter),
            Node::Pattern { name, affix } => pattern(name, *affix, parts, out)?,
        }
    }
    Ok(())
}

fn pattern(name: &str, affix: Affix, parts: &Parts, out: &mut String) -> Result<(), String> {
    if is_name(name) {
        return names(name, affix, parts, out);
    }
    let Some(date) = parts.date else { return of_span(name, affix, parts, out) };
    let iso = date.iso_week();
    let year = displayed(i64::from(date.year()));
    let iso_year = displayed(i64::from(iso.year()));
    match name {
        "DDD" => number(i64::from(date.ordinal()), 3, affix, out),
        "IDDD" => number(iso_day(date), 3, affix, out),
        "DD" => number(parts.day, 2, affix, out),
        "D" => number(i64::from(date.weekday().number_from_sunday()), 1, affix, out),
        "ID" => number(i64::from(date.weekday().number_from_monday()), 1, affix, out),
        "WW" => number((i64::from(date.ordinal()) - 1) / 7 + 1, 2, affix, out),
        "W" => number((parts.day - 1) / 7 + 1, 1, affix, out),
        "IW" => number(i64::from(iso.week()), 2, affix, out),
        "Q" => number((parts.month - 1) / 3 + 1, 1, affix, out),
        "J" => number(julian(date), 1, affix, out),
        "CC" => number(century(parts.year), 2, affix, out),
        "Y,YYY" => {
            let _ = write!(out, "{},{:03}", year / 1000, year % 1000);
            ordinal(year, affix, out);
        }
        "YYYY" => number(year, 4, affix, out),
        "YYY" => number(year % 1000, 3, affix, out),
        "YY" => number(year % 100, 2, affix, out),
        "Y" => number(year % 10, 1, affix, out),
        "IYYY" => number(iso_year, 4, affix, out),
        "IYY" => number(iso_year % 1000, 3, affix, out),
        "IY" => number(iso_year % 100, 2, affix, out),
        "I" => number(iso_year % 10, 1, affix, out),
        _ => clock(name, affix, parts, out),
    }
    Ok(())
}

/// The same of a span, where years are years and months what is left of them.
fn of_span(name: &str, affix: Affix, parts: &Parts, out: &mut String) -> Result<(), String> {
    match name {
        _ if OF_DAYS.contains(&name) || ["TZH", "TZM", "OF"].contains(&name) => return Err(no_day(name)),
        "DD" => digits(parts.day, 2, affix, out),
        "CC" => number(parts.year / 100, 2, affix, out),
        "Q" if parts.month == 0 => {}
        "Q" => number((parts.month - 1) / 3 + 1, 1, affix, out),
        "Y,YYY" => {
            let _ = write!(out, "{},{:03}", parts.year / 1000, parts.year % 1000);
        }
        "YYYY" => number(parts.year, 4, affix, out),
        "YYY" => number(parts.year % 1000, 3, affix, out),
        "YY" => number(parts.year % 100, 2, affix, out),
        "Y" => number(parts.year % 10, 1, affix, out),
        _ => clock(name, affix, parts, out),
    }
    Ok(())
}

/// What days and spans have alike.
fn clock(name: &str, affix: Affix, parts: &Parts, out: &mut String) {
    let fraction = |digits: u32| parts.micros / 10_i64.pow(6 - digits);
    match name {
        "HH" | "HH12" => {
            let hour = parts.hour % 12;
            number(if hour == 0 { 12 } else { hour }, 2, affix, out);
        }
        "HH24" => number(parts.hour, 2, affix, out),
        "MI" => number(parts.minute, 2, affix, out),
        "SS" => number(parts.second, 2, affix, out),
        "MM" => number(parts.month, 2, affix, out),
        "SSSS" | "SSSSS" => number((parts.hour * 60 + parts.minute) * 60 + parts.second, 1, affix, out),
        "MS" | "FF3" => digits(fraction(3), 3, affix, out),
        "US" | "FF6" => digits(fraction(6), 6, affix, out),
        "FF1" => digits(fraction(1), 1, affix, out),
        "FF2" => digits(fraction(2), 2, affix, out),
        "FF4" => digits(fraction(4), 4, affix, out),
        "FF5" => digits(fraction(5), 5, affix, out),
        "TZH" => {
            let seconds = offset(parts);
            let _ = write!(out, "{}{:02}", sign(seconds), seconds.abs() / 3600);
        }
        "TZM" => {
            let _ = write!(out, "{:02}", offset(parts).abs() / 60 % 60);
        }
        "OF" => {
            let seconds = offset(parts);
            out.push(sign(seconds));
            number(i64::from(seconds.abs() / 3600), 2, affix, out);
            let minutes = seconds.abs() / 60 % 60;
            if minutes != 0 {
                let _ = write!(out, ":{minutes:02}");
            }
        }
        // A letter that switches exactness of reading; nothing is written for it.
        _ => {}
    }
}

fn offset(parts: &Parts) -> i32 {
    parts.zone.as_ref().map_or(0, |(seconds, _)| *seconds)
}

fn sign(seconds: i32) -> char {
    if seconds < 0 { '-' } else { '+' }
}

fn is_name(name: &str) -> bool {
    let bare = name.to_ascii_uppercase();
    ["A.D.", "AD", "B.C.", "BC", "A.M.", "AM", "P.M.", "PM", "DAY", "DY", "MONTH", "MON", "RM", "TZ"]
        .contains(&bare.as_str())
}

fn names(name: &str, affix: Affix, parts: &Parts, out: &mut String) -> Result<(), String> {
    let bare = name.to_ascii_uppercase();
    let month = usize::try_from(parts.month - 1).ok().and_then(|month| MONTHS.get(month));
    let text = match bare.as_str() {
        "A.M." | "P.M." => if parts.hour.rem_euclid(24) >= 12 { "P.M." } else { "A.M." }.to_owned(),
        "AM" | "PM" => if parts.hour.rem_euclid(24) >= 12 { "PM" } else { "AM" }.to_owned(),
        "RM" => {
            let roman = usize::try_from(parts.month - 1).ok().and_then(|month| ROMAN.get(month));
            let Some(roman) = roman else { return Ok(()) };
            cased(roman, name, true, width(4, affix), out);
            return Ok(());
        }
        _ if parts.date.is_none() => return Err(no_day(name)),
        "A.D." | "B.C." => if parts.year <= 0 { "B.C." } else { "A.D." }.to_owned(),
        "AD" | "BC" => if parts.year <= 0 { "BC" } else { "AD" }.to_owned(),
        "TZ" => parts.zone.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
        "MONTH" => {
            cased(month.copied().unwrap_or_default(), name, false, width(9, affix), out);
            return Ok(());
        }
        "MON" => {
            cased(month.map_or("", |month| &month[..3]), name, false, 0, out);
            return Ok(());
        }
        _ => {
            let day = parts.date.map_or(0, |date| date.weekday().num_days_from_sunday() as usize);
            let (day, width) =
                if bare == "DAY" { (DAYS[day], width(9, affix)) } else { (&DAYS[day][..3], 0) };
            cased(day, name, false, width, out);
            return Ok(());
        }
    };
    let small = name.starts_with(|first: char| first.is_ascii_lowercase());
    out.push_str(&if small { text.to_ascii_lowercase() } else { text });
    Ok(())
}

fn width(width: usize, affix: Affix) -> usize {
    if affix.fill == Fill::Bare { 0 } else { width }
}

/// A name in the case of its pattern, filled with blanks.
fn cased(text: &str, pattern: &str, always_upper: bool, width: usize, out: &mut String) {
    let second_small = pattern[1..].starts_with(|second: char| second.is_ascii_lowercase());
    let text = if pattern.starts_with(|first: char| first.is_ascii_lowercase()) {
        text.to_ascii_lowercase()
    } else if second_small && !always_upper {
        text.to_owned()
    } else {
        text.to_ascii_uppercase()
    };
    let _ = write!(out, "{text:<width$}");
}

fn no_day(name: &str) -> String {
    format!("时段（interval）不能按“{name}”书写：它没有日历上的日期")
}

/// A number with leading zeros; its sign takes a place of its own.
fn number(value: i64, width: usize, affix: Affix, out: &mut String) {
    let width = match affix.fill {
        Fill::Bare => 0,
        Fill::Padded if value < 0 => width + 1,
        Fill::Padded => width,
    };
    let _ = write!(out, "{value:0width$}");
    ordinal(value, affix, out);
}

/// Digits of a fraction, which keep their zeros.
fn digits(value: i64, width: usize, affix: Affix, out: &mut String) {
    let _ = write!(out, "{value:0width$}");
    ordinal(value, affix, out);
}

fn ordinal(value: i64, affix: Affix, out: &mut String) {
    let Some(ordinal) = affix.ordinal else { return };
    out.push_str(ending(value, ordinal));
}

/// `st`, `nd`, `rd` or `th`.
pub(super) fn ending(value: i64, ordinal: Ordinal) -> &'static str {
    let last = if (value / 10) % 10 == 1 { 0 } else { value.unsigned_abs() % 10 };
    let at = match last {
        1 => 0,
        2 => 1,
        3 => 2,
        _ => 3,
    };
    match ordinal {
        Ordinal::Upper => ["ST", "ND", "RD", "TH"][at],
        Ordinal::Lower => ["st", "nd", "rd", "th"][at],
    }
}

/// There is no year 0: the one before 1 is the first before Christ.
fn displayed(year: i64) -> i64 {
    if year <= 0 { 1 - year } else { year }
}

fn century(year: i64) -> i64 {
    if year > 0 { (year - 1) / 100 + 1 } else { year / 100 - 1 }
}

/// The number of the day since the Julian calendar began.
pub(super) fn julian(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) + 1_721_425
}

/// The number of the day in its ISO year.
fn iso_day(date: NaiveDate) -> i64 {
    i64::from(date.iso_week().week() - 1) * 7 + i64::from(date.weekday().number_from_monday())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::functions::template::nodes;

    fn shown(
        template: &str,
        date: Option<(i32, u32, u32)>,
        (hour, minute, second): (i64, i64, i64),
    ) -> String {
        let date = date.and_then(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day));
        let parts = Parts {
            date,
            year: date.map_or(0, |date| i64::from(date.year())),
            month: date.map_or(0, |date| i64::from(date.month())),
            day: date.map_or(0, |date| i64::from(date.day())),
            hour,
            minute,
            second,
            micros: 123_400,
            zone: date.map(|_| (28_800, "CST".to_owned())),
        };
        let mut out = String::new();
        match write(&nodes(template).expect("template"), &parts, &mut out) {
            Ok(()) => out,
            Err(sentence) => format!("! {sentence}"),
        }
    }

    /// What PostgreSQL 15 writes.
    #[test]
    fn patterns_are_written_as_postgres_writes_them() {
        let evening = |template| shown(template, Some((2026, 10, 3)), (20, 5, 9));
        for (template, want) in [
            ("FMMonth FMDDth, YYYY; Day|Dy|D|ID", "October 3rd, 2026; Saturday |Sat|7|6"),
            ("HH12:MI AM; IYYY-IW; DDD; WW; W; Q; J; CC", "08:05 PM; 2026-40; 276; 40; 1; 4; 2461317; 21"),
            ("RM|rm|SSSS|MS|US|FF2", "X   |x   |72309|123|123400|12"),
            ("MONTH|mon|Y,YYY|YYY|YY|Y", "OCTOBER  |oct|2,026|026|26|6"),
            ("TZ tz OF TZH:TZM", "CST cst +08 +08:00"),
            ("BC a.m. \"nothing\"", "AD p.m. nothing"),
            ("nothing", "noth6ng"),
        ] {
            assert_eq!(evening(template), want, "{template}");
        }
        assert_eq!(shown("HH24:MI DD", None, (26, 5, 0)), "26:05 00");
        assert!(shown("Month", None, (1, 0, 0)).starts_with("! "));
    }
}
