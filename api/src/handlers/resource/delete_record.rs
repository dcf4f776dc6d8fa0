//! `DELETE /api/v1/resources/{resource}/{id}`: marks a record as deleted, as far as its state lets it go.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};

use super::reason;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, seen_version};
use crate::problem::Problem;

/// Deletes a record of the version in `If-Match`; some states ask for a body `{"reason": …}`, some refuse.
pub async fn delete_record(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((resource, id)): ApiPath<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, Problem> {
    let version = seen_version(&headers)?;
    let reason = reason(&app, request).await?;
    let done = app.records.delete(caller.principal(), &resource, &id, version, reason.as_deref());
    Box::pin(done).await?;
    Ok(StatusCode::NO_CONTENT)
}
