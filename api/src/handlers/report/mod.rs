//! Reports, their runs and files.

mod create_report_run;
mod get_report_file;
mod get_report_run;
mod list_report_runs;
mod list_reports;
mod view;

pub use create_report_run::*;
pub use get_report_file::*;
pub use get_report_run::*;
pub use list_report_runs::*;
pub use list_reports::*;
pub use view::{FileView, RunView};
