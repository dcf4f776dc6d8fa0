//! `GET /readyz`: store and lake answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// What works.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    ready: bool,
    store: bool,
    lake: bool,
}

/// 200 when requests can be answered, 503 otherwise.
#[utoipa::path(get, path = "/readyz", tag = "system", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn get_ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Readiness>) {
    let store = app.store_version().await.is_ok();
    let lake = !app.stop.is_cancelled() && app.lake.root().is_dir() && !app.lake.versions().is_empty();
    let ready = store && lake;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, store, lake }))
}
