//! `POST /api/v1/boards/{board}/data`: every tile of a board in one answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pujiang_security::Permission;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::boards::{BoardRequest, RenderedBoard};
use crate::extract::{ApiJson, ApiPath, has_answer};
use crate::problem::Problem;

/// What of a board is asked. Every other key is a dimension the board has a filter of, with the code of its member; null
/// chooses nothing.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct BoardDataRequest {
    /// Month `2026-10`; the last complete month if missing.
    #[serde(default)]
    period: Option<String>,
    /// The indicator the map is coloured by.
    #[serde(default)]
    map_indicator: Option<String>,
    /// The chosen member of each dimension.
    #[serde(flatten)]
    members: BTreeMap<String, Option<String>>,
}

/// Data of a board in the caller's scope. `ETag` is the data version with access and question.
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
    // Who may not see boards is told so first, whatever was chosen.
    caller.require(Permission::BoardView)?;
    let request = BoardRequest {
        period: request.period,
        members: request.members,
        map_indicator: request.map_indicator,
    };
    let answer = app.board_answers.answer(board, &app.metrics, caller.principal(), &request).await?;
    Ok(sent(&answer, &headers))
}

fn sent(answer: &RenderedBoard, headers: &HeaderMap) -> Response {
    let known = answer.tag.as_deref().is_some_and(|tag| has_answer(headers, tag));
    let mut response = match (known, takes_gzip(headers)) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => ([(header::CONTENT_ENCODING, "gzip")], answer.gzip.clone()).into_response(),
        (false, false) => answer.json.clone().into_response(),
    };
    let fixed = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::VARY, "accept-encoding"),
    ];
    for (name, value) in fixed {
        // Inserted, not appended: bytes bring a content type of their own.
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if let Some(tag) = answer.tag.as_deref().and_then(|tag| HeaderValue::from_str(tag).ok()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Whether the client takes gzip, `;q=0` meaning that it does not.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let wanted = |text: &str| {
        text.split(',').any(|one| {
            let mut parts = one.split(';').map(str::trim);
            let refused = |part: &str| {
                part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
            };
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip")) && !parts.any(refused)
        })
    };
    headers.get_all(header::ACCEPT_ENCODING).iter().any(|value| value.to_str().is_ok_and(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_clients() {
        for (text, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0, br", false),
            ("identity", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(text));
            assert_eq!(takes_gzip(&headers), expected, "{text}");
        }
    }
}
