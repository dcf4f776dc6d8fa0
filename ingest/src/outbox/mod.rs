//! The outbox of the operational store as a feed: events in commit order become rows of lake tables. Each
//! table keeps its own cursor in its own commits, so that a crash between two tables repeats nothing.

mod event;
mod states;
mod tail;

pub(crate) use states::STATE_COLUMNS;
pub(crate) use tail::{OutboxTail, ahead, oldest_unread};
