//! From rows of cells to records: finds the header, skips what is no data, checks every row against the
//! contract, folds repeated keys. Pure: no files, no clock, no lake.

mod file;
mod fold;
mod header;
mod preview;
mod record;
mod row;
pub mod title;
mod total;

pub use file::{MappedFile, Rejected, RowContext, map_again, map_file};
pub use fold::{Folded, fold};
pub use preview::{preview, preview_of_event};
pub use record::{Operation, Record, Value};

#[cfg(test)]
mod tests;
