//! What waits for a decision: changes of records that need a review, and numbers that two records hold.

mod decide_task;
mod list_tasks;
mod view;

pub use decide_task::*;
pub use list_tasks::*;
pub use view::*;
