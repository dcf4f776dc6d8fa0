//! PostgreSQL's numbers. The engine divides decimals with four more digits than the dividend has and cuts off the rest,
//! cuts decimals when they become whole numbers, and lets integers wrap. Here numbers are planned so that they come out
//! as PostgreSQL's do, or fail as they do there; where the engine already agrees its own operators stay.

mod arithmetic;
mod checked;
mod decimal_range;
mod finite;
mod float_range;
mod floats;
mod nearest;
mod null_if;
mod number;
mod operators;
mod rounded;
mod spread;
mod summand;
mod unconstrained;
mod uniting;
mod whole;
mod wide_product;

pub(super) use checked::ExactSums;
pub(super) use finite::finite_functions;
pub(super) use floats::FloatsFirst;
pub(super) use nearest::nearest;
pub(super) use null_if::null_if;
pub(super) use operators::Operators;
pub(super) use rounded::RoundedCasts;
pub use rounded::written;
pub(super) use spread::spreads;
pub(super) use unconstrained::{call_unconstrained, unconstrained};
pub(super) use uniting::{compared_as, uniting_functions};
pub(super) use whole::whole_functions;
