//! `POST /api/v1/feeds/{feed}/batches`: a partner pushes rows in the feed's file format.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use pujiang_security::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, read_body};
use crate::problem::Problem;

const KEY: &str = "idempotency-key";

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    /// Rows that changed the lake.
    accepted: usize,
    /// Rows merged as repeated or older.
    merged: usize,
    /// Deletes.
    deleted: usize,
    /// Rows in quarantine.
    quarantined: usize,
    /// The same by reason.
    reasons: BTreeMap<String, usize>,
    /// Data rows of the batch.
    rows_in: usize,
    /// Whether this content had been taken before.
    repeated: bool,
    /// Where its rows went, in a sentence.
    accounting: String,
    /// What was left out (totals, hidden sheets), in a sentence; empty when nothing was.
    detail: String,
}

/// Takes a batch; answered when its rows are in the lake. The same key with the same bytes is the same batch.
#[utoipa::path(post, path = "/api/v1/feeds/{feed}/batches", tag = "feeds",
    params(("feed" = String, Path, description = "Id of the feed"),
        ("Idempotency-Key" = String, Header, description = "Chosen by the sender, one per batch")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = BatchAnswer), (status = 400, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody)))]
pub async fn create_batch(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(feed): ApiPath<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<BatchAnswer>, Problem> {
    caller.require(Permission::FeedManage)?;
    app.feeds.definitions().feed(&feed).ok_or_else(Problem::not_found)?;
    let key = idempotency_key(&headers)?;
    let bytes = read_body(request, &app).await?;
    if bytes.is_empty() {
        return Err(Problem::invalid("empty_batch", "请求体是空的，请按该来源的文件格式提交数据。"));
    }
    let name = format!("push-{key}");
    let answer = Box::pin(app.feeds.push(&feed, bytes.to_vec(), &name, &key)).await?;
    Ok(Json(BatchAnswer {
        accepted: answer.accepted,
        merged: answer.merged,
        deleted: answer.deleted,
        quarantined: answer.quarantined,
        reasons: answer.reasons,
        rows_in: answer.rows_in,
        repeated: answer.repeated,
        accounting: answer.accounting,
        detail: answer.detail,
    }))
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get(KEY).and_then(|value| value.to_str().ok()).map(str::trim);
    match key {
        Some(key) if (1..=128).contains(&key.len()) => Ok(key.to_owned()),
        _ => Err(Problem::invalid(
            "idempotency_key_required",
            "请在 Idempotency-Key 请求头中给这一批数据一个唯一编号（1–128 个字符），重发时用同一个。",
        )
        .with_field("Idempotency-Key")),
    }
}
