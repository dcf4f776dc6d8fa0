//! `GET /readyz`: store and lake answer, and what is written to them stays written.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, Room};
use crate::problem::chain;

/// How long a write may take before the server counts as not ready.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an answer is good.
const FRESH: Duration = Duration::from_secs(1);
/// Written to the lake's folder and removed again.
const PROBE: &str = "_ready.probe";

/// What could be written, and when.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    at: Instant,
    store: bool,
    lake: bool,
}

/// What works.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    ready: bool,
    store: bool,
    lake: bool,
    /// `enough`, `low`, or `short`: new records are refused and reading goes on.
    disk: &'static str,
    /// Bytes left on the disk of the data folder, where it is known.
    disk_free: Option<u64>,
}

/// 200 when requests can be answered and records kept, 503 otherwise.
#[utoipa::path(get, path = "/readyz", tag = "system", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn get_ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Readiness>) {
    let Written { store, lake, .. } = written(&app).await;
    let lake = lake && !app.stop.is_cancelled() && !app.lake.versions().is_empty();
    let room = app.space.room();
    let ready = store && lake && room != Room::Short;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let readiness = Readiness { ready, store, lake, disk: room.as_str(), disk_free: app.space.free() };
    (status, Json(readiness))
}

/// What was written a moment ago, by whoever asked first: anybody may ask, and each write waits for the disk.
async fn written(app: &App) -> Written {
    let mut known = app.written.lock().await;
    if let Some(known) = known.as_ref().filter(|known| known.at.elapsed() < FRESH) {
        return *known;
    }
    let store = is_written(app.store.probe_write()).await;
    let folder = app.lake.root().to_owned();
    let probe = async move { tokio::task::spawn_blocking(move || write_probe(&folder)).await? };
    let lake = is_written::<std::io::Error>(probe).await;
    let now = Written { at: Instant::now(), store, lake };
    *known = Some(now);
    now
}

async fn is_written<E: std::error::Error + 'static>(writing: impl Future<Output = Result<(), E>>) -> bool {
    match tokio::time::timeout(PATIENCE, writing).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(error = %chain(&error), "not ready: a write failed");
            false
        }
        Err(_) => {
            tracing::warn!("not ready: a write did not come to its end");
            false
        }
    }
}

fn write_probe(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(PROBE);
    let written = std::fs::write(&path, [0_u8; 4096]);
    // One that could not be written whole is removed all the same.
    let removed = std::fs::remove_file(&path);
    written.and(removed)
}
