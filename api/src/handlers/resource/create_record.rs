//! `POST /api/v1/resources/{resource}`: one new record.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

use super::answered;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiJson, ApiPath};
use crate::problem::Problem;

/// Creates a record; 201 with the record and its version as `ETag`.
pub async fn create_record(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(resource): ApiPath<String>,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> Result<Response, Problem> {
    let record = Box::pin(app.records.create(caller.principal(), &resource, &body)).await?;
    Ok(answered(StatusCode::CREATED, record))
}
