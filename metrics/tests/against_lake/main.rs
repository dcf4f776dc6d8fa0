//! Tests that need rows: the case files of the indicators, and what the engine promises about callers and scopes.

mod cases;
mod engine;
mod lake;
