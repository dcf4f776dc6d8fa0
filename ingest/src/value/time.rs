//! Points in time as partners write them, to Shanghai wall clock. What could be read in two ways
//! (9/5/2026, 24:00, a year of two digits) is no time.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::Cell;
use super::serial::{Epoch, from_serial};
use super::text::{is_missing, narrow};
use crate::reason::Reason;

/// Shanghai has had no daylight saving time since 1991, so a fixed offset is exact.
const SHANGHAI_SECONDS: i64 = 8 * 3600;
/// Business times before this are placeholders (1900-01-01, epoch 0), not facts.
const FIRST_YEAR: i32 = 1990;
const LAST_YEAR: i32 = 2199;

/// The zone of times that name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// Asia/Shanghai, +08:00.
    Shanghai,
    /// UTC.
    Utc,
}

impl Zone {
    fn seconds(self) -> i64 {
        match self {
            Self::Shanghai => SHANGHAI_SECONDS,
            Self::Utc => 0,
        }
    }
}

/// The Shanghai wall clock a cell means; `None` when nothing is there. A number of five digits is a serial number of
/// the workbook's own days, whatever format its cell has.
pub fn local_time(cell: &Cell, zone: Zone, epoch: Epoch) -> Result<Option<NaiveDateTime>, Reason> {
    let local = match cell {
        Cell::Empty => return Ok(None),
        Cell::Garbled(_) => return Err(Reason::BadEncoding),
        Cell::Truth(_) => return Err(Reason::BadTime),
        Cell::Wall(wall) => shift(*wall, zone.seconds()),
        Cell::Instant(micros) => {
            DateTime::from_timestamp_micros(*micros).and_then(|t| shift(t.naive_utc(), 0))
        }
        Cell::Float(value) | Cell::Shown { number: value, .. } => numeric(&value.to_string(), zone, epoch),
        Cell::Exact(text) | Cell::Text(text) => {
            let text = narrow(text);
            if is_missing(&text) {
                return Ok(None);
            }
            numeric(&text, zone, epoch).or_else(|| written(&text, zone))
        }
    };
    match local {
        Some(time) if (FIRST_YEAR..=LAST_YEAR).contains(&time.year()) => Ok(Some(time)),
        _ => Err(Reason::BadTime),
    }
}

fn shift(wall: NaiveDateTime, offset_seconds: i64) -> Option<NaiveDateTime> {
    wall.checked_add_signed(TimeDelta::seconds(SHANGHAI_SECONDS - offset_seconds))
}

/// Digits only: compact dates, epochs, Excel serial numbers. The length says which.
fn numeric(text: &str, zone: Zone, epoch: Epoch) -> Option<NaiveDateTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let since_1970 =
        |micros: i64| DateTime::from_timestamp_micros(micros).and_then(|t| shift(t.naive_utc(), 0));
    let number: i64 = whole.parse().ok()?;
    let bare = fraction.bytes().all(|b| b == b'0');
    match whole.len() {
        5 => from_serial(text.parse::<f64>().ok()? + epoch.days()).and_then(|t| shift(t, zone.seconds())),
        10 => since_1970((text.parse::<f64>().ok()? * 1e6) as i64),
        13 => since_1970(number.checked_mul(1_000)?),
        16 if bare => since_1970(number),
        19 if bare => since_1970(number / 1_000),
        8 | 12 | 14 | 17 if bare => {
            let time = whole.get(8..).filter(|t| !t.is_empty()).map_or(Some(NaiveTime::MIN), compact_time)?;
            shift(compact_date(whole.get(..8)?)?.and_time(time), zone.seconds())
        }
        _ => None,
    }
}

fn compact_date(digits: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(
        digits.get(..4)?.parse().ok()?,
        digits.get(4..6)?.parse().ok()?,
        digits.get(6..8)?.parse().ok()?,
    )
}

fn compact_time(digits: &str) -> Option<NaiveTime> {
    let part = |a, b| digits.get(a..b).map_or(Some(0), |t: &str| t.parse::<u32>().ok());
    if !matches!(digits.len(), 4 | 6 | 9) {
        return None;
    }
    NaiveTime::from_hms_milli_opt(part(0, 2)?, part(2, 4)?, part(4, 6)?, part(6, 9)?)
}

/// A date, then perhaps a time, then perhaps a zone, and nothing else.
fn written(text: &str, zone: Zone) -> Option<NaiveDateTime> {
    let mut rest = Scanner(text);
    let date = rest.date()?;
    rest.weekday();
    let mut time = NaiveTime::MIN;
    let gap = rest.gap();
    if !rest.0.is_empty() {
        // "2026-09-0510:55" has lost its space; guessing where would be silent.
        if !gap && !text.contains('日') && !text.contains('号') {
            return None;
        }
        time = rest.time()?;
    }
    let offset = rest.zone()?.unwrap_or(zone.seconds());
    rest.0.is_empty().then(|| shift(date.and_time(time), offset)).flatten()
}

/// What is left of the text; every method takes what it knows from the front.
struct Scanner<'a>(&'a str);

