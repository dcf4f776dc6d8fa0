//! Records of all resources; what a record is, is in its definition.

mod create_change;
mod create_record;
mod csv_rows;
mod delete_record;
mod export_records;
mod get_history;
mod get_record;
mod import_records;
mod list_query;
mod list_records;
mod list_resources;
mod reason;
mod run_action;
mod sheet;
mod update_record;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pujiang_transactional::Record;
use serde_json::Value;

pub use create_change::*;
pub use create_record::*;
pub use delete_record::*;
pub use export_records::*;
pub use get_history::*;
pub use get_record::*;
pub use import_records::*;
pub use list_records::*;
pub use list_resources::*;
pub use reason::reason;
pub use run_action::*;
pub use update_record::*;

/// A record with its version as entity tag.
fn answered(status: StatusCode, record: Record) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{}\"", record.version));
    let mut response = (status, Json(Value::Object(record.body))).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
