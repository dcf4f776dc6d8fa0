//! Public reference data about places.

mod list_streets;

pub use list_streets::*;
