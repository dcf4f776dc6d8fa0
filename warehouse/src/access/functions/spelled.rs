//! Days and times as people spell them in PostgreSQL: `2026/9/5`, `20260905`, `Sep 5, 2026`, `2026-09-05 8:30 PM`,
//! `2026-09-05T08:30:00+08`. Year, month, day is the order of numbers; what could be read in two ways is refused.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::moment::day_of;
use super::spelled_clock::{Half, digits, micros, of_half, offset, rounded};

/// Why a text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misspelled {
    /// It is not written like one.
    Form,
    /// No calendar or clock has it.
    Range,
    /// It means something else every day.
    Moving,
}

/// What was read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Spelled {
    pub date: Option<NaiveDate>,
    pub clock: Option<Clock>,
    pub zone: Option<Zone>,
}

/// A time of day; a day has 24:00, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Microseconds since midnight.
    pub micros: i64,
}

/// The zone that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Zone {
    /// Seconds east of Greenwich.
    Offset(i32),
    /// A name of the zone database.
    Named(String),
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MOVING: [&str; 6] = ["now", "today", "tomorrow", "yesterday", "infinity", "-infinity"];

impl Spelled {
    /// The wall clock time: midnight where no time is said.
    pub fn wall(&self) -> Result<NaiveDateTime, Misspelled> {
        let date = self.date.ok_or(Misspelled::Form)?;
        let micros = self.clock.map_or(0, |clock| clock.micros);
        let midnight = date.and_time(NaiveTime::MIN);
        midnight.checked_add_signed(TimeDelta::microseconds(micros)).ok_or(Misspelled::Range)
    }
}

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Spelled, Misspelled> {
    let text = text.trim();
    if text.len() > 128 {
        return Err(Misspelled::Form);
    }
    if MOVING.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Err(Misspelled::Moving);
    }
    if text.eq_ignore_ascii_case("epoch") {
        return Ok(Spelled { date: day_of(1970, 1, 1), zone: Some(Zone::Offset(0)), ..Spelled::default() });
    }
    let mut found = Found::default();
    for word in text.split([' ', '\t', '\n', ',']).filter(|word| !word.is_empty()) {
        match halves(word) {
            Some((day, clock)) => {
                found.word(day)?;
                found.word(clock)?;
            }
            None => found.word(word)?,
        }
    }
    found.finish()
}

/// `2026-09-05T08:30` is two words.
fn halves(word: &str) -> Option<(&str, &str)> {
    let at = word.find(['T', 't'])?;
    let (day, clock) = (&word[..at], &word[at + 1..]);
    let digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    (digit(day.chars().next_back()) && digit(clock.chars().next()) && at >= 6).then_some((day, clock))
}

#[derive(Default)]
struct Found {
    day: Option<(i32, u32, u32)>,
    clock: Option<i64>,
    zone: Option<Zone>,
    month: Option<u32>,
    /// Numbers beside the name of a month, with their number of digits.
    numbers: Vec<(i32, usize)>,
    before_christ: bool,
    half: Option<Half>,
}

fn put<T>(place: &mut Option<T>, value: T) -> Result<(), Misspelled> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Misspelled::Form),
    }
}

fn month(word: &str) -> Option<u32> {
    let small = word.to_ascii_lowercase();
    let at = MONTHS
        .iter()
        .position(|name| *name == small || name[..3] == *small || small == "sept" && *name == "september");
    at.and_then(|at| u32::try_from(at + 1).ok())
}

