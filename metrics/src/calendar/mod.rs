//! Business time: Shanghai dates, periods of a grain, and the earlier period a period is compared with.
//! Pure arithmetic on dates; the only clock is the one handed in.

mod clock;
mod frame;
mod grain;
mod span;

pub use clock::{Clock, FixedClock, SystemClock};
pub(crate) use frame::{Comparison, Frame, frames};
pub use grain::Grain;
pub use span::Span;
pub(crate) use span::first_of_month;
