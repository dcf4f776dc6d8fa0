//! Clocks and offsets as people spell them; the parts of `spelled` that know no day.

use super::moment::DAY;
use super::spelled::{Misspelled, Zone};

/// The half of a day a clock of twelve hours shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Before,
    After,
}

/// A number of digits alone, and how many.
pub(super) fn digits(text: &str) -> Option<(i32, usize)> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten().map(|number| (number, text.len()))
}

pub(super) fn of_half(micros: i64, half: Half) -> Result<i64, Misspelled> {
    let hour = micros / 3_600_000_000;
    match (hour, half) {
        (13.., _) => Err(Misspelled::Range),
        (12, Half::Before) => Ok(micros - 12 * 3_600_000_000),
        (0..12, Half::After) => Ok(micros + 12 * 3_600_000_000),
        _ => Ok(micros),
    }
}

pub(super) fn micros(hour: u32, minute: u32, second: u32, fraction: i64) -> Result<i64, Misspelled> {
    let micros = (i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)) * 1_000_000 + fraction;
    let fits = hour <= 24 && minute < 60 && second <= 60 && micros <= DAY;
    if fits { Ok(micros) } else { Err(Misspelled::Range) }
}

/// Microseconds of the digits behind the point.
pub(super) fn rounded(fraction: &str) -> Result<i64, Misspelled> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Misspelled::Form);
    }
    let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| i64::from(byte - b'0'));
    let micros = (0..6).fold(0, |sum, at| sum * 10 + digit(at));
    Ok(micros + i64::from(digit(6) >= 5))
}

/// `+08`, `+8`, `+0800`, `+08:00`, `-05:30`.
pub(super) fn offset(word: &str) -> Result<Zone, Misspelled> {
    let (sign, text) = match word.split_at(1) {
        ("-", text) => (-1, text),
        (_, text) => (1, text),
    };
    let parts: Vec<&str> = text.split(':').collect();
    let number = |text: &str| digits(text).map(|(value, _)| value).ok_or(Misspelled::Form);
    let (hours, minutes, seconds) = match parts.as_slice() {
        [both] if both.len() == 4 => (number(&both[..2])?, number(&both[2..])?, 0),
        [hours] if hours.len() <= 2 => (number(hours)?, 0, 0),
        [hours, minutes] => (number(hours)?, number(minutes)?, 0),
        [hours, minutes, seconds] => (number(hours)?, number(minutes)?, number(seconds)?),
        _ => return Err(Misspelled::Form),
    };
    if hours > 15 || minutes > 59 || seconds > 59 {
        return Err(Misspelled::Range);
    }
    Ok(Zone::Offset(sign * (hours * 3600 + minutes * 60 + seconds)))
}