impl Scanner<'_> {
    fn take(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let found =
            words.iter().find(|w| self.0.get(..w.len()).is_some_and(|t| t.eq_ignore_ascii_case(w)))?;
        self.0 = &self.0[found.len()..];
        Some(found)
    }

    fn spaces(&mut self) {
        self.0 = self.0.trim_start();
    }

    fn digits(&mut self, shortest: usize, longest: usize) -> Option<&str> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if !(shortest..=longest).contains(&count) {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(digits)
    }

    fn date(&mut self) -> Option<NaiveDate> {
        if self.0.bytes().take_while(u8::is_ascii_digit).count() == 8 {
            return compact_date(self.digits(8, 8)?);
        }
        let year = self.digits(4, 4)?.parse().ok()?;
        self.spaces();
        let separator = self.take(&["年", "-", "/", "."])?;
        self.spaces();
        let month = self.digits(1, 2)?.parse().ok()?;
        self.spaces();
        self.take(&[if separator == "年" { "月" } else { separator }])?;
        self.spaces();
        let day = self.digits(1, 2)?.parse().ok()?;
        self.take(&["日", "号"]);
        NaiveDate::from_ymd_opt(year, month, day)
    }

    fn weekday(&mut self) {
        let before = self.0;
        self.spaces();
        self.take(&["("]);
        let named = self
            .take(&["星期", "周"])
            .and_then(|_| self.take(&["一", "二", "三", "四", "五", "六", "日", "天"]));
        if named.is_none() {
            self.0 = before;
        } else {
            self.take(&[")"]);
        }
    }

    fn gap(&mut self) -> bool {
        let before = self.0.len();
        self.spaces();
        self.take(&["T"]);
        self.spaces();
        before != self.0.len()
    }

    fn time(&mut self) -> Option<NaiveTime> {
        const DAYPARTS: [&str; 11] =
            ["上午", "下午", "凌晨", "清晨", "早上", "早晨", "中午", "傍晚", "晚上", "AM", "PM"];
        let mut part = self.take(&DAYPARTS);
        self.spaces();
        let run = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if part.is_none() && matches!(run, 4 | 6 | 9) {
            return compact_time(self.digits(4, 9)?);
        }
        let hour: u32 = self.digits(1, 2)?.parse().ok()?;
        let (mut minute, mut second, mut micros) = (0, 0, 0);
        let separator = self.take(&[":", "时", "点"])?;
        if separator == ":" || self.0.starts_with(|c: char| c.is_ascii_digit()) {
            minute = self.digits(1, 2)?.parse().ok()?;
            let more = self.take(&[":", "分"]).is_some();
            if more && self.0.starts_with(|c: char| c.is_ascii_digit()) {
                second = self.digits(1, 2)?.parse().ok()?;
                self.take(&["秒"]);
                if self.take(&[".", ","]).is_some() {
                    let fraction = self.digits(1, 9)?;
                    micros = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
                }
            } else if more && separator == ":" {
                return None;
            }
        }
        self.spaces();
        part = part.or_else(|| self.take(&["AM", "PM"]));
        let hour = match part {
            None => hour,
            Some(part) => hour_of(part, hour)?,
        };
        NaiveTime::from_hms_micro_opt(hour, minute, second, micros)
    }

    /// Offset in seconds; `Some(None)` when no zone is written, `None` when it is not understood.
    fn zone(&mut self) -> Option<Option<i64>> {
        self.spaces();
        if self.0.is_empty() {
            return Some(None);
        }
        if self.take(&["北京时间", "[Asia/Shanghai]", "Asia/Shanghai", "CST"]).is_some() {
            return Some(Some(SHANGHAI_SECONDS));
        }
        let named = self.take(&["UTC", "GMT", "Z"]).is_some();
        let Some(sign) = self.take(&["+", "-"]) else { return named.then_some(Some(0)) };
        let hours: i64 = self.digits(1, 4).and_then(|d| d.parse().ok())?;
        let (hours, minutes) = if hours >= 100 { (hours / 100, hours % 100) } else { (hours, 0) };
        let minutes = if self.take(&[":"]).is_some() { self.digits(2, 2)?.parse().ok()? } else { minutes };
        self.take(&["[Asia/Shanghai]"]);
        let offset = hours * 3600 + minutes * 60;
        (hours <= 14 && minutes < 60).then_some(Some(if sign == "-" { -offset } else { offset }))
    }
}

