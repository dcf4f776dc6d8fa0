//! One log line and one count per request: method, route pattern, status, duration, account.
//! Never logged: paths with ids, query strings, bodies, tokens, names of people.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;

/// Where the authentication leaves the account for the log line.
#[derive(Debug, Clone, Default)]
pub struct LoggedAccount(Arc<OnceLock<String>>);

impl LoggedAccount {
    /// Remembers who asks.
    pub fn set(&self, account: &str) {
        // A second authentication in one request is the same account.
        let _ = self.0.set(account.to_owned());
    }
}

/// Logs and counts the request.
pub async fn request_log(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(other)".to_owned(), |path| path.as_str().to_owned());
    let account = LoggedAccount::default();
    request.extensions_mut().insert(account.clone());
    let response = next.run(request).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    app.telemetry.observe(method.as_str(), &route, status, took);
    tracing::info!(
        method = %method,
        route = %route,
        status,
        duration_ms = took.as_secs_f64() * 1000.0,
        account = account.0.get().map_or("-", String::as_str),
        "request"
    );
    response
}
