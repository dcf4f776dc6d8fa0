//! Feeds, their quarantine and pushed batches.

mod create_batch;
mod list_feeds;
mod list_quarantine;
mod replay_quarantine;

pub use create_batch::*;
pub use list_feeds::*;
pub use list_quarantine::*;
pub use replay_quarantine::*;
