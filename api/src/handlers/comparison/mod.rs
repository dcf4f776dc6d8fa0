//! Comparisons: a district beside all districts.

mod list_comparisons;
mod query_comparison;

pub use list_comparisons::*;
pub use query_comparison::*;
