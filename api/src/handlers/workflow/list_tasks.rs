//! `GET /api/v1/workflow/todo`, `…/started`, `…/done`: what waits for the caller, what the caller asked for and decided.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_transactional::engine::TaskList;
use serde::Serialize;
use utoipa::ToSchema;

use super::TaskView;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// Tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct TasksView {
    items: Vec<TaskView>,
}

/// What waits for the caller's decision, the oldest first.
#[utoipa::path(get, path = "/api/v1/workflow/todo", tag = "workflow",
    responses((status = 200, body = TasksView), (status = 401, body = crate::problem::ProblemBody)))]
pub async fn list_todo(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<TasksView>, Problem> {
    list(&app, &caller, TaskList::Todo).await
}

/// What the caller asked for, the newest first.
#[utoipa::path(get, path = "/api/v1/workflow/started", tag = "workflow",
    responses((status = 200, body = TasksView), (status = 401, body = crate::problem::ProblemBody)))]
pub async fn list_started(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<TasksView>, Problem> {
    list(&app, &caller, TaskList::Started).await
}

/// What the caller decided, the newest first.
#[utoipa::path(get, path = "/api/v1/workflow/done", tag = "workflow",
    responses((status = 200, body = TasksView), (status = 401, body = crate::problem::ProblemBody)))]
pub async fn list_done(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<TasksView>, Problem> {
    list(&app, &caller, TaskList::Done).await
}

async fn list(app: &App, caller: &Caller, list: TaskList) -> Result<Json<TasksView>, Problem> {
    let tasks = Box::pin(app.records.tasks(caller.principal(), list)).await?;
    Ok(Json(TasksView { items: tasks.into_iter().map(TaskView::from).collect() }))
}
