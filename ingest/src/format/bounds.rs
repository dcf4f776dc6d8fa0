//! How much a partner's file may unpack to. Files come from outside: what they claim about themselves is not believed,
//! and what they hold is counted while it is read, so that a small file cannot fill the machine's memory.
//! The figures are far above any month of any partner; whoever meets one sends the file in parts.

use crate::reason::{Refusal, RefusalReason};

/// Bytes of a file as it lies in the inbox. Text becomes about ten times as much while it is read.
pub(crate) const LARGEST_FILE: u64 = 128 << 20;
/// Rows of a file with its header: what one sheet of a workbook holds.
const MOST_ROWS: usize = 1_048_576;
/// Cells of all rows.
const MOST_CELLS: usize = 16_000_000;
/// Bytes of text in all cells: a shared text counts in every cell that shows it.
const MOST_TEXT: usize = 256 << 20;
/// No partner's table is wider; what lies further right is a note or damage.
pub(super) const MOST_COLUMNS: usize = 512;
/// Bytes of one line, of one object or of one cell.
pub(super) const LONGEST: usize = 1 << 20;
/// Bytes all parts of a packed file may unpack to.
pub(super) const MOST_UNPACKED: u64 = 512 << 20;
/// Empty cells before filled ones that a sheet may have for each filled one, when it has many.
const SPARSEST: usize = 32;
/// Empty cells nobody counts.
const FREE_PADDING: usize = 100_000;

/// A file that is larger than what is taken.
pub(crate) fn too_large(what: impl std::fmt::Display) -> Refusal {
    Refusal::new(RefusalReason::TooLarge, format!("{what}，超过接收上限，请拆成几份后重新送"))
}

/// The sentence about a line, an object or a cell that is too long; where is `第 3 行` and the like.
pub(super) fn too_long(place: impl std::fmt::Display) -> Refusal {
    too_large(format!("{place}超过 {} MB", LONGEST >> 20))
}

/// What of the bounds is used up so far.
#[derive(Debug, Default)]
pub(super) struct Budget {
    rows: usize,
    cells: usize,
    filled: usize,
    text: usize,
}

impl Budget {
    /// One more row.
    pub fn row(&mut self) -> Result<(), Refusal> {
        self.rows += 1;
        if self.rows > MOST_ROWS {
            return Err(too_large(format!("文件多于 {MOST_ROWS} 行")));
        }
        Ok(())
    }

    /// One more cell with so many bytes of text, after so many empty ones that take room before it.
    pub fn cell(&mut self, text: usize, padding: usize) -> Result<(), Refusal> {
        self.filled += 1;
        self.cells += 1 + padding;
        self.text += text;
        if self.cells - self.filled > FREE_PADDING + SPARSEST * self.filled {
            return Err(too_large("表格里绝大多数单元格是空的，内容远在右侧"));
        }
        if self.cells > MOST_CELLS {
            return Err(too_large(format!("文件多于 {MOST_CELLS} 个单元格")));
        }
        if self.text > MOST_TEXT {
            return Err(too_large(format!("文件展开后多于 {} MB 文字", MOST_TEXT >> 20)));
        }
        Ok(())
    }

    /// Cells of which nothing else is known yet.
    pub fn cells(&mut self, cells: usize) -> Result<(), Refusal> {
        self.filled += cells;
        self.cells += cells;
        if self.cells > MOST_CELLS {
            return Err(too_large(format!("文件多于 {MOST_CELLS} 个单元格")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparse_sheet_and_a_shared_text_are_counted() {
        let mut shifted = Budget::default();
        for _ in 0..500_000 {
            shifted.cell(10, 2).expect("a table that begins in the third column");
        }
        let mut far = Budget::default();
        assert!((0..1_000).any(|_| far.cell(1, 511).is_err()));
        let mut shared = Budget::default();
        let taken = (0..1_000).take_while(|_| shared.cell(1 << 20, 0).is_ok()).count();
        assert_eq!(taken, 256);
        assert!(Budget::default().cells(MOST_CELLS + 1).is_err());
    }
}
