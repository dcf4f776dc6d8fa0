//! `GET /api/v1/events`: server-sent ticks when data has changed.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::Sse;
use axum::response::{IntoResponse, Response};

use crate::app::{App, Current, is_session_open};
use crate::auth::Caller;
use crate::events::{StillValid, ticks};
use crate::problem::Problem;

/// Event `data` with `{"tick": n}` at each change; ends with the session.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    responses((status = 200, content_type = "text/event-stream", body = String),
        (status = 401, body = crate::problem::ProblemBody)))]
pub async fn stream_events(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let token = caller.token().to_owned();
    // A stream outlives sets of definitions: it holds on to nothing that is made of one. Also whether a session is still
    // open is said by the roles of the moment: a look through other eyes needs the right to it.
    let current = app.live().map_or_else(|| Current::from(app.clone()), |live| live.current());
    let (changes, stop) = (app.lake.changes(), app.stop.clone());
    let check = move || -> StillValid {
        let (accounts, token) = (current.app().accounts.clone(), token.clone());
        Box::pin(async move { is_session_open(&accounts, &token).await })
    };
    let mut response = Sse::new(ticks(changes, stop, check)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would hold ticks back until its buffer is full.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}
