//! `POST /api/v1/boards/{board}/data`: every tile of a board in one answer.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::boards::{BoardAnswer, BoardRequest, TileState, evaluate};
use crate::extract::{ApiJson, ApiPath};
use crate::problem::Problem;

/// What of a board is asked.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardDataRequest {
    /// Month `2026-10`; the last complete month if missing.
    #[serde(default)]
    period: Option<String>,
    /// District code.
    #[serde(default)]
    district: Option<String>,
    /// Category.
    #[serde(default)]
    category: Option<String>,
    /// The indicator the map is coloured by.
    #[serde(default)]
    map_indicator: Option<String>,
}

/// Data of a board in the caller's scope. `ETag` is the data version with scope and question.
#[utoipa::path(post, path = "/api/v1/boards/{board}/data", tag = "boards",
    params(("board" = String, Path, description = "Id of the board")),
    request_body = BoardDataRequest,
    responses(
        (status = 200, description = "Period, tiles by id, data_version, scope, filters", body = Object),
        (status = 304, description = "Nothing has changed since If-None-Match"),
        (status = 400, body = crate::problem::ProblemBody), (status = 403, body = crate::problem::ProblemBody),
        (status = 404, body = crate::problem::ProblemBody)))]
pub async fn get_board_data(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(board): ApiPath<String>,
    headers: HeaderMap,
    ApiJson(request): ApiJson<BoardDataRequest>,
) -> Result<Response, Problem> {
    let board = app.boards.get(&board).ok_or_else(Problem::not_found)?;
    let request = BoardRequest {
        period: request.period,
        district: request.district,
        category: request.category,
        map_indicator: request.map_indicator,
    };
    let answer = evaluate(board, &app.metrics, caller.principal(), &request).await?;
    Ok(tagged(&answer, &caller.principal().scope().fingerprint(), &headers))
}

fn tagged(answer: &BoardAnswer, scope: &str, headers: &HeaderMap) -> Response {
    let Some(tag) = tag(answer, scope) else { return Json(answer).into_response() };
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().is_ok_and(|text| text.split(',').any(|one| one.trim().trim_start_matches("W/") == tag))
    });
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Json(answer).into_response() };
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// Versions, question, scope and day; no tag while a tile is failing, so that a retry asks again.
fn tag(answer: &BoardAnswer, scope: &str) -> Option<String> {
    if answer.tiles.values().any(|tile| tile.state == TileState::Failed) {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    (&answer.board, &answer.data_version, scope, &answer.filters).hash(&mut hasher);
    (&answer.period.value, answer.period.complete, &answer.period.as_of, env!("CARGO_PKG_VERSION"))
        .hash(&mut hasher);
    Some(format!("\"{:016x}\"", hasher.finish()))
}
