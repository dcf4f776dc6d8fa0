//! For auditors: the audit log. Reading only; nobody changes an entry.

mod list_logs;
mod shown;
mod words;

pub use list_logs::*;
