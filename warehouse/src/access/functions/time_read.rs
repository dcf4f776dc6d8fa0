//! `to_date` and `to_timestamp` of a text and a template: PostgreSQL's way of reading, where separators are loose, a
//! number is as long as its field unless something else follows it, and a day that no calendar has is refused.

use super::read_fields::{Fields, Read};
use super::template::{Fill, Node};

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
const ROMAN: [&str; 12] = ["xii", "xi", "x", "ix", "viii", "vii", "vi", "v", "iv", "iii", "ii", "i"];

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    fields: Fields,
    exact: bool,
    /// Blanks skipped beyond what the template has.
    skipped: i32,
}

/// Reads a text by a template.
///
/// # Errors
/// A sentence about the first part that does not fit.
pub(super) fn read(text: &str, nodes: &[Node]) -> Result<Read, String> {
    let mut reader = Reader { text, rest: text, fields: Fields::default(), exact: false, skipped: 0 };
    for at in 0..nodes.len() {
        if reader.rest.is_empty() {
            break;
        }
        reader.node(nodes, at)?;
    }
    reader.fields.finish().map_err(|why| format!("“{text}”按这个格式读不成时间：{why}"))
}

fn is_loose(letter: char) -> bool {
    letter.is_ascii_whitespace() || letter.is_ascii_graphic() && !letter.is_ascii_alphanumeric()
}

