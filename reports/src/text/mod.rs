//! Figures and sentences in the Chinese of the office. Pure; the exact values stay in the workbook.

mod clauses;
pub mod number;
pub mod sentence;
mod standing;

pub use number::{change, compact, exact, with_unit};
