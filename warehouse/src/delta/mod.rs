//! Our hands on Delta: open or create a table, keep its newest snapshot, commit files. Nothing here
//! decides which rows to write (`write`) or who may read them (`access`).

pub(crate) mod data_file;
pub(crate) mod log_files;
pub(crate) mod parquet_file;
mod plan;
mod retired;
mod stored;
mod table;

pub use data_file::DataFile;
pub(crate) use plan::plan;
pub use plan::{TableChange, TableMade};
pub use stored::Snapshot;
pub(crate) use stored::{Commit, CommitOutcome};
pub use table::LakeTable;
