//! `POST /api/v1/metrics/query`: figures of indicators in the caller's scope.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_metrics::{MetricsAnswer, MetricsQuery};
use pujiang_security::Permission;
use serde_json::Value;

use crate::app::App;
use crate::auth::Caller;
use crate::codes::refuse_unknown;
use crate::extract::ApiJson;
use crate::problem::Problem;

/// Figures by dimension and period, with comparisons.
#[utoipa::path(post, path = "/api/v1/metrics/query", tag = "metrics",
    request_body(content = Object, description = "indicators, dimensions, time {grain, from, to}, filters, compare, order, limit"),
    responses(
        (status = 200, description = "columns, rows, data_version, scope, filters, as_of, incomplete_from", body = Object),
        (status = 400, body = crate::problem::ProblemBody), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn query_metrics(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiJson(body): ApiJson<Value>,
) -> Result<Json<MetricsAnswer>, Problem> {
    let query = MetricsQuery::from_json(&body)?;
    // Who may not ask is told so first, whatever was asked.
    caller.require(Permission::MetricsQuery)?;
    refuse_unknown(app.metrics.dimensions(), &query)?;
    let answer = Box::pin(app.metrics.query(caller.principal(), &query)).await?;
    Ok(Json(answer))
}
