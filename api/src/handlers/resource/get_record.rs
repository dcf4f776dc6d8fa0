//! `GET /api/v1/resources/{resource}/{id}`: one record.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::answered;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiPath;
use crate::problem::Problem;

/// One record of the caller's scope, personal fields masked.
pub async fn get_record(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((resource, id)): ApiPath<(String, String)>,
) -> Result<Response, Problem> {
    let record = Box::pin(app.records.get(caller.principal(), &resource, &id)).await?;
    Ok(answered(StatusCode::OK, record))
}
