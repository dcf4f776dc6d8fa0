//! A question and its answer as callers write and read them, and the check that names every problem of a question.

mod answer;
mod parse;
mod request;
mod validate;

pub use answer::{Column, ColumnType, Gap, MetricsAnswer, Missing, ScopeView};
pub use request::{Compare, MetricsQuery, TimeRange};
pub(crate) use validate::{OrderKey, ValidQuery, validate};