impl Reader<'_> {
    fn node(&mut self, nodes: &[Node], at: usize) -> Result<(), String> {
        let is_pattern = matches!(nodes[at], Node::Pattern { .. });
        if !self.exact && (is_pattern || at == 0) {
            self.skip_blanks();
        }
        match &nodes[at] {
            Node::Separator(_) | Node::Blank(_) if !self.exact => {
                self.skipped -= 1;
                if self.rest.starts_with(is_loose) {
                    self.rest = &self.rest[1..];
                    self.skipped += 1;
                }
            }
            Node::Letter(_) if !self.exact && self.skipped > 0 => self.skipped -= 1,
            Node::Letter(_) | Node::Separator(_) | Node::Blank(_) => {
                let length = self.rest.chars().next().map_or(0, char::len_utf8);
                self.rest = &self.rest[length..];
            }
            Node::Pattern { name, affix } => {
                let open = affix.fill == Fill::Bare || affix.ordinal.is_some() || parts_follow(nodes, at);
                self.pattern(name, open)?;
                if affix.ordinal.is_some() {
                    let length = self.rest.char_indices().nth(2).map_or(self.rest.len(), |(at, _)| at);
                    self.rest = &self.rest[length..];
                }
                if !self.exact {
                    self.skipped = 0;
                    self.skip_blanks();
                }
            }
        }
        Ok(())
    }

    fn skip_blanks(&mut self) {
        let trimmed = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        self.skipped += i32::try_from(self.rest.len() - trimmed.len()).unwrap_or(i32::MAX);
        self.rest = trimmed;
    }

    fn bad(&self, name: &str) -> String {
        let rest: String = self.rest.chars().take(20).collect();
        format!("“{}”里的“{rest}”不合“{name}”", self.text)
    }

    /// A number: as long as it goes where something else follows, else of exactly so many digits.
    fn number(&mut self, name: &str, length: usize, open: bool) -> Result<(i64, usize), String> {
        let text = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let blanks = self.rest.len() - text.len();
        let part = if open { text } else { text.get(..length).ok_or_else(|| self.bad(name))? };
        let sign = usize::from(part.starts_with(['-', '+']));
        let digits = part[sign..].bytes().take_while(u8::is_ascii_digit).count();
        let used = sign + digits;
        if digits == 0 || !open && used < length {
            return Err(self.bad(name));
        }
        let value = part[..used].parse::<i64>().ok().filter(|value| i32::try_from(*value).is_ok());
        let value = value.ok_or_else(|| self.bad(name))?;
        self.rest = &text[used..];
        Ok((value, blanks + used))
    }

    /// The place of the word the text goes on with.
    fn word(&mut self, name: &str, words: &[&str], length: usize) -> Result<i64, String> {
        for (at, word) in words.iter().enumerate() {
            let word = &word[..word.len().min(length)];
            if self.rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)) {
                self.rest = &self.rest[word.len()..];
                return i64::try_from(at).map_err(|_| self.bad(name));
            }
        }
        Err(self.bad(name))
    }

    fn pattern(&mut self, name: &str, open: bool) -> Result<(), String> {
        let upper = name.to_ascii_uppercase();
        let whole = usize::MAX;
        match upper.as_str() {
            "FX" => self.exact = true,
            "A.M." | "P.M." => {
                let half = self.word(name, &["a.m.", "p.m."], whole)?;
                self.fields.twelve = true;
                set(&mut self.fields.half, half, name)?;
            }
            "AM" | "PM" => {
                let half = self.word(name, &["am", "pm"], whole)?;
                self.fields.twelve = true;
                set(&mut self.fields.half, half, name)?;
            }
            "A.D." | "B.C." => {
                let era = self.word(name, &["a.d.", "b.c."], whole)?;
                set(&mut self.fields.before_christ, era, name)?;
            }
            "AD" | "BC" => {
                let era = self.word(name, &["ad", "bc"], whole)?;
                set(&mut self.fields.before_christ, era, name)?;
            }
            "MONTH" => {
                same_calendar(&mut self.fields.iso, &upper)?;
                let month = self.word(name, &MONTHS, whole)? + 1;
                set(&mut self.fields.month, month, name)?;
            }
            "MON" => {
                same_calendar(&mut self.fields.iso, &upper)?;
                let month = self.word(name, &MONTHS, 3)? + 1;
                set(&mut self.fields.month, month, name)?;
            }
            "RM" => {
                same_calendar(&mut self.fields.iso, &upper)?;
                let month = 12 - self.word(name, &ROMAN, whole)?;
                set(&mut self.fields.month, month, name)?;
            }
            "DAY" => drop(self.word(name, &DAYS, whole)?),
            "DY" => drop(self.word(name, &DAYS, 3)?),
            "TZ" | "OF" => return Err(format!("“{name}”只能用来书写，不能用来读取")),
            "TZH" => {
                self.fields.offset_sign = if self.rest.starts_with('-') { -1 } else { 1 };
                self.rest = self.rest.strip_prefix(['+', '-']).unwrap_or(self.rest);
                let (value, _) = self.number(name, 2, open)?;
                set(&mut self.fields.offset_hour, value, name)?;
            }
            _ => return self.numbered(&upper, open),
        }
        Ok(())
    }

    fn numbered(&mut self, name: &str, open: bool) -> Result<(), String> {
        let length = match name {
            "DDD" | "IDDD" | "MS" | "FF3" | "YYY" | "IYY" => 3,
            "YYYY" | "IYYY" | "FF4" => 4,
            "FF5" | "SSSSS" => 5,
            "US" | "FF6" => 6,
            "SSSS" => 4,
            "D" | "ID" | "W" | "Q" | "Y" | "I" | "FF1" | "J" => 1,
            _ => 2,
        };
        if name == "Y,YYY" {
            same_calendar(&mut self.fields.iso, name)?;
            return self.thousands(name);
        }
        let (value, used) = self.number(name, length, open)?;
        let fields = &mut self.fields;
        same_calendar(&mut fields.iso, name)?;
        let scaled = |digits: usize, used: usize| {
            value * 10_i64.pow(u32::try_from(digits.saturating_sub(used)).unwrap_or(0))
        };
        let place = match name {
            "HH" | "HH12" => {
                fields.twelve = true;
                &mut fields.hour
            }
            "HH24" => &mut fields.hour,
            "MI" => &mut fields.minute,
            "SS" => &mut fields.second,
            "SSSS" | "SSSSS" => &mut fields.second_of_day,
            "MS" => return set(&mut fields.millis, scaled(3, used), name),
            "US" | "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" => {
                return set(&mut fields.micros, scaled(6, used), name);
            }
            "TZM" => &mut fields.offset_minute,
            "MM" => &mut fields.month,
            "DD" => &mut fields.day,
            "DDD" | "IDDD" => &mut fields.day_of_year,
            "D" | "ID" => {
                // Monday is 2 in one way of counting and 1 in the other.
                let weekday = if name == "ID" { value % 7 + 1 } else { value };
                return set(&mut fields.weekday, weekday, name);
            }
            "WW" | "IW" => &mut fields.week,
            "W" => &mut fields.week_of_month,
            "J" => &mut fields.julian,
            "CC" => &mut fields.century,
            "Q" => return Ok(()),
            _ => {
                fields.year_digits = length;
                let year = if length < 4 && used < 4 { near_2020(value) } else { value };
                return set(&mut fields.year, year, name);
            }
        };
        set(place, value, name)
    }

    /// `2,026`
    fn thousands(&mut self, name: &str) -> Result<(), String> {
        let (thousands, _) = self.number(name, 1, true)?;
        self.rest = self.rest.strip_prefix(',').ok_or_else(|| self.bad(name))?;
        let (rest, _) = self.number(name, 3, false)?;
        self.fields.year_digits = 4;
        set(&mut self.fields.year, thousands * 1000 + rest, name)
    }
}

