//! `GET /api/v1/boards`: the boards with their tiles and filters, and the members of the dimensions they speak of.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_metrics::DimensionDef;
use pujiang_metrics::dimension::Member;
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
    /// What they are filtered and split by, in the order of ids.
    pub dimensions: Vec<DimensionView>,
}

/// A dimension of a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct DimensionView {
    id: String,
    title: String,
    /// The words for all members together.
    all: String,
    /// The dimension its members lie within.
    parent: Option<String>,
    /// In the order to show. Districts are not listed: every answer names them.
    members: Vec<MemberView>,
}

/// A member of a dimension.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    code: String,
    title: String,
    /// `#rrggbb`.
    colour: Option<String>,
    /// Code of the member of the parent dimension it lies within.
    parent: Option<String>,
    /// Whether it is named where rows hold it and offered nowhere.
    hidden: bool,
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
    /// `period` or `dimension`.
    kind: &'static str,
    /// The dimension it chooses a member of.
    dimension: Option<String>,
    title: String,
}

/// All boards the caller may see.
#[utoipa::path(get, path = "/api/v1/boards", tag = "boards",
    responses((status = 200, body = BoardList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_boards(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<BoardList>, Problem> {
    caller.require(Permission::BoardView)?;
    let mut dimensions = Vec::new();
    let spoken: BTreeSet<&str> = app.boards.iter().flat_map(BoardDef::dimensions).collect();
    for known in spoken.into_iter().filter_map(|id| app.metrics.dimensions().get(id)) {
        let members = match known.is_of_districts() {
            true => Vec::new(),
            false => Box::pin(app.metrics.members(caller.principal(), known)).await?,
        };
        dimensions.push(DimensionView::of(known, members));
    }
    Ok(Json(BoardList { boards: app.boards.iter().map(BoardView::from).collect(), dimensions }))
}

impl DimensionView {
    fn of(known: &DimensionDef, members: Vec<Member>) -> Self {
        Self {
            id: known.id.clone(),
            title: known.title.clone(),
            all: known.all.clone(),
            parent: known.parent.clone(),
            members: members.into_iter().map(MemberView::from).collect(),
        }
    }
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        let Member { code, title, colour, parent, hidden } = member;
        Self { code, title, colour, parent, hidden }
    }
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
        Self {
            id: filter.id.clone(),
            kind: filter.kind.as_str(),
            dimension: filter.kind.dimension().map(str::to_owned),
            title: filter.title.clone(),
        }
    }
}
