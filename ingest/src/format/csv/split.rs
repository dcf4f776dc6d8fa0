//! Cuts CSV bytes into records and a record's text into fields. A quotation mark that nothing closes costs
//! its own line and not the rest of the file.
//!
//! Line ends are LF, CRLF or a lone CR, also mixed, inside and outside quotes. Every byte is looked at a bounded number
//! of times, whatever the file holds.

use std::ops::Range;

use super::Encoding;
use crate::format::bounds::{LONGEST, MOST_COLUMNS, too_long};
use crate::reason::Refusal;

/// Where a record is.
pub(super) struct Record {
    pub span: Range<usize>,
    pub line: u64,
    pub unclosed: bool,
}

/// The records of a file, one after the other.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
    delimiter: u8,
    /// How many delimiters most lines have; at least 1.
    usual: usize,
    at: usize,
    line: u64,
    /// Up to here a quoted field that crosses a line end is known to come to nothing: an earlier record tried.
    /// What follows the start of a line inside quotes does not depend on where the quotes began, and without this
    /// every line of a long file might look for its closing quote to the end of the file.
    hopeless: usize,
}

/// A quoted field.
struct Quoted {
    /// Position behind the closing quote and any blanks.
    end: usize,
    /// Whether it crosses line ends.
    crosses: bool,
}

impl<'a> Records<'a> {
    pub fn new(bytes: &'a [u8], encoding: Encoding, delimiter: u8) -> Self {
        let usual = usual_delimiters(bytes, delimiter);
        Self { bytes, encoding, delimiter, usual, at: 0, line: 1, hopeless: 0 }
    }

    /// End of the record that starts here; `None` when a quote in it is never properly closed.
    fn well_formed_end(&mut self) -> Option<usize> {
        let start = self.at;
        let mut at = start;
        let mut field_start = true;
        let mut crosses = false;
        // Delimiters between fields on the first line.
        let mut between = 0;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\n' | b'\r' => break,
                b'"' if field_start => {
                    let quoted = self.quoted(at + 1)?;
                    at = quoted.end;
                    crosses |= quoted.crosses;
                    field_start = false;
                }
                b' ' if field_start => at += 1,
                _ => {
                    field_start = byte == self.delimiter;
                    between += usize::from(field_start && !crosses);
                    at += self.encoding.step(&self.bytes[at..]);
                }
            }
        }
        let at = at.min(self.bytes.len());
        if crosses && self.joins_two(start, at, between) {
            self.hopeless = self.hopeless.max(at);
            return None;
        }
        Some(at)
    }

    /// Whether a record over several lines is really two, joined by a stray quote in the first and another in the last:
    /// both lines have the delimiters of a record, and some of those on the first lie inside the quotes.
    fn joins_two(&self, start: usize, end: usize, between: usize) -> bool {
        let lines = &self.bytes[start..end];
        let count = |line: &[u8]| line.iter().filter(|b| **b == self.delimiter).count();
        let is_end = |b: &u8| matches!(b, b'\n' | b'\r');
        let first = lines.iter().position(is_end).map_or(0, |at| count(&lines[..at]));
        let last = lines.iter().rposition(is_end).map_or(0, |at| count(&lines[at..]));
        first == self.usual && between < first && last >= self.usual
    }

    /// The quoted field whose text begins at `start`; `None` when what follows its closing quote is no end of a field,
    /// or when a whole record lies inside the quotes.
    fn quoted(&mut self, start: usize) -> Option<Quoted> {
        let mut at = start;
        let mut crosses = false;
        let mut delimiters = 0;
        let longest = self.at.saturating_add(LONGEST);
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'"' if self.bytes.get(at + 1) == Some(&b'"') => at += 2,
                b'"' => {
                    let mut end = at + 1;
                    while self.bytes.get(end) == Some(&b' ') {
                        end += 1;
                    }
                    let next = self.bytes.get(end);
                    if next.is_none_or(|b| *b == self.delimiter || matches!(b, b'\n' | b'\r')) {
                        return Some(Quoted { end, crosses });
                    }
                    break;
                }
                b'\n' | b'\r' => {
                    if at < self.hopeless {
                        return None;
                    }
                    (crosses, delimiters) = (true, 0);
                    at += 1;
                }
                _ => {
                    if byte == self.delimiter {
                        delimiters += 1;
                        // A line inside the quotes with as many delimiters as a record is a swallowed record.
                        if crosses && delimiters >= self.usual {
                            break;
                        }
                    }
                    at += self.encoding.step(&self.bytes[at..]);
                }
            }
            if at > longest {
                break;
            }
        }
        self.hopeless = self.hopeless.max(at);
        None
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        let (end, unclosed) = match self.well_formed_end() {
            Some(end) => (end, false),
            None => (line_end(self.bytes, start), true),
        };
        if end - start > LONGEST {
            self.at = self.bytes.len();
            return Some(Err(too_long(format_args!("第 {line} 行"))));
        }
        self.line += line_ends(&self.bytes[start..end]) as u64 + 1;
        self.at = match self.bytes.get(end..) {
            Some([b'\r', b'\n', ..]) => end + 2,
            _ => end + 1,
        };
        Some(Ok(Record { span: start..end, line, unclosed }))
    }
}

fn usual_delimiters(bytes: &[u8], delimiter: u8) -> usize {
    let mut counts: Vec<usize> = bytes
        .split(|b| matches!(b, b'\n' | b'\r'))
        .take(200)
        .map(|line| line.iter().filter(|b| **b == delimiter).count())
        .filter(|count| *count > 0)
        .collect();
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or(1)
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(bytes.len(), |n| start + n)
}

fn line_ends(bytes: &[u8]) -> usize {
    let crlf = bytes.windows(2).filter(|w| w == b"\r\n").count();
    bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count() - crlf
}

/// The fields of one record; at most one more than a table may have columns.
pub(super) fn fields(text: &str, delimiter: char) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut chars = text.chars().peekable();
    let (mut quoted, mut was_quoted) = (false, false);
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' if quoted && chars.clone().find(|c| *c != ' ').is_none_or(|c| c == delimiter) => {
                quoted = false
            }
            '"' if !quoted && !was_quoted && field.trim_matches(' ').is_empty() => {
                field.clear();
                (quoted, was_quoted) = (true, true);
            }
            c if c == delimiter && !quoted => {
                fields.push(std::mem::take(&mut field));
                was_quoted = false;
                if fields.len() > MOST_COLUMNS {
                    return fields;
                }
            }
            ' ' if was_quoted && !quoted => {}
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}
