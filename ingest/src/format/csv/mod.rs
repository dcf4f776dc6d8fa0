//! CSV as partners write it: any of four delimiters, any line end, quotes that nobody closes.
//! How bytes are cut into records is in `split`.

mod split;

use super::{Dialect, Encoding, FileFormat, FormatOptions, RawRow, Reading, Table, Titles, sniff, text};
use crate::reason::{Reason, Refusal};
use crate::value::Cell;

/// Comma-, semicolon-, tab- or bar-separated text.
pub(super) struct Csv;

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

impl FileFormat for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn read(&self, bytes: &[u8], options: &FormatOptions) -> Result<Vec<Reading>, Refusal> {
        sniff::demand(bytes, sniff::Kind::Text, "CSV 文本")?;
        let (bytes, encoding) = text::normalise(bytes, options.encoding);
        let head = &bytes[..bytes.len().min(65_536)];
        let mut delimiters: Vec<char> = match options.delimiter {
            Some(one) => vec![one],
            None => DELIMITERS.into_iter().filter(|d| head.contains(&(*d as u8))).collect(),
        };
        if delimiters.is_empty() {
            delimiters.push(',');
        }
        Ok(delimiters.into_iter().map(|delimiter| reading(&bytes, encoding, delimiter)).collect())
    }

    fn read_row(&self, raw: &[u8], dialect: &Dialect) -> RawRow {
        let encoding = dialect.encoding.unwrap_or(Encoding::Utf8);
        let delimiter = dialect.delimiter.unwrap_or(',');
        let mut rows =
            reading(raw, encoding, delimiter).tables.pop().map(|t| t.rows).unwrap_or_default().into_iter();
        match (rows.next(), rows.next()) {
            (Some(row), None) => row,
            (first, _) => RawRow {
                fault: Some(first.and_then(|r| r.fault).unwrap_or(Reason::WrongColumnCount)),
                raw: raw.to_vec(),
                ..RawRow::default()
            },
        }
    }
}

fn reading(bytes: &[u8], encoding: Encoding, delimiter: char) -> Reading {
    let rows = split::records(bytes, encoding, delimiter as u8)
        .into_iter()
        .map(|record| {
            let raw = &bytes[record.span];
            let cells = split::fields(&encoding.decode(raw), delimiter).into_iter().map(Cell::text).collect();
            let fault = record.unclosed.then_some(Reason::UnclosedQuote);
            RawRow { number: record.line, shape: 0, cells, fault, raw: raw.to_vec() }
        })
        .collect();
    let dialect = Dialect { encoding: Some(encoding), delimiter: Some(delimiter) };
    Reading { dialect, tables: vec![Table { name: String::new(), titles: Titles::Search, rows }] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &[(&[&str], Option<Reason>)]) {
        let readings = Csv.read(bytes, &FormatOptions { delimiter: Some(','), ..FormatOptions::default() });
        let rows = readings.unwrap_or_default().remove(0).tables.remove(0).rows;
        let got: Vec<(Vec<String>, Option<Reason>)> =
            rows.iter().map(|r| (r.cells.iter().map(Cell::shown).collect(), r.fault)).collect();
        let expected: Vec<(Vec<String>, Option<Reason>)> =
            expected.iter().map(|(c, f)| (c.iter().map(ToString::to_string).collect(), *f)).collect();
        assert_eq!(got, expected, "{}", String::from_utf8_lossy(bytes));
    }

    const BAD: Option<Reason> = Some(Reason::UnclosedQuote);

    #[test]
    fn quotes_and_line_ends() {
        check(b"a,b\r\n1,2\r\n", &[(&["a", "b"], None), (&["1", "2"], None)]);
        check(b"a,b\r1,2", &[(&["a", "b"], None), (&["1", "2"], None)]);
        check(b"\"a,\"\"x\"\"\",b\n", &[(&["a,\"x\"", "b"], None)]);
        check(b"1,\"two\nlines\"\n3,4\n", &[(&["1", "two\nlines"], None), (&["3", "4"], None)]);
        check(b"1, \"x\" ,2\n", &[(&["1", "x", "2"], None)]);
        check(b"1,a\"b,2\n", &[(&["1", "a\"b", "2"], None)]);
        check(b"1,\"\"\n2,\n", &[(&["1", ""], None), (&["2", ""], None)]);
        check(b"\n\n1,2\n\x1a", &[(&[""], None), (&[""], None), (&["1", "2"], None), (&[""], None)]);
    }

    #[test]
    fn an_unclosed_quote_costs_one_row() {
        check(b"1,\"x\n2,y\n3,z\n", &[(&["1", "x"], BAD), (&["2", "y"], None), (&["3", "z"], None)]);
        check(b"1,\"x\n2,y\n3,\"z\"\n", &[(&["1", "x"], BAD), (&["2", "y"], None), (&["3", "z"], None)]);
        check(b"1,\"x\n2,y\n3,\"\"\n", &[(&["1", "x"], BAD), (&["2", "y"], None), (&["3", ""], None)]);
        check(
            b"1,2,3,4,\"x\n2,2,3,4,y\n3,2,3,4,\",z\"\n",
            &[
                (&["1", "2", "3", "4", "x"], BAD),
                (&["2", "2", "3", "4", "y"], None),
                (&["3", "2", "3", "4", ",z"], None),
            ],
        );
        check(b"1,\"a\"b\",2\n3,4,5\n", &[(&["1", "a\"b", "2"], BAD), (&["3", "4", "5"], None)]);
    }
}
