//! `POST /api/v1/feeds/{feed}/quarantine/replay`: reads quarantined rows again with today's definition.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::Permission;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiJson, ApiPath};
use crate::problem::Problem;

/// Which rows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// Ids of rows; all open rows if missing.
    #[serde(default)]
    ids: Option<Vec<String>>,
}

/// What became of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    replayed: usize,
    still_quarantined: usize,
}

/// Stores the rows that fit now.
#[utoipa::path(post, path = "/api/v1/feeds/{feed}/quarantine/replay", tag = "feeds",
    params(("feed" = String, Path, description = "Id of the feed")), request_body = ReplayRequest,
    responses((status = 200, body = Replayed), (status = 403, body = crate::problem::ProblemBody),
        (status = 404, body = crate::problem::ProblemBody)))]
pub async fn replay_quarantine(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(feed): ApiPath<String>,
    ApiJson(request): ApiJson<ReplayRequest>,
) -> Result<Json<Replayed>, Problem> {
    caller.require(Permission::FeedManage)?;
    let answer = Box::pin(app.feeds.replay(&feed, request.ids.as_deref())).await?;
    Ok(Json(Replayed { replayed: answer.replayed, still_quarantined: answer.still_quarantined }))
}
