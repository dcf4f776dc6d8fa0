//! Rows of a CSV file, each on its own: a row that cannot be read is handed back with its line and takes no other row with
//! it. In particular an unclosed quote ends with its line instead of swallowing the rest of the file. One pass, whatever the
//! file holds. Knows nothing of fields.

/// A quoted cell longer than this was not meant to be one: its quote was never closed.
const LONGEST_CELL: usize = 64 * 1024;

/// A row and the line it begins on, from 1.
#[derive(Debug, PartialEq, Eq)]
pub struct CsvRow {
    /// Line, as a spreadsheet and an editor count.
    pub line: usize,
    /// Its cells, or why it cannot be read.
    pub cells: Result<Vec<String>, Fault>,
}

/// Why a row cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A quote was opened and never closed.
    UnclosedQuote,
    /// Text follows a closing quote.
    TextAfterQuote,
}

impl Fault {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Fault::UnclosedQuote => "unclosed_quote",
            Fault::TextAfterQuote => "text_after_quote",
        }
    }

    /// What to do, in Chinese.
    pub fn message(self) -> &'static str {
        match self {
            Fault::UnclosedQuote => "这一行的引号没有成对，请补上或删去引号",
            Fault::TextAfterQuote => "这一行的引号后面还有文字：内容中的引号请写成两个",
        }
    }
}

/// The rows of a text whose lines end in LF, CRLF or CR; blank lines are left out.
pub fn rows(text: &str) -> Vec<CsvRow> {
    let mut reader = Reader { text, at: 0, line: 1 };
    let mut rows = Vec::new();
    // Cells of the heading.
    let mut width = None;
    while reader.at < text.len() {
        let line = reader.line;
        let start = reader.at;
        let mut cells = reader.row();
        let lines = reader.line - line - usize::from(cells.is_ok());
        let fits = cells.as_ref().is_ok_and(|cells| width.is_none_or(|width| width == cells.len()));
        if lines > 0 && !fits {
            // A quote that reaches into other rows and does not give a row of the right width was never closed.
            cells = Err(Fault::UnclosedQuote);
        }
        if cells.is_err() {
            // Whatever the quote took in, the next row begins with the next line.
            (reader.at, reader.line) = (start, line);
            reader.skip_line();
        }
        width = width.or(cells.as_ref().ok().map(Vec::len));
        if cells != Ok(vec![String::new()]) {
            rows.push(CsvRow { line, cells });
        }
    }
    rows
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn row(&mut self) -> Result<Vec<String>, Fault> {
        let mut cells = Vec::new();
        loop {
            let cell = if self.rest().starts_with('"') { self.quoted()? } else { self.plain() };
            cells.push(cell);
            if self.rest().starts_with(',') {
                self.at += 1;
                continue;
            }
            self.end_line();
            return Ok(cells);
        }
    }

    fn plain(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find([',', '\r', '\n']).unwrap_or(rest.len());
        let cell = rest[..end].to_owned();
        self.at += end;
        cell
    }

    fn quoted(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut cell = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.bytes().take(LONGEST_CELL).position(|b| b == b'"') else {
                return Err(Fault::UnclosedQuote);
            };
            let part = rest[..end].to_owned();
            let doubled = rest[end + 1..].starts_with('"');
            self.line += line_ends(&part);
            cell.push_str(&part);
            self.at += end + 1;
            if doubled {
                cell.push('"');
                self.at += 1;
                if cell.len() > LONGEST_CELL {
                    return Err(Fault::UnclosedQuote);
                }
                continue;
            }
            let rest = self.rest();
            return match rest.is_empty() || rest.starts_with([',', '\r', '\n']) {
                true => Ok(cell),
                false => Err(Fault::TextAfterQuote),
            };
        }
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.find(['\r', '\n']).unwrap_or(rest.len());
        self.end_line();
    }

    fn end_line(&mut self) {
        let rest = self.rest();
        let length = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
        self.at += length;
        self.line += 1;
    }
}

/// Lines that end within a text.
fn line_ends(text: &str) -> usize {
    text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(usize, Result<&[&str], Fault>)]) {
        let expected: Vec<CsvRow> = expected
            .iter()
            .map(|(line, cells)| CsvRow {
                line: *line,
                cells: cells.map(|cells| cells.iter().map(|cell| (*cell).to_owned()).collect()),
            })
            .collect();
        assert_eq!(rows(text), expected, "{text:?}");
    }

    #[test]
    fn line_ends_and_quotes() {
        check("a,b\n1,2\n", &[(1, Ok(&["a", "b"])), (2, Ok(&["1", "2"]))]);
        check("a\r\nb\rc", &[(1, Ok(&["a"])), (2, Ok(&["b"])), (3, Ok(&["c"]))]);
        check("a\n\n\r\nb", &[(1, Ok(&["a"])), (4, Ok(&["b"]))]);
        check("\"x,\"\"y\"\"\nz\",2\n3,", &[(1, Ok(&["x,\"y\"\nz", "2"])), (3, Ok(&["3", ""]))]);
        check("5\" pipe,2", &[(1, Ok(&["5\" pipe", "2"]))]);
        check("", &[]);
    }

    #[test]
    fn a_broken_row_takes_no_other_row_with_it() {
        check(
            "a,b\n\"x,1\ny,2\n",
            &[(1, Ok(&["a", "b"])), (2, Err(Fault::UnclosedQuote)), (3, Ok(&["y", "2"]))],
        );
        check("\"x\"y,1\nz,2", &[(1, Err(Fault::TextAfterQuote)), (2, Ok(&["z", "2"]))]);
        // Two stray quotes must not make one row of the good ones between them.
        check(
            "a,b\n\"x,1\ny,2\n\"z\",3\n",
            &[
                (1, Ok(&["a", "b"])),
                (2, Err(Fault::UnclosedQuote)),
                (3, Ok(&["y", "2"])),
                (4, Ok(&["z", "3"])),
            ],
        );
        let many = "\"\n".repeat(20_000);
        assert_eq!(rows(&many).len(), 10_000, "a quote closed on the next line is a cell");
        let long = format!("\"{}\n\"b\"\n", "x".repeat(LONGEST_CELL));
        check(&long, &[(1, Err(Fault::UnclosedQuote)), (2, Ok(&["b"]))]);
    }
}
