//! `GET /api/v1/resources/{resource}/{id}/history`: who changed a record, when, from what to what.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use pujiang_transactional::engine::{Event, FieldChange, History};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiPath;
use crate::problem::Problem;

/// What happened to a record, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryView {
    items: Vec<EventView>,
    /// Whether there is more than is shown.
    more: bool,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    at: String,
    actor: String,
    actor_name: Option<String>,
    action: String,
    title: String,
    reason: Option<String>,
    changes: Vec<ChangeView>,
}

/// A changed field, in words; personal values masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    field: String,
    title: String,
    from: Option<String>,
    to: Option<String>,
}

/// The history of a record in the caller's scope.
pub async fn get_history(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((resource, id)): ApiPath<(String, String)>,
) -> Result<([(HeaderName, &'static str); 1], Json<HistoryView>), Problem> {
    let History { items, more } = Box::pin(app.records.history(caller.principal(), &resource, &id)).await?;
    let items = items.into_iter().map(EventView::from).collect();
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(HistoryView { items, more })))
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            at: event.at,
            actor: event.actor,
            actor_name: event.actor_name,
            action: event.action,
            title: event.title,
            reason: event.reason,
            changes: event.changes.into_iter().map(ChangeView::from).collect(),
        }
    }
}

impl From<FieldChange> for ChangeView {
    fn from(change: FieldChange) -> Self {
        Self { field: change.field, title: change.title, from: change.from, to: change.to }
    }
}
