//! File formats: from bytes to rows of cells. One trait, one file per format, one list.
//! Formats know nothing of fields and codes; what the cells mean is decided in `mapping`.
//!
//! A format MUST NOT panic on any bytes, MUST give every data row its original bytes (or a rendering that
//! [`FileFormat::read_row`] reads back), MUST refuse what is another kind of file, and MUST count what it unpacks
//! against [`bounds`] while it does so.

pub(crate) mod bounds;
mod csv;
mod ndjson;
mod parquet;
mod sniff;
mod text;
mod xlsx;

use serde::{Deserialize, Serialize};

use crate::reason::{Reason, Refusal};
use crate::value::{Cell, Epoch};

pub use text::Encoding;

/// Reads one kind of file.
pub trait FileFormat: Sync {
    /// Name in feed files.
    fn id(&self) -> &'static str;

    /// Reads a file. Several readings when the bytes allow it (CSV with another delimiter): the one whose
    /// header fits the feed is taken.
    fn read<'a>(&self, bytes: &'a [u8], options: &FormatOptions) -> Result<Readings<'a>, Refusal>;

    /// Reads one row again from the bytes kept in quarantine.
    fn read_row(&self, raw: &[u8], dialect: &Dialect) -> RawRow;
}

/// Ways to read a file, made one at a time: each takes memory.
pub type Readings<'a> = Box<dyn Iterator<Item = Result<Reading, Refusal>> + 'a>;

/// All formats, sorted by id.
pub const FORMATS: [&dyn FileFormat; 4] = [&csv::Csv, &ndjson::Ndjson, &parquet::Parquet, &xlsx::Xlsx];

/// What a feed file says about its files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FormatOptions {
    /// Encoding of text; found out when absent.
    pub encoding: Option<Encoding>,
    /// Delimiter of CSV; found out when absent.
    pub delimiter: Option<char>,
    /// Only the sheet of this name; all visible data sheets when absent.
    pub sheet: Option<String>,
}

/// How the text of a file was read; kept with quarantined rows so that they can be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dialect {
    /// Encoding of text formats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// Delimiter of CSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Day from which the workbook counts.
    #[serde(default, skip_serializing_if = "Epoch::is_usual")]
    pub epoch: Epoch,
}

/// One way to read a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// How the text was read.
    pub dialect: Dialect,
    /// Sheets of a workbook; one for other formats.
    pub tables: Vec<Table>,
    /// What was left out on purpose, in words for people.
    pub notes: Vec<String>,
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Sheet name; empty for other formats.
    pub name: String,
    /// Where the names of columns come from.
    pub titles: Titles,
    /// All rows, header and title rows included when `titles` is `Search`.
    pub rows: Vec<RawRow>,
}

/// Where the names of columns come from.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Titles {
    /// Somewhere among the first rows.
    #[default]
    Search,
    /// The format names them: one list of paths per shape of row.
    Named(Vec<Vec<TitlePath>>),
}

/// The levels of a column's name from the outermost to the innermost.
pub type TitlePath = Vec<String>;

/// A row before anybody knows its columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RawRow {
    /// Line or row number in the file, from 1.
    pub number: u64,
    /// Which list of `Titles::Named` it follows.
    pub shape: usize,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// Why it could not be read as a row.
    pub fault: Option<Reason>,
    /// Its original bytes; empty for binary formats, which render the cells.
    pub raw: Vec<u8>,
}

impl RawRow {
    /// Whether no cell holds anything.
    pub fn is_blank(&self) -> bool {
        self.fault.is_none() && self.cells.iter().all(Cell::is_empty)
    }

    /// What quarantine keeps of it.
    pub fn into_original(self) -> Vec<u8> {
        if self.raw.is_empty() { render_cells(&self.cells) } else { self.raw }
    }
}

/// The rendering of rows of binary formats: their cells as JSON.
fn render_cells(cells: &[Cell]) -> Vec<u8> {
    serde_json::to_vec(cells).unwrap_or_default()
}

fn read_cells(raw: &[u8]) -> RawRow {
    match serde_json::from_slice(raw) {
        Ok(cells) => RawRow { cells, raw: raw.to_vec(), ..RawRow::default() },
        Err(_) => RawRow { fault: Some(Reason::BadEncoding), raw: raw.to_vec(), ..RawRow::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(FORMATS.windows(2).all(|w| w[0].id() < w[1].id()));
    }

    fn soup() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"\"".to_vec()),
            Just(b",".to_vec()),
            Just(b"\r\n".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"{\"a\":".to_vec()),
            Just(b"}".to_vec()),
            Just(b"[".to_vec()),
            Just(b"\xef\xbb\xbf".to_vec()),
            Just(b"\xff\xfe".to_vec()),
            Just(b"PK\x03\x04".to_vec()),
            Just(b"PAR1".to_vec()),
            Just(b"\0".to_vec()),
            Just("流水号".as_bytes().to_vec()),
            proptest::collection::vec(any::<u8>(), 0..12),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|p| p.concat())
    }

    /// A real file of each binary format with some bytes changed or cut off reaches deeper than soup does.
    fn damaged() -> impl Strategy<Value = (usize, Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>)>
    {
        (
            0..2usize,
            proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
            any::<Option<prop::sample::Index>>(),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_byte_soup_is_read_or_refused(bytes in soup()) {
            for format in FORMATS {
                for reading in format.read(&bytes, &FormatOptions::default()).into_iter().flatten().flatten() {
                    for row in reading.tables.into_iter().flat_map(|t| t.rows) {
                        format.read_row(&row.into_original(), &reading.dialect);
                    }
                }
                format.read_row(&bytes, &Dialect::default());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn damaged_binary_files_are_read_or_refused((which, changes, cut) in damaged()) {
            let (id, fixture): (&str, &[u8]) = match which {
                0 => ("parquet", include_bytes!("../../tests/fixtures/clearing_2026-09.parquet")),
                _ => ("xlsx", include_bytes!("../../tests/fixtures/tourism_2026-09.xlsx")),
            };
            let mut bytes = fixture.to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(fixture.len()));
            }
            let found = FORMATS.into_iter().find(|format| format.id() == id);
            let read = found.map(|f| f.read(&bytes, &FormatOptions::default()).map(Iterator::count));
            prop_assert!(read.is_some());
        }
    }
}