/// The hour of the day behind "下午2". 晚上12 could be either midnight and is refused.
fn hour_of(part: &str, hour: u32) -> Option<u32> {
    match part {
        "下午" | "PM" | "傍晚" => match hour {
            12..=23 => Some(hour),
            0..=11 => Some(hour + 12),
            _ => None,
        },
        "中午" => match hour {
            11..=13 => Some(hour),
            1 | 2 => Some(hour + 12),
            _ => None,
        },
        "晚上" => match hour {
            5..=11 => Some(hour + 12),
            17..=23 => Some(hour),
            _ => None,
        },
        _ => match hour {
            12 => Some(0),
            0..=11 => Some(hour),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let got = local_time(&Cell::text(text), Zone::Shanghai, Epoch::From1900);
        let shown =
            got.map(|t| t.map_or_else(|| "none".into(), |t| t.format("%Y-%m-%d %H:%M:%S%.f").to_string()));
        assert_eq!(shown.unwrap_or_else(|r| r.as_str().into()), expected, "{text}");
    }

    #[test]
    fn written_forms() {
        for (text, expected) in [
            ("2026/9/5 10:55:43", "2026-09-05 10:55:43"),
            ("2026/9/5", "2026-09-05 00:00:00"),
            ("2026.09.05 1:02", "2026-09-05 01:02:00"),
            ("2026-09-05T10:55:43+08:00", "2026-09-05 10:55:43"),
            ("2026-09-05T10:55:43.250Z", "2026-09-05 18:55:43.250"),
            ("2026-09-05T20:52:51Z", "2026-09-06 04:52:51"),
            ("2026-09-05 10:55:43 +0000", "2026-09-05 18:55:43"),
            ("2026-09-05 10:55:43 UTC", "2026-09-05 18:55:43"),
            ("2026-09-05 10:55:43 GMT+8", "2026-09-05 10:55:43"),
            ("2026-09-05 10:55:43 CST", "2026-09-05 10:55:43"),
            ("2026-09-05T10:55:43-05:00", "2026-09-05 23:55:43"),
            ("2026年9月5日 下午2:44", "2026-09-05 14:44:00"),
            ("2026年9月5日下午2:44", "2026-09-05 14:44:00"),
            ("2026年9月30日 下午12:36", "2026-09-30 12:36:00"),
            ("2026年9月30日 上午12:05", "2026-09-30 00:05:00"),
            ("2026年09月05日14时44分30秒", "2026-09-05 14:44:30"),
            ("2026年9月5日 14时", "2026-09-05 14:00:00"),
            ("２０２６年９月５日　１４：０５", "2026-09-05 14:05:00"),
            ("2026年9月5日 星期六 14:05", "2026-09-05 14:05:00"),
            ("2026-09-05 2:44 PM", "2026-09-05 14:44:00"),
            ("2026-09-05 12:30 am", "2026-09-05 00:30:00"),
            ("20260905105543", "2026-09-05 10:55:43"),
            ("20260905", "2026-09-05 00:00:00"),
            ("202609051055", "2026-09-05 10:55:00"),
            ("20260905T105543Z", "2026-09-05 18:55:43"),
            ("20260905 10:55:43", "2026-09-05 10:55:43"),
            ("1788576943", "2026-09-05 10:55:43"),
            ("1788576943000", "2026-09-05 10:55:43"),
            ("1788576943000000", "2026-09-05 10:55:43"),
            ("46268.75434027778", "2026-09-03 18:06:15"),
            ("46270", "2026-09-05 00:00:00"),
            ("", "none"),
            ("NULL", "none"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "2026-09-31 10:00:00",
            "2026-02-29",
            "2026-13-01",
            "2026-09-05 24:00:00",
            "2026-09-05 24:00",
            "2026-09-05 23:60:00",
            "2026-09-05 23:59:60",
            "9/5/2026",
            "26/9/5",
            "09-05",
            "2026-09",
            "9月5日",
            "2026年9月",
            "昨天",
            "0",
            "1970-01-01 08:00:00",
            "1900-01-00",
            "20260931105543",
            "2026-09-0510:55",
            "2026-09-05 10:55:43 ???",
            "2026-09-05 10",
            "2026-09-05 上午14:05",
            "2026-09-05 晚上12:05",
            "2026/09-05",
            "12345678901",
            "2026-09-05T10:55:43+99:00",
            "2026-09-05 10:55:43 10:55:43",
            "-1",
            "1e9",
        ] {
            check(text, "bad_time");
        }
    }

    #[test]
    fn cells_with_their_own_type_and_zones() {
        let wall = NaiveDate::from_ymd_opt(2026, 9, 30).and_then(|d| d.and_hms_opt(20, 0, 0)).expect("time");
        let shown =
            |cell: Cell, zone| local_time(&cell, zone, Epoch::From1900).ok().flatten().map(|t| t.to_string());
        assert_eq!(shown(Cell::Wall(wall), Zone::Shanghai).as_deref(), Some("2026-09-30 20:00:00"));
        assert_eq!(shown(Cell::Wall(wall), Zone::Utc).as_deref(), Some("2026-10-01 04:00:00"));
        assert_eq!(
            shown(Cell::Instant(wall.and_utc().timestamp_micros()), Zone::Shanghai).as_deref(),
            Some("2026-10-01 04:00:00")
        );
        assert_eq!(
            shown(Cell::Float(1_788_576_943_000.0), Zone::Utc).as_deref(),
            Some("2026-09-05 10:55:43")
        );
        assert_eq!(
            shown(Cell::text("2026-09-30 16:30:00"), Zone::Utc).as_deref(),
            Some("2026-10-01 00:30:00")
        );
    }
}
