//! `DELETE /api/v1/resources/{resource}/{id}`: marks a record as deleted.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, seen_version};
use crate::problem::Problem;

/// Deletes a record; with `If-Match` only if it is still that version.
pub async fn delete_record(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((resource, id)): ApiPath<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let version = seen_version(&headers)?;
    Box::pin(app.records.delete(caller.principal(), &resource, &id, version)).await?;
    Ok(StatusCode::NO_CONTENT)
}
