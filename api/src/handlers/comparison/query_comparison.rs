//! `POST /api/v1/comparisons/{comparison}/query`: the caller's districts beside all districts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pujiang_metrics::ComparisonQuery;
use serde_json::Value;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiJson, ApiPath, has_answer};
use crate::problem::Problem;

/// Average, rank and quarter; small cells and what would give them away are left out. `ETag` is the data version with
/// access and question.
#[utoipa::path(post, path = "/api/v1/comparisons/{comparison}/query", tag = "comparisons",
    params(("comparison" = String, Path, description = "Id of the comparison")),
    request_body(content = Object, description = "time {from, to} of whole months that are over, dimension"),
    responses(
        (status = 200, description = "comparison, rows, minimum, data_version, scope, as_of", body = Object),
        (status = 304, description = "Nothing has changed since If-None-Match"),
        (status = 400, body = crate::problem::ProblemBody), (status = 403, body = crate::problem::ProblemBody),
        (status = 404, body = crate::problem::ProblemBody)))]
pub async fn query_comparison(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(comparison): ApiPath<String>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<Value>,
) -> Result<Response, Problem> {
    let query = ComparisonQuery::from_json(&body)?;
    let (tag, answer) = Box::pin(app.metrics.compare(caller.principal(), &comparison, &query)).await?;
    let mut response = match has_answer(&headers, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Json(answer.as_ref()).into_response(),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