impl Found {
    fn word(&mut self, word: &str) -> Result<(), Misspelled> {
        let small = word.to_ascii_lowercase();
        if word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit()) {
            return self.clock(word);
        }
        if word.starts_with(['+', '-']) && (self.clock.is_some() || self.day.is_some()) {
            return put(&mut self.zone, offset(word)?);
        }
        match small.as_str() {
            "z" | "utc" | "gmt" => return put(&mut self.zone, Zone::Offset(0)),
            "am" => return put(&mut self.half, Half::Before),
            "pm" => return put(&mut self.half, Half::After),
            "ad" => return Ok(()),
            "bc" => {
                self.before_christ = true;
                return Ok(());
            }
            _ => {}
        }
        if let Some(month) = month(word) {
            return put(&mut self.month, month);
        }
        if DAYS.iter().any(|day| *day == small || small.len() >= 3 && day.starts_with(&small)) {
            return Ok(());
        }
        if let Some(number) = digits(word) {
            return self.number(word, number);
        }
        if word.contains('/')
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && month_first(word).is_none()
        {
            return put(&mut self.zone, Zone::Named(word.to_owned()));
        }
        match word.strip_suffix(['Z', 'z']) {
            Some(day) if day.ends_with(|c: char| c.is_ascii_digit()) => {
                put(&mut self.zone, Zone::Offset(0))?;
                self.word(day)
            }
            _ => self.composed(word),
        }
    }

    /// Digits alone: a day or a clock without signs between, or one of several numbers.
    fn number(&mut self, word: &str, (number, length): (i32, usize)) -> Result<(), Misspelled> {
        let part = |from: usize, to: usize| word[from..to].parse::<u32>().map_err(|_| Misspelled::Form);
        if self.day.is_none() && self.month.is_none() && matches!(length, 6 | 8) {
            let year = word[..length - 4].parse::<i32>().map_err(|_| Misspelled::Form)?;
            let year = if length == 6 { of_two_digits(year) } else { year };
            return put(&mut self.day, (year, part(length - 4, length - 2)?, part(length - 2, length)?));
        }
        if self.day.is_some() && self.clock.is_none() && matches!(length, 4 | 6) {
            let seconds = if length == 6 { part(4, 6)? } else { 0 };
            return put(&mut self.clock, micros(part(0, 2)?, part(2, 4)?, seconds, 0)?);
        }
        self.numbers.push((number, length));
        if self.numbers.len() > 2 { Err(Misspelled::Form) } else { Ok(()) }
    }

    /// `2026/9/5`, `5-Sep-2026`, `2026.09.05`.
    fn composed(&mut self, word: &str) -> Result<(), Misspelled> {
        let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
        let [first, second, third] = parts.as_slice() else { return Err(Misspelled::Form) };
        let number = |text: &str| digits(text).ok_or(Misspelled::Form);
        let small = |(value, length): (i32, usize)| match length {
            1 | 2 => u32::try_from(value).map_err(|_| Misspelled::Form),
            _ => Err(Misspelled::Form),
        };
        let named = [month(first), month(second)];
        let day = match named {
            // Sep-05-2026
            [Some(month), _] => (long_year(number(third)?)?, month, small(number(second)?)?),
            // 5-Sep-2026 or 2026-Sep-05
            [_, Some(month)] => match (number(first)?, number(third)?) {
                (year, day) if year.1 > 2 => (year.0, month, small(day)?),
                (day, year) => (long_year(year)?, month, small(day)?),
            },
            _ => match number(first)? {
                (year, length) if length > 2 => (year, small(number(second)?)?, small(number(third)?)?),
                // In the order of years, months, days there is no month of this number.
                _ if number(third)?.1 > 2 => return Err(Misspelled::Range),
                (year, _) => (of_two_digits(year), small(number(second)?)?, small(number(third)?)?),
            },
        };
        put(&mut self.day, day)
    }

    /// `8:30`, `08:30:15.5`, followed at once by PM or a zone.
    fn clock(&mut self, word: &str) -> Result<(), Misspelled> {
        let end = word.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(word.len());
        let (clock, behind) = word.split_at(end);
        let parts: Vec<&str> = clock.split(':').collect();
        let (hour, minute, second) = match parts.as_slice() {
            [hour, minute] => (*hour, *minute, "0"),
            [hour, minute, second] => (*hour, *minute, *second),
            _ => return Err(Misspelled::Form),
        };
        let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
        let small = |text: &str| match digits(text) {
            Some((value, 1 | 2)) => u32::try_from(value).map_err(|_| Misspelled::Form),
            _ => Err(Misspelled::Form),
        };
        let micros = micros(small(hour)?, small(minute)?, small(second)?, rounded(fraction)?)?;
        put(&mut self.clock, micros)?;
        if behind.is_empty() { Ok(()) } else { self.word(behind) }
    }

    fn finish(mut self) -> Result<Spelled, Misspelled> {
        if let Some(month) = self.month {
            let (year, day) = match self.numbers.as_slice() {
                [year, (day, 1 | 2)] if year.1 > 2 => (year.0, *day),
                [(day, 1 | 2), year] if year.1 > 2 => (year.0, *day),
                _ => return Err(Misspelled::Form),
            };
            let day = u32::try_from(day).map_err(|_| Misspelled::Form)?;
            put(&mut self.day, (year, month, day))?;
        } else if !self.numbers.is_empty() {
            return Err(Misspelled::Form);
        }
        let date = self.day.map(|(year, month, day)| {
            let year = if self.before_christ { 1 - year } else { year };
            day_of(year, month, day).ok_or(Misspelled::Range)
        });
        let clock = match (self.clock, self.half) {
            (None, Some(_)) => return Err(Misspelled::Form),
            (None, None) => None,
            (Some(micros), None) => Some(micros),
            (Some(micros), Some(half)) => Some(of_half(micros, half)?),
        };
        if date.is_none() && clock.is_none() {
            return Err(Misspelled::Form);
        }
        let clock = clock.map(|micros| Clock { micros });
        Ok(Spelled { date: date.transpose()?, clock, zone: self.zone })
    }
}

