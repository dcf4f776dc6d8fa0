//! `POST /api/v1/workflow/tasks/{id}/{decision}`: approve, refuse, or withdraw one's own request.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use pujiang_transactional::engine::Decision;

use super::TaskView;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiPath;
use crate::handlers::resource::reason;
use crate::problem::Problem;

/// Decides a task and answers with it. Refusing needs a body `{"reason": …}`.
#[utoipa::path(post, path = "/api/v1/workflow/tasks/{id}/{decision}", tag = "workflow",
    params(("id" = String, Path, description = "待办编号"),
        ("decision" = String, Path, description = "approve、refuse 或 withdraw")),
    responses((status = 200, body = TaskView), (status = 403, body = crate::problem::ProblemBody),
        (status = 404, body = crate::problem::ProblemBody), (status = 409, body = crate::problem::ProblemBody)))]
pub async fn decide_task(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((id, decision)): ApiPath<(String, String)>,
    request: Request,
) -> Result<Json<TaskView>, Problem> {
    let decision = Decision::parse(&decision).ok_or_else(Problem::not_found)?;
    let reason = reason(&app, request).await?;
    let done = app.records.decide(caller.principal(), &id, decision, reason.as_deref());
    Ok(Json(TaskView::from(Box::pin(done).await?)))
}
