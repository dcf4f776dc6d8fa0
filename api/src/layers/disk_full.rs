//! Refuses what would store new records while the disk is nearly full, before a body is read. What is left of the disk is
//! for log-ins and audit entries, so that everybody can go on reading.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::{App, Room};
use crate::problem::Problem;

/// Paths below which every request that is no reading stores something large.
const STORING: [&str; 3] = ["/api/v1/resources/", "/api/v1/feeds/", "/api/v1/reports/"];

/// Lets through what only reads, and everything while there is room.
pub async fn refuse_when_full(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.uri().path();
    if !reads && STORING.iter().any(|below| path.starts_with(below)) && app.space.room() == Room::Short {
        return Problem::disk_full().into_response();
    }
    next.run(request).await
}
