//! `POST /api/v1/resources/{resource}/{id}/actions/{action}`: a transition of the workflow.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{answered, reason};
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, seen_version};
use crate::problem::Problem;

/// Makes a transition and answers with the record. The body, `{"reason": …}`, is optional where the action demands none.
pub async fn run_action(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((resource, id, action)): ApiPath<(String, String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let version = seen_version(&headers)?;
    let reason = reason(&app, request).await?;
    let done = app.records.act(caller.principal(), &resource, &id, &action, version, reason.as_deref());
    Ok(answered(StatusCode::OK, Box::pin(done).await?))
}
