//! `PATCH /api/v1/resources/{resource}/{id}`: changes the named fields of the version the caller has seen.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value};

use super::answered;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiJson, ApiPath, seen_version};
use crate::problem::Problem;

/// Updates a record; without `If-Match` 428, with an old version 412.
pub async fn update_record(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((resource, id)): ApiPath<(String, String)>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> Result<Response, Problem> {
    let version = seen_version(&headers)?;
    let record = Box::pin(app.records.update(caller.principal(), &resource, &id, version, &body)).await?;
    Ok(answered(StatusCode::OK, record))
}
