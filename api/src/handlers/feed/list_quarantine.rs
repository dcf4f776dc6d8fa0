//! `GET /api/v1/feeds/{feed}/quarantine`: rows that did not fit, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_ingest::{Originals, QuarantineItem};
use pujiang_security::{Permission, ScopeLevel};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, ApiQuery};
use crate::problem::Problem;

const PAGE: usize = 50;

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuarantineQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// Rows a page, 50 if missing, 500 at most.
    size: Option<usize>,
}

/// A page of quarantined rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineList {
    #[schema(value_type = Vec<Object>)]
    items: Vec<QuarantineItem>,
    next: Option<String>,
}

/// Quarantined rows of a feed. Who manages feeds and may see the whole city gets a preview of each row, in which
/// personal values are masked as their columns say.
#[utoipa::path(get, path = "/api/v1/feeds/{feed}/quarantine", tag = "feeds",
    params(("feed" = String, Path, description = "Id of the feed"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
        ("size" = Option<usize>, Query, description = "Rows a page, 50 if missing, 500 at most")),
    responses((status = 200, body = QuarantineList), (status = 404, body = crate::problem::ProblemBody)))]
pub async fn list_quarantine(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(feed): ApiPath<String>,
    ApiQuery(query): ApiQuery<QuarantineQuery>,
) -> Result<Json<QuarantineList>, Problem> {
    caller.require(Permission::FeedView)?;
    let after = query.after.as_deref().filter(|after| !after.is_empty());
    if after.is_some_and(|after| !after.contains('|') || after.len() > 200) {
        return Err(Problem::invalid("bad_cursor", "翻页标记无效，请从第一页重新查询。").with_field("after"));
    }
    let whole_city = caller.principal().scope().level() == ScopeLevel::City;
    let originals = if whole_city && caller.principal().can(Permission::FeedManage) {
        Originals::Shown
    } else {
        Originals::Withheld
    };
    let page = Box::pin(app.feeds.quarantine(&feed, after, query.size.unwrap_or(PAGE), originals)).await?;
    Ok(Json(QuarantineList { items: page.items, next: page.next }))
}
