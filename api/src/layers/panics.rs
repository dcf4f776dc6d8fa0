//! The last fence: a panic in a handler becomes a 500 with an incident number, and a line in the log.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// A panic, seen from the log's side.
#[derive(Debug, thiserror::Error)]
#[error("handler panicked: {0}")]
struct Panicked(String);

/// Turns the payload of a panic into an answer.
pub fn answer_panic(payload: Box<dyn Any + Send + 'static>) -> Response {
    let text = payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "unknown payload".to_owned());
    Problem::internal("handle request", &Panicked(text)).into_response()
}
