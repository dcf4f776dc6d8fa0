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
    /// Its cells; of a row that cannot be read those of its line as they stand, so that whoever sent it recognises it.
    pub cells: Vec<String>,
    /// Why it cannot be read.
    pub fault: Option<Fault>,
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
        width = width.or(cells.as_ref().ok().map(Vec::len));
        let (cells, fault) = match cells {
            Ok(cells) => (cells, None),
            Err(fault) => {
                // Whatever the quote took in, the next row begins with the next line.
                (reader.at, reader.line) = (start, line);
                (reader.line_as_it_stands(), Some(fault))
            }
        };
        if cells != [""] {
            rows.push(CsvRow { line, cells, fault });
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

    /// The cells of one line and no more. A quote that does not close within it is a character like any other.
    fn line_as_it_stands(&mut self) -> Vec<String> {
        let rest = self.rest();
        let text = &rest[..rest.find(['\r', '\n']).unwrap_or(rest.len())];
        let mut line = Reader { text, at: 0, line: 0 };
        let mut cells = Vec::new();
        loop {
            let start = line.at;
            let quoted = line.rest().starts_with('"').then(|| line.quoted()).and_then(Result::ok);
            cells.push(quoted.unwrap_or_else(|| {
                line.at = start;
                line.plain()
            }));
            if !line.rest().starts_with(',') {
                break;
            }
            line.at += 1;
        }
        self.at += line.at;
        self.end_line();
        cells
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

    const UNCLOSED: Option<Fault> = Some(Fault::UnclosedQuote);
    const AFTER: Option<Fault> = Some(Fault::TextAfterQuote);

    fn check(text: &str, expected: &[(usize, &[&str], Option<Fault>)]) {
        let expected: Vec<CsvRow> = expected
            .iter()
            .map(|(line, cells, fault)| CsvRow {
                line: *line,
                cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
                fault: *fault,
            })
            .collect();
        assert_eq!(rows(text), expected, "{text:?}");
    }

    #[test]
    fn line_ends_and_quotes() {
        check("a,b\n1,2\n", &[(1, &["a", "b"], None), (2, &["1", "2"], None)]);
        check("a\r\nb\rc", &[(1, &["a"], None), (2, &["b"], None), (3, &["c"], None)]);
        check("a\n\n\r\nb", &[(1, &["a"], None), (4, &["b"], None)]);
        check("\"x,\"\"y\"\"\nz\",2\n3,", &[(1, &["x,\"y\"\nz", "2"], None), (3, &["3", ""], None)]);
        check("5\" pipe,2", &[(1, &["5\" pipe", "2"], None)]);
        check("", &[]);
    }

    #[test]
    fn a_broken_row_takes_no_other_row_with_it() {
        check(
            "a,b\n\"x,1\ny,2\n",
            &[(1, &["a", "b"], None), (2, &["\"x", "1"], UNCLOSED), (3, &["y", "2"], None)],
        );
        check("\"x\"y,1\nz,2", &[(1, &["\"x\"y", "1"], AFTER), (2, &["z", "2"], None)]);
        // Two stray quotes must not make one row of the good ones between them.
        check(
            "a,b\n\"x,1\ny,2\n\"z\",3\n",
            &[
                (1, &["a", "b"], None),
                (2, &["\"x", "1"], UNCLOSED),
                (3, &["y", "2"], None),
                (4, &["z", "3"], None),
            ],
        );
        // What can be read of a broken row is read: the comma inside a good pair of quotes stays where it is.
        check("a,b\n\"x,y\",\"1\n", &[(1, &["a", "b"], None), (2, &["x,y", "\"1"], UNCLOSED)]);
        let many = "\"\n".repeat(20_000);
        assert_eq!(rows(&many).len(), 10_000, "a quote closed on the next line is a cell");
        let x = "x".repeat(LONGEST_CELL);
        check(&format!("\"{x}\n\"b\"\n"), &[(1, &[&format!("\"{x}")], UNCLOSED), (2, &["b"], None)]);
    }
}
