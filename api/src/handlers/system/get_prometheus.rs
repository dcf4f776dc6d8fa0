//! `GET /metrics`: counters for Prometheus. Holds no business data: counts of rows, never their content.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use pujiang_ingest::FeedStatus;
use pujiang_metrics::CacheFigures;
use pujiang_warehouse::TableStatus;

use crate::app::App;
use crate::problem::Problem;
use crate::telemetry::{Name, Sample, panics};

/// A series and how its value is read from a status.
type Series<T> = (Name, fn(&T) -> f64);

/// Requests, latency, feeds, tables.
#[utoipa::path(get, path = "/metrics", tag = "system", security(()),
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn get_prometheus(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Problem> {
    let status = app.feeds.status().await?;
    let mut samples = Vec::new();
    // A feed that never ran has no lag, and no series of it.
    samples.extend(status.iter().filter_map(|(feed, status)| {
        let labels = vec![("feed", feed.clone())];
        Some(Sample { name: Name::FeedLag, labels, value: status.lag_seconds? as f64 })
    }));
    let series: [Series<FeedStatus>; 2] = [
        (Name::FeedRowsIn, |feed| feed.rows_in as f64),
        (Name::FeedRowsStored, |feed| feed.rows_stored as f64),
    ];
    for (name, value) in series {
        samples.extend(status.iter().map(|(feed, status)| Sample {
            name,
            labels: vec![("feed", feed.clone())],
            value: value(status),
        }));
    }
    for (feed, status) in &status {
        samples.extend(status.quarantined.iter().map(|(reason, rows)| Sample {
            name: Name::FeedQuarantined,
            labels: vec![("feed", feed.clone()), ("reason", reason.clone())],
            value: *rows as f64,
        }));
    }
    let tables = app.lake.status();
    let series: [Series<TableStatus>; 3] = [
        (Name::TableVersion, |table| table.version as f64),
        (Name::TableRows, |table| table.rows as f64),
        (Name::TableFiles, |table| table.files as f64),
    ];
    for (name, value) in series {
        samples.extend(tables.iter().map(|table| Sample {
            name,
            labels: vec![("table", table.id.clone())],
            value: value(table),
        }));
    }
    samples.extend(kept([
        ("answers", app.metrics.cache_figures()),
        ("comparisons", app.metrics.comparison_figures()),
        ("boards", app.board_answers.figures()),
    ]));
    samples.extend(app.sql.figures().questions().into_iter().map(|(channel, ending, count)| Sample {
        name: Name::SqlQueries,
        labels: vec![("channel", channel.as_str().to_owned()), ("ending", ending.as_str().to_owned())],
        value: count as f64,
    }));
    let cache = app.sql.door().answer_cache();
    for (name, value) in [
        (Name::SqlWaiting, app.sql.waiting() as f64),
        (Name::SqlUnread, app.sql.unread().held() as f64),
        (Name::Panics, panics() as f64),
        (Name::WireConnections, app.sql.figures().connections() as f64),
        (Name::SqlCacheEntries, cache.entries as f64),
        (Name::SqlCacheBytes, cache.bytes as f64),
        (Name::SqlCacheHits, cache.hits as f64),
        (Name::SqlCacheMisses, cache.misses as f64),
    ] {
        samples.push(Sample { name, labels: Vec::new(), value });
    }
    let text = app.telemetry.render(&samples);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

/// One series per figure and keeper of answers; the values of a name stand together, as Prometheus wants them.
fn kept(caches: [(&str, CacheFigures); 3]) -> Vec<Sample> {
    let series: [Series<CacheFigures>; 6] = [
        (Name::CacheEntries, |figures| figures.entries as f64),
        (Name::CacheBytes, |figures| figures.bytes as f64),
        (Name::CacheHits, |figures| figures.hits as f64),
        (Name::CacheJoined, |figures| figures.joined as f64),
        (Name::CacheMisses, |figures| figures.misses as f64),
        (Name::CacheEvicted, |figures| figures.evicted as f64),
    ];
    let mut samples = Vec::new();
    for (name, value) in series {
        samples.extend(caches.iter().map(|(cache, figures)| Sample {
            name,
            labels: vec![("cache", (*cache).to_owned())],
            value: value(figures),
        }));
    }
    samples
}
