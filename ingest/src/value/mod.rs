//! From what a file holds to typed values: numbers, times, identifiers, codes. Pure functions; each says
//! with a [`Reason`](crate::reason::Reason) why it could not.

mod cell;
mod code;
mod identifier;
mod number;
mod serial;
mod text;
mod time;

pub use cell::Cell;
pub use code::{CodeList, code};
pub use identifier::{Letters, identifier};
pub use number::{amount, degrees, integer};
pub use serial::Epoch;
pub(crate) use serial::from_serial;
pub use text::{is_missing, narrow, squeeze};
pub use time::{Zone, local_time};
