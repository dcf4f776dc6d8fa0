//! `GET /api/v1/resources/{resource}`: a page of records of the caller's scope.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};

use super::list_query;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, QueryPairs};
use crate::handlers::session::ScopeBody;
use crate::problem::Problem;

/// A page of records.
#[derive(Debug, Serialize)]
pub struct RecordList {
    items: Vec<Map<String, Value>>,
    page: PageView,
    total: i64,
    data_version: String,
    scope: ScopeBody,
    filters: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct PageView {
    next: Option<String>,
    size: usize,
}

/// Filtered, searched, sorted; the next page by `page[after]`.
pub async fn list_records(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(resource): ApiPath<String>,
    QueryPairs(pairs): QueryPairs,
) -> Result<Json<RecordList>, Problem> {
    let asked = list_query::read(pairs)?;
    let data_version = app.store_version().await?;
    let page = Box::pin(app.records.list(caller.principal(), &resource, &asked.query)).await?;
    Ok(Json(RecordList {
        items: page.items.into_iter().map(|record| record.body).collect(),
        page: PageView { next: page.next, size: page.size },
        total: page.total,
        data_version,
        scope: ScopeBody::from(caller.principal()),
        filters: asked.filters,
    }))
}
