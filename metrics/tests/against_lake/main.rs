//! Tests that need rows: the case files of the indicators, and what the engine promises about callers and scopes.
#![allow(clippy::unwrap_used, reason = "helpers of tests are no #[test] functions to clippy")]

mod cases;
mod compared;
mod comparison;
mod engine;
mod finer;
mod kept;
mod lake;
