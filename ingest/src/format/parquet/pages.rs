//! What a Parquet file would unpack to, from the headers of its pages: the reader makes room for what they say, and
//! runs of equal values take a few bytes for millions of cells. Nothing is unpacked here.

use parquet::file::metadata::ParquetMetaData;

use super::super::bounds::{Budget, MOST_COLUMNS, MOST_UNPACKED, too_large};
use super::thrift::{Met, walk};
use crate::reason::{Refusal, RefusalReason};

/// Groups of rows, and pages in all of them.
const MOST_GROUPS: usize = 10_000;
const MOST_PAGES: usize = 1_000_000;
/// The encoding in which every text may repeat the whole one before it.
const DELTA_BYTE_ARRAY: i64 = 7;
/// Rows read at once: of ordinary files, and of files in that encoding.
const ROWS_AT_ONCE: usize = 1_024;
const DELTA_ROWS_AT_ONCE: usize = 16;

fn damaged() -> Refusal {
    Refusal::new(RefusalReason::Unreadable, "Parquet 文件已损坏，请重新导出后再送")
}

/// Looks at the footer before anything is made of it.
pub(super) fn check_footer(bytes: &[u8]) -> Result<(), Refusal> {
    let tail = bytes.len().checked_sub(8).filter(|_| bytes.ends_with(b"PAR1")).ok_or_else(damaged)?;
    let length = bytes[tail..tail + 4].try_into().map(u32::from_le_bytes).map_err(|_| damaged())?;
    let start = usize::try_from(length).ok().and_then(|l| tail.checked_sub(l)).ok_or_else(damaged)?;
    let mut large = false;
    walk(&bytes[start..tail], &mut |path, met| {
        large |= match (path, met) {
            // The schema's elements, the children one says it has, the groups of rows.
            ([2] | [4], Met::Elements(count)) => count > MOST_GROUPS,
            ([2, 5], Met::Number(children)) => children > MOST_COLUMNS as i64,
            _ => false,
        };
    })
    .ok_or_else(damaged)?;
    if large { Err(too_large("Parquet 文件的列或行组过多")) } else { Ok(()) }
}

/// Looks at every page and says how many rows may be read at once.
pub(super) fn check_pages(bytes: &[u8], metadata: &ParquetMetaData) -> Result<usize, Refusal> {
    if metadata.file_metadata().schema_descr().num_columns() > MOST_COLUMNS {
        return Err(too_large(format!("文件多于 {MOST_COLUMNS} 列")));
    }
    let mut budget = Budget::default();
    let (mut unpacked, mut pages) = (0_u64, 0_usize);
    let mut delta = 0_u64;
    for group in metadata.row_groups() {
        let mut group_delta = 0_u64;
        for column in group.columns() {
            let (start, length) = column.byte_range();
            let end = start.checked_add(length).and_then(|e| usize::try_from(e).ok()).ok_or_else(damaged)?;
            let mut rest = usize::try_from(start).ok().and_then(|s| bytes.get(s..end)).ok_or_else(damaged)?;
            let (mut largest_delta, mut values) = (0, 0);
            while !rest.is_empty() {
                let page = match Page::read(rest).and_then(|page| Some((rest.get(page.size..)?, page))) {
                    Some((behind, page)) => {
                        rest = behind;
                        page
                    }
                    // Some writers count bytes to a column that are not its own.
                    None if values >= column.num_values() => break,
                    None => return Err(damaged()),
                };
                values += page.values;
                pages += 1;
                unpacked += page.unpacked;
                budget.cells(page.cells)?;
                if page.delta {
                    largest_delta = largest_delta.max(page.unpacked);
                }
                if unpacked > MOST_UNPACKED || pages > MOST_PAGES {
                    return Err(too_large(format!("文件展开后多于 {} MB", MOST_UNPACKED >> 20)));
                }
            }
            group_delta += largest_delta;
        }
        delta = delta.max(group_delta);
    }
    if delta.saturating_mul(DELTA_ROWS_AT_ONCE as u64) > MOST_UNPACKED {
        return Err(too_large("Parquet 文件里逐字增量编码的页过大"));
    }
    Ok(if delta > 0 { DELTA_ROWS_AT_ONCE } else { ROWS_AT_ONCE })
}

/// What the header of a page says.
struct Page {
    /// Bytes of header and page in the file.
    size: usize,
    unpacked: u64,
    cells: usize,
    /// The same without those of a dictionary.
    values: i64,
    delta: bool,
}

impl Page {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (mut unpacked, mut packed, mut values, mut entries, mut delta) = (0, 0, 0, 0, false);
        let header = walk(bytes, &mut |path, met| match (path, met) {
            ([2], Met::Number(n)) => unpacked = n,
            ([3], Met::Number(n)) => packed = n,
            // A data page of either version, or a dictionary.
            ([5, 1] | [8, 1], Met::Number(n)) => values = n,
            ([7, 1], Met::Number(n)) => entries = n,
            ([5, 2] | [8, 4], Met::Number(n)) => delta = n == DELTA_BYTE_ARRAY,
            _ => {}
        })?;
        let size = header.checked_add(usize::try_from(packed).ok()?)?;
        Some(Self {
            size,
            unpacked: u64::try_from(unpacked).ok()?,
            cells: usize::try_from(values).ok()?.checked_add(usize::try_from(entries).ok()?)?,
            values,
            delta,
        })
    }
}
