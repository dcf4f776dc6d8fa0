//! Refusals as HTTP says them.

use axum::http::StatusCode;
use pujiang_warehouse::ErrorKind;

use super::Refusal;
use crate::problem::{Problem, chain};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Forbidden => Self::forbidden("forbidden", text),
            Refusal::Length => Self::invalid("invalid_query", text).with_field("sql"),
            Refusal::Busy => Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_queries", "查询太多", text)
                .with_retry_after(2),
            Refusal::Unread | Refusal::UnreadByAll => {
                Self::unavailable("answers_unread", text).with_retry_after(10)
            }
            Refusal::TimedOut { .. } | Refusal::TooLarge => {
                Self::invalid("query_too_expensive", text).with_field("sql")
            }
            Refusal::Panicked => Self::invalid("unsupported_query", text).with_field("sql"),
            Refusal::Cancelled => Self::conflict("query_cancelled", text),
            Refusal::Unsupported(error) => {
                tracing::warn!(error = %chain(&error), "statement the engine cannot run");
                Self::invalid("unsupported_query", text).with_field("sql")
            }
            // A table that is not there is the text's mistake, not the address's.
            Refusal::Lake(error) if error.kind() == ErrorKind::NotFound => {
                Self::invalid("invalid_query", text).with_field("sql")
            }
            Refusal::Lake(error) => Self::from(error).with_field("sql"),
            Refusal::Audit(error) => Self::from(error),
        }
    }
}
