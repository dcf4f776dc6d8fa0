//! CSV as partners write it: any of four delimiters, any line end, quotes that nobody closes.
//! How bytes are cut into records is in `split`.

mod split;

use super::bounds::{Budget, MOST_COLUMNS};
use super::{
    Dialect, Encoding, FileFormat, FormatOptions, RawRow, Reading, Readings, Table, Titles, sniff, text,
};
use crate::reason::{Reason, Refusal};
use crate::value::{Cell, Epoch};

/// Comma-, semicolon-, tab- or bar-separated text.
pub(super) struct Csv;

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

impl FileFormat for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn read<'a>(&self, bytes: &'a [u8], options: &FormatOptions) -> Result<Readings<'a>, Refusal> {
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
        Ok(Box::new(delimiters.into_iter().map(move |delimiter| reading(&bytes, encoding, delimiter))))
    }

    fn read_row(&self, raw: &[u8], dialect: &Dialect) -> RawRow {
        let encoding = dialect.encoding.unwrap_or(Encoding::Utf8);
        let delimiter = dialect.delimiter.unwrap_or(',');
        let rows = reading(raw, encoding, delimiter).ok().and_then(|mut r| r.tables.pop()).map(|t| t.rows);
        let mut rows = rows.unwrap_or_default().into_iter();
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

fn reading(bytes: &[u8], encoding: Encoding, delimiter: char) -> Result<Reading, Refusal> {
    let mut budget = Budget::default();
    let mut rows = Vec::new();
    for record in split::Records::new(bytes, encoding, delimiter as u8) {
        let record = record?;
        let raw = &bytes[record.span];
        let cells: Vec<Cell> =
            split::fields(&encoding.decode(raw), delimiter).into_iter().map(Cell::text).collect();
        budget.row()?;
        budget.cells(cells.len())?;
        let fault = match cells.len() {
            _ if record.unclosed => Some(Reason::UnclosedQuote),
            wide if wide > MOST_COLUMNS => Some(Reason::WrongColumnCount),
            _ => None,
        };
        rows.push(RawRow { number: record.line, shape: 0, cells, fault, raw: raw.to_vec() });
    }
    let dialect = Dialect { encoding: Some(encoding), delimiter: Some(delimiter), epoch: Epoch::default() };
    Ok(Reading {
        dialect,
        tables: vec![Table { name: String::new(), titles: Titles::Search, rows }],
        ..Reading::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::RefusalReason;

    fn rows(bytes: &[u8]) -> Result<Vec<RawRow>, Refusal> {
        let options = FormatOptions { delimiter: Some(','), ..FormatOptions::default() };
        let reading = Csv.read(bytes, &options)?.next().expect("a reading")?;
        Ok(reading.tables.into_iter().flat_map(|t| t.rows).collect())
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[(&[&str], Option<Reason>)]) {
        let rows = rows(bytes).expect("rows");
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
    #[test]
    fn right_answer_12_every_line_end_inside_and_outside_quotes() {
        for end in ["\n", "\r", "\r\n"] {
            let file = |lines: &[&str]| lines.join(end).into_bytes();
            let two = format!("two{end}lines");
            // A text over two lines is one field.
            check(
                &file(&["1,\"two", "lines\",2", "3,4,5"]),
                &[(&["1", &two, "2"], None), (&["3", "4", "5"], None)],
            );
            check(
                &file(&["1,2,\"two", "lines\"", "3,4,5"]),
                &[(&["1", "2", &two], None), (&["3", "4", "5"], None)],
            );
            // A stray quote costs its line, wherever the next one is.
            check(
                &file(&["1,\"x,2", "3,y,4", "5,z,6"]),
                &[(&["1", "x,2"], BAD), (&["3", "y", "4"], None), (&["5", "z", "6"], None)],
            );
            check(
                &file(&["1,\"x,2", "3,y\",4", "5,z,6"]),
                &[(&["1", "x,2"], BAD), (&["3", "y\"", "4"], None), (&["5", "z", "6"], None)],
            );
            check(
                &file(&["1,\"x,2", "3,4,5", "6,y\",7"]),
                &[(&["1", "x,2"], BAD), (&["3", "4", "5"], None), (&["6", "y\"", "7"], None)],
            );
        }
        // Mixed in one file.
        check(
            b"1,2\r3,\"4\r\n5\"\n6,\"7\r8,9\n",
            &[(&["1", "2"], None), (&["3", "4\r\n5"], None), (&["6", "7"], BAD), (&["8", "9"], None)],
        );
    }

    /// The time of this test is the point: each of these took minutes when every line looked to the end of the file.
    #[test]
    fn attack_7_unclosed_quotes_take_linear_time() {
        let started = std::time::Instant::now();
        let lines = 300_000;
        for (head, line) in [
            ("\"\n", "x\",\",a\n"),
            ("a,b\n", "1,\"x\n"),
            ("", "\"\n"),
            ("", "\"a\"\"\n"),
            ("", ",\""),
            ("\"", " "),
        ] {
            let file = format!("{head}{}", line.repeat(lines));
            let rows = rows(file.as_bytes()).expect("rows");
            assert!(!rows.is_empty());
        }
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }

    #[test]
    fn attack_7_lines_and_columns_are_bounded() {
        let refused = |bytes: Vec<u8>| rows(&bytes).err().map(|r| (r.reason, r.detail));
        let long = refused(format!("a,b\n1,{}\n", "x".repeat(2 << 20)).into_bytes());
        assert!(
            long.as_ref().is_some_and(|(r, d)| *r == RefusalReason::TooLarge && d.contains("第 2 行")),
            "{long:?}"
        );
        let quoted = refused(format!("a,b\n1,\"{}\"\n", "x\n".repeat(2 << 20)).into_bytes());
        assert_eq!(quoted.map(|(r, _)| r), Some(RefusalReason::TooLarge), "more rows than are taken");
        assert_eq!(
            refused(",".repeat(3_000_000).into_bytes()).map(|(r, _)| r),
            Some(RefusalReason::TooLarge)
        );
        let wide = rows(format!("a,b\n{}\n1,2\n", ",".repeat(100_000)).as_bytes()).expect("rows");
        assert_eq!(
            wide.iter().map(|r| r.fault).collect::<Vec<_>>(),
            [None, Some(Reason::WrongColumnCount), None]
        );
        assert!(wide[1].cells.len() <= MOST_COLUMNS + 1);
    }
}
