//! `GET /api/v1/definitions/history/{number}`: one applied set, and what differs from the one before.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use pujiang_security::Permission;

use super::DefinitionSetView;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiPath;
use crate::problem::Problem;

/// One applied set.
#[utoipa::path(get, path = "/api/v1/definitions/history/{number}", tag = "definitions",
    params(("number" = i64, Path, description = "第几套")),
    responses((status = 200, body = DefinitionSetView), (status = 403, body = crate::problem::ProblemBody),
        (status = 404, body = crate::problem::ProblemBody)))]
pub async fn get_definition_set(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(number): ApiPath<i64>,
) -> Result<([(HeaderName, &'static str); 1], Json<DefinitionSetView>), Problem> {
    caller.require(Permission::DefinitionManage)?;
    let kept = app.desk.show(number).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(kept.into())))
}