fn month_first(word: &str) -> Option<u32> {
    month(word.split(['-', '/', '.']).next().unwrap_or_default())
}

fn long_year((year, length): (i32, usize)) -> Result<i32, Misspelled> {
    if length > 2 { Ok(year) } else { Err(Misspelled::Form) }
}

fn of_two_digits(year: i32) -> i32 {
    if year < 70 { year + 2000 } else { year + 1900 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match read(text) {
            Ok(Spelled { date, clock, zone }) => {
                let date = date.map(|date| date.to_string()).unwrap_or_default();
                let clock = clock.map(|clock| format!(" {}", clock.micros / 1000)).unwrap_or_default();
                let zone = match zone {
                    None => String::new(),
                    Some(Zone::Offset(seconds)) => format!(" {seconds}"),
                    Some(Zone::Named(name)) => format!(" {name}"),
                };
                format!("{date}{clock}{zone}")
            }
            Err(why) => format!("{why:?}"),
        }
    }

    #[test]
    fn days_in_many_spellings() {
        for text in [
            "2026-09-05",
            "2026/09/05",
            "2026/9/5",
            "2026.9.5",
            "20260905",
            "260905",
            "26-9-5",
            "Sep 5, 2026",
            "September 5 2026",
            "5 Sep 2026",
            "2026-Sep-05",
            "5-Sep-2026",
            "Sep-05-2026",
            "Saturday, 5 September 2026",
        ] {
            assert_eq!(shown(text), "2026-09-05", "{text}");
        }
        assert_eq!(shown("0044-03-15 BC"), "-0043-03-15");
    }

    #[test]
    fn times_with_and_without_seconds() {
        for (text, want) in [
            ("2026-09-05 08:30", "2026-09-05 30600000"),
            ("2026-09-05T8:30:15.25", "2026-09-05 30615250"),
            ("20260905 083015", "2026-09-05 30615000"),
            ("20260905T083015Z", "2026-09-05 30615000 0"),
            ("2026-09-05 8:30 PM", "2026-09-05 73800000"),
            ("2026-09-05 12:00am", "2026-09-05 0"),
            ("2026-09-05 08:30+08", "2026-09-05 30600000 28800"),
            ("2026-09-05 08:30:00 -05:30", "2026-09-05 30600000 -19800"),
            ("2026-09-05 08:30:00Z", "2026-09-05 30600000 0"),
            ("2026-09-05 08:30 Asia/Tokyo", "2026-09-05 30600000 Asia/Tokyo"),
            ("08:30", " 30600000"),
            ("2026-09-05 24:00", "2026-09-05 86400000"),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_in_one_way_is_refused() {
        for (text, want) in [
            ("09/05/2026", "Range"),
            ("2026-13-01", "Range"),
            ("2026-02-30", "Range"),
            ("2026-09-05 25:00", "Range"),
            ("2026-09", "Form"),
            ("2026-09-05 08", "Form"),
            ("2026年9月5日", "Form"),
            ("abc", "Form"),
            ("", "Form"),
            ("today", "Moving"),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }
}