fn same_calendar(iso: &mut Option<bool>, name: &str) -> Result<(), String> {
    let of_days = matches!(name, "MONTH" | "MON" | "RM" | "MM" | "D" | "DD" | "DDD" | "W" | "WW" | "Y,YYY")
        || name.starts_with('Y');
    let is_iso = name.starts_with('I');
    if !of_days && !is_iso {
        return Ok(());
    }
    if iso.replace(is_iso).is_some_and(|before| before != is_iso) {
        return Err("同一个格式里不能混用 ISO 周历和公历".to_owned());
    }
    Ok(())
}

/// One field said twice must say the same.
fn set(place: &mut Option<i64>, value: i64, name: &str) -> Result<(), String> {
    match place.replace(value) {
        Some(before) if before != value => Err(format!("“{name}”两次读出不同的值")),
        _ => Ok(()),
    }
}

/// Whether what follows a number is none, so that the number may be as long as it likes.
fn parts_follow(nodes: &[Node], at: usize) -> bool {
    match nodes.get(at + 1) {
        None => true,
        Some(Node::Pattern { name, .. }) => !is_number(name),
        Some(Node::Letter(letter)) => !letter.is_ascii_digit(),
        Some(_) => true,
    }
}

fn is_number(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ![
        "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "DAY", "DY", "MONTH", "MON", "P.M.", "PM", "RM", "TZ",
        "TZH", "TZM", "OF", "FX",
    ]
    .contains(&upper.as_str())
}

/// Two digits of a year are of the century that brings them nearest to 2020.
fn near_2020(year: i64) -> i64 {
    match year {
        i64::MIN..70 | 100..520 => year + 2000,
        70..100 => year + 1900,
        520..1000 => year + 1000,
        _ => year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::functions::template::nodes;

    /// What PostgreSQL 15 reads.
    #[test]
    fn texts_are_read_as_postgres_reads_them() {
        for (text, template, want) in [
            ("20261003", "YYYYMMDD", "2026-10-03 00:00:00"),
            ("03 Oct 2026", "DD Mon YYYY", "2026-10-03 00:00:00"),
            ("2026-276", "YYYY-DDD", "2026-10-03 00:00:00"),
            ("2026 40 6", "IYYY IW ID", "2026-10-03 00:00:00"),
            ("3/10/2026", "DD/MM/YYYY", "2026-10-03 00:00:00"),
            ("26年10月3日 8:05 PM", "YY年MM月DD日 HH12:MI AM", "2026-10-03 20:05:00"),
            ("2026-10-03T08:05:09.5", "YYYY-MM-DD\"T\"HH24:MI:SS.MS", "2026-10-03 08:05:09.500"),
            // DDTH is a day with its ending, also to PostgreSQL; what is left reads no hour.
            ("2026-10-03T08:05:09.5", "YYYY-MM-DDTHH24:MI:SS.MS", "2026-10-03 00:05:09.500"),
        ] {
            let read = read(text, &nodes(template).expect(template));
            assert_eq!(read.map(|read| read.wall.to_string()).as_deref(), Ok(want), "{text} {template}");
        }
        for (text, template) in [
            ("2026-13-01", "YYYY-MM-DD"),
            ("abc", "YYYY"),
            ("2026 10", "IYYY MM"),
            ("13 PM", "HH12 PM"),
            ("x", "TZ"),
        ] {
            assert!(read(text, &nodes(template).expect(template)).is_err(), "{text} {template}");
        }
    }
}
