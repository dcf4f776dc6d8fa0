//! Reports rendered from data, scheduled, pushed, recorded. One report is one definition (`definitions/<id>.toml`) and
//! one template (`templates/<id>/main.typ`); rendering is a pure function of `data::ReportData`, asked for from the
//! metrics engine as the recipient. Knows no SQL of the lake, no HTTP, no accounts.

pub mod channel;
pub mod chart;
pub mod clock;
pub mod data;
pub mod definition;
pub mod engine;
mod error;
pub mod ledger;
pub mod pdf;
pub mod period;
pub mod schedule;
pub mod text;
pub mod xlsx;

pub use clock::{Clock, FixedClock, SystemClock};
pub use definition::{ChannelKind, DefinitionError, Format, ReportDefinition, ReportDefinitions};
pub use engine::{
    Progress, Recipients, RecipientsError, ReportEngine, ReportEntry, RunSummary, ScopeFailure,
};
pub use error::{ErrorKind, ReportError};
pub use ledger::{Cause, InboxLink, InboxMessage, RunFile, RunRecord, RunState, ensure_schema};
pub use period::{Period, PeriodError};
pub use schedule::runner::Schedules;
