//! `GET /api/v1/feeds`: what each feed has loaded.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_ingest::FeedStatus;
use pujiang_security::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// All feeds.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedList {
    feeds: Vec<FeedView>,
}

/// One feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedView {
    id: String,
    title: String,
    description: String,
    kind: &'static str,
    #[schema(value_type = Object)]
    status: FeedStatus,
}

/// All feeds with their counts, quarantine and lag.
#[utoipa::path(get, path = "/api/v1/feeds", tag = "feeds",
    responses((status = 200, body = FeedList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_feeds(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<FeedList>, Problem> {
    caller.require(Permission::FeedView)?;
    let mut status = app.feeds.status().await?;
    let feeds = app.feeds.definitions().feeds().map(|feed| FeedView {
        id: feed.id.clone(),
        title: feed.title.clone(),
        description: feed.description.clone(),
        kind: feed.source.kind(),
        status: status.shift_remove(&feed.id).unwrap_or_default(),
    });
    Ok(Json(FeedList { feeds: feeds.collect() }))
}
