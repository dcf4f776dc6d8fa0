//! `POST /api/v1/resources/{resource}/{id}/actions/{action}`: a transition of the workflow.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::answered;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, parse_json, read_body, seen_version};
use crate::problem::Problem;

/// What may come with a transition.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionBody {
    /// Why; some transitions demand it.
    #[serde(default)]
    reason: Option<String>,
}

/// Makes a transition and answers with the record. The body is optional.
pub async fn run_action(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((resource, id, action)): ApiPath<(String, String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let version = seen_version(&headers)?;
    let bytes: Bytes = read_body(request, &app).await?;
    let body = if bytes.is_empty() { ActionBody::default() } else { parse_json(&bytes)? };
    let done = app.records.act(caller.principal(), &resource, &id, &action, version, body.reason.as_deref());
    Ok(answered(StatusCode::OK, Box::pin(done).await?))
}
