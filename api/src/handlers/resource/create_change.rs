//! `POST /api/v1/resources/{resource}/{id}/changes`: asks for a change that the state of a record leaves to a review.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiJson, ApiPath, seen_version};
use crate::handlers::workflow::TaskView;
use crate::problem::Problem;

/// What is to change, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRequest {
    /// New values by field.
    #[schema(value_type = Object)]
    fields: Map<String, Value>,
    /// Why; the reviewer reads it, and it stays on record.
    #[serde(default)]
    reason: Option<String>,
}

/// Asks for a change of the version in `If-Match`; 201 with the task somebody else decides.
pub async fn create_change(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((resource, id)): ApiPath<(String, String)>,
    headers: HeaderMap,
    ApiJson(ChangeRequest { fields, reason }): ApiJson<ChangeRequest>,
) -> Result<(StatusCode, Json<TaskView>), Problem> {
    let version = seen_version(&headers)?;
    let asked =
        app.records.request_change(caller.principal(), &resource, &id, version, &fields, reason.as_deref());
    Ok((StatusCode::CREATED, Json(TaskView::from(Box::pin(asked).await?))))
}
