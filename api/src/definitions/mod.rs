//! The definitions of all rooms together: loaded and checked as one set, compared with the set in use, applied, kept, taken
//! back. What a running server does with a new set is in `app/live.rs`.

mod desk;
mod error;
mod plan;
mod rooms;
mod set;

pub use desk::{Applied, Desk, InUse, KeptSet};
pub use error::{DeskError, lines};
pub use plan::{Plan, Rollup};
pub use rooms::{IdChange, RoomChanges};
pub use set::DefinitionSet;
