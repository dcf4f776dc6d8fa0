//! `GET /api/v1/boards`: the boards with their tiles and filters.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::boards::{BoardDef, FilterDef, TileDef};
use crate::problem::Problem;

/// All boards.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardList {
    /// In the order of their ids.
    pub boards: Vec<BoardView>,
}

/// One board.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardView {
    id: String,
    title: String,
    description: String,
    tiles: Vec<TileView>,
    filters: Vec<FilterView>,
}

/// One tile.
#[derive(Debug, Serialize, ToSchema)]
pub struct TileView {
    id: String,
    kind: &'static str,
    title: String,
    description: Option<String>,
    span: u8,
    indicators: Vec<String>,
    dimension: Option<String>,
    grain: &'static str,
    periods: u32,
    compare: Vec<&'static str>,
    limit: Option<u32>,
}

/// One filter.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilterView {
    id: String,
    kind: &'static str,
    title: String,
}

/// All boards the caller may see.
#[utoipa::path(get, path = "/api/v1/boards", tag = "boards",
    responses((status = 200, body = BoardList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_boards(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<BoardList>, Problem> {
    caller.require(Permission::BoardView)?;
    Ok(Json(BoardList { boards: app.boards.iter().map(BoardView::from).collect() }))
}

impl From<&BoardDef> for BoardView {
    fn from(board: &BoardDef) -> Self {
        Self {
            id: board.id.clone(),
            title: board.title.clone(),
            description: board.description.clone(),
            tiles: board.tiles.iter().map(TileView::from).collect(),
            filters: board.filters.iter().map(FilterView::from).collect(),
        }
    }
}

impl From<&TileDef> for TileView {
    fn from(tile: &TileDef) -> Self {
        Self {
            id: tile.id.clone(),
            kind: tile.kind.as_str(),
            title: tile.title.clone(),
            description: tile.description.clone(),
            span: tile.span,
            indicators: tile.indicators.clone(),
            dimension: tile.dimension.clone(),
            grain: tile.grain.as_str(),
            periods: tile.periods,
            compare: tile.compare.iter().map(|compare| compare.as_str()).collect(),
            limit: tile.limit,
        }
    }
}

impl From<&FilterDef> for FilterView {
    fn from(filter: &FilterDef) -> Self {
        Self { id: filter.id.clone(), kind: filter.kind.as_str(), title: filter.title.clone() }
    }
}
