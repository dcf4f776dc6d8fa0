//! Feeds: files of partners and the outbox of the operational store, checked against their contract and
//! committed to the lake together with their cursor. What does not fit goes to quarantine with a reason.
//! This room does not know HTTP routes, indicators or how the operational store makes its outbox.

pub mod clock;
pub mod definition;
pub mod district;
mod engine;
mod error;
pub mod format;
mod ledger;
pub mod mapping;
mod outbox;
pub mod reason;
mod rows;
pub mod value;

pub use clock::{Clock, SystemClock};
pub use definition::{DefinitionError, FeedDef, FeedDefinitions};
pub use engine::{
    FeedStatus, FileOutcome, FileReport, IngestEngine, Originals, PushAnswer, ReplayAnswer, RunReport, Status,
};
pub use error::{ErrorKind, IngestError};
pub use ledger::{QuarantineItem, QuarantinePage, QuarantineState};
pub use reason::{Reason, Refusal, RefusalReason};
