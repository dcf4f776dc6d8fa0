//! Cuts CSV bytes into records and a record's text into fields. A quotation mark that nothing closes costs
//! its own line and not the rest of the file.

use std::ops::Range;

use super::Encoding;

/// Where a record is.
pub(super) struct Record {
    pub span: Range<usize>,
    pub line: u64,
    pub unclosed: bool,
}

/// Cuts the file. Line ends are LF, CRLF or a lone CR.
pub(super) fn records(bytes: &[u8], encoding: Encoding, delimiter: u8) -> Vec<Record> {
    let usual = usual_delimiters(bytes, delimiter);
    let mut records = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let (end, unclosed) = match well_formed_end(bytes, at, encoding, delimiter, usual) {
            Some(end) => (end, false),
            None => (line_end(bytes, at), true),
        };
        records.push(Record { span: at..end, line, unclosed });
        line += line_ends(&bytes[at..end]) as u64 + 1;
        at = match bytes.get(end..) {
            Some([b'\r', b'\n', ..]) => end + 2,
            _ => end + 1,
        };
    }
    records
}

/// End of the record that starts at `start`; `None` when a quote in it is never properly closed.
fn well_formed_end(
    bytes: &[u8],
    start: usize,
    encoding: Encoding,
    delimiter: u8,
    usual: usize,
) -> Option<usize> {
    let mut at = start;
    let mut field_start = true;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return Some(at),
            b'"' if field_start => {
                at = after_quoted(bytes, at + 1, encoding, delimiter, usual)?;
                field_start = false;
            }
            b' ' if field_start => at += 1,
            _ => {
                field_start = byte == delimiter;
                at += encoding.step(&bytes[at..]);
            }
        }
    }
    Some(bytes.len())
}

/// Position behind the closing quote and any blanks; `None` when what follows is no end of a field, or when
/// a whole record lies inside the quotes.
fn after_quoted(
    bytes: &[u8],
    start: usize,
    encoding: Encoding,
    delimiter: u8,
    usual: usize,
) -> Option<usize> {
    let mut at = start;
    let (mut lines, mut delimiters) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' if bytes.get(at + 1) == Some(&b'"') => at += 2,
            b'"' => {
                at += 1;
                while bytes.get(at) == Some(&b' ') {
                    at += 1;
                }
                let ends = bytes.get(at).is_none_or(|b| *b == delimiter || matches!(b, b'\n' | b'\r'));
                return ends.then_some(at);
            }
            _ => {
                if byte == b'\n' {
                    (lines, delimiters) = (lines + 1, 0);
                } else if byte == delimiter {
                    delimiters += 1;
                    // A line inside the quotes with as many delimiters as a record is a swallowed record.
                    if lines > 0 && delimiters >= usual {
                        return None;
                    }
                }
                at += encoding.step(&bytes[at..]);
            }
        }
    }
    None
}

/// How many delimiters most lines have; at least 1.
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

/// The fields of one record.
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
            }
            ' ' if was_quoted && !quoted => {}
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}
