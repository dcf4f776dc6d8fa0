//! Spans as people spell them. The engine reads `1 day 2 hours`; here a clock may stand behind it (`1 day 02:30:00`), or
//! alone, days without their word before it, and a sign apart from its number (`1 month - 1 day`).

use arrow::compute::kernels::cast_utils::parse_interval_month_day_nano;
use arrow::datatypes::IntervalMonthDayNano;

use super::spelled_clock::digits;

/// Reads a text; none if it is no span.
pub(super) fn read(text: &str) -> Option<IntervalMonthDayNano> {
    let text = text.trim();
    if let Some(parts) = text.strip_prefix('P') {
        return designated(parts);
    }
    let (rest, ago) = match text.to_ascii_lowercase().strip_suffix("ago") {
        Some(rest) => (text[..rest.len()].trim(), true),
        None => (text, false),
    };
    let span = forward(&signed(rest)?)?;
    if !ago {
        return Some(span);
    }
    let (months, days) = (span.months.checked_neg()?, span.days.checked_neg()?);
    Some(IntervalMonthDayNano::new(months, days, span.nanoseconds.checked_neg()?))
}

/// `1Y2M3DT4H5M6.5S`, what ISO 8601 writes behind the P.
fn designated(parts: &str) -> Option<IntervalMonthDayNano> {
    let (mut words, mut number, mut of_day) = (Vec::new(), String::new(), false);
    for letter in parts.chars() {
        let unit = match (letter, of_day) {
            ('0'..='9' | '.' | '-' | '+', _) => {
                number.push(letter);
                continue;
            }
            ('T', false) if number.is_empty() => {
                of_day = true;
                continue;
            }
            ('Y', false) => "years",
            ('M', false) => "months",
            ('W', false) => "weeks",
            ('D', false) => "days",
            ('H', true) => "hours",
            ('M', true) => "minutes",
            ('S', true) => "seconds",
            _ => return None,
        };
        words.push(format!("{} {unit}", std::mem::take(&mut number)));
    }
    if !number.is_empty() || words.is_empty() {
        return None;
    }
    parse_interval_month_day_nano(&words.join(" ")).ok()
}

/// Signs beside their numbers, and none that says nothing: the engine knows `-1 day` only.
fn signed(text: &str) -> Option<String> {
    let mut made = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut at_word = true;
    while let Some(letter) = letters.next() {
        let is_sign = matches!(letter, '-' | '+') && at_word;
        if !is_sign {
            made.push(letter);
            at_word = letter.is_ascii_whitespace();
            continue;
        }
        while letters.next_if(char::is_ascii_whitespace).is_some() {}
        // Nothing but a number may have a sign, and one only.
        letters.peek().filter(|digit| digit.is_ascii_digit() || **digit == '.')?;
        if letter == '-' {
            made.push('-');
        }
        at_word = false;
    }
    Some(made)
}

fn forward(text: &str) -> Option<IntervalMonthDayNano> {
    let Some(at) = text.split_whitespace().position(|word| word.contains(':')) else {
        return parse_interval_month_day_nano(text).ok();
    };
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let clock = clock(words.remove(at))?;
    // `3 02:00:00`: days before the clock need no word.
    if at > 0 && words.get(at - 1).is_some_and(|word| word.parse::<i32>().is_ok()) {
        words.insert(at, "days");
    }
    let others = match words.is_empty() {
        true => IntervalMonthDayNano::new(0, 0, 0),
        false => parse_interval_month_day_nano(&words.join(" ")).ok()?,
    };
    let nanos = others.nanoseconds.checked_add(clock)?;
    Some(IntervalMonthDayNano::new(others.months, others.days, nanos))
}

/// `02:30`, `-2:30:15.5` in nanoseconds.
fn clock(word: &str) -> Option<i64> {
    let (sign, word) = match word.strip_prefix('-') {
        Some(word) => (-1, word),
        None => (1, word.strip_prefix('+').unwrap_or(word)),
    };
    let parts: Vec<&str> = word.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes] => (*hours, *minutes, "0"),
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        _ => return None,
    };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let number = |text: &str| digits(text).map(|(value, _)| i64::from(value));
    let micros = super::spelled_clock::rounded(fraction).ok()?;
    let (minutes, seconds) = (number(minutes)?, number(seconds)?);
    if minutes > 59 || seconds > 59 {
        return None;
    }
    let all = number(hours)?.checked_mul(3600)?.checked_add(minutes * 60 + seconds)?;
    all.checked_mul(1_000_000)?.checked_add(micros)?.checked_mul(1_000 * sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_many_spellings() {
        let hour = 3_600_000_000_000;
        for (text, want) in [
            ("1 day 02:00:00", Some((0, 1, 2 * hour))),
            ("02:30", Some((0, 0, 5 * hour / 2))),
            ("3 02:00:00", Some((0, 3, 2 * hour))),
            ("1 mon -1 days +01:00", Some((1, -1, hour))),
            ("2 hours ago", Some((0, 0, -2 * hour))),
            ("1 month - 1 day", Some((1, -1, 0))),
            ("-1 year +1 day", Some((-12, 1, 0))),
            ("- 1 day", Some((0, -1, 0))),
            ("1 day - 02:00", Some((0, 1, -2 * hour))),
            ("1 day - - 1 hour", None),
            ("1 day -", None),
            ("1 year 2 months", Some((14, 0, 0))),
            ("P1Y2M3DT4H", Some((14, 3, 4 * hour))),
            ("PT-1.5H", Some((0, 0, -3 * hour / 2))),
            ("P1H", None),
            ("P", None),
            ("soon", None),
            ("1 day 02:61", None),
        ] {
            let want = want.map(|(months, days, nanos)| IntervalMonthDayNano::new(months, days, nanos));
            assert_eq!(read(text), want, "{text}");
        }
    }
}
