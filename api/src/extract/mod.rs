//! Extractors whose refusals are problem+json: body, query string, path, entity tag.
//! Handlers use these instead of axum's own, whose refusals are plain text.

mod if_match;
mod if_none_match;
mod json;
mod path;
mod query;

pub use if_match::seen_version;
pub use if_none_match::has_answer;
pub use json::{ApiJson, parse_json, read_body};
pub use path::ApiPath;
pub use query::{ApiQuery, QueryPairs};
