//! The answer of a board as it crosses HTTP: every tile with its own state.

use std::collections::BTreeMap;

use pujiang_metrics::{Column, Missing, ScopeView};
use serde::Serialize;
use serde_json::Value;

/// How a tile came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TileState {
    /// Rows are there.
    Ok,
    /// There is nothing to show, and `detail` says why.
    Empty,
    /// The caller may not ask this.
    Refused,
    /// It went wrong; `code` names it.
    Failed,
}

/// The period shown.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodView {
    /// As chosen: `2026-10`.
    pub value: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// For people: `2026年10月`.
    pub label: String,
    /// Whether it is over.
    pub complete: bool,
    /// The last day the figures cover.
    pub as_of: String,
    /// The last day that changes of a running period are computed from: the last one that is over.
    pub compared_until: Option<String>,
}

/// One tile.
#[derive(Debug, Clone, Serialize)]
pub struct TileAnswer {
    /// How it came out.
    pub state: TileState,
    /// Columns of the rows.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Vec<Value>>,
    /// Of a table with several rows: what all of them are together, in the order of the columns. It is asked for and not
    /// added up, because rates and different things do not add up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole: Option<Vec<Value>>,
    /// First day of the bucket that is not over yet.
    pub incomplete_from: Option<String>,
    /// The last day that is compared of the bucket that is not over yet.
    pub compared_until: Option<String>,
    /// Stretches in which an indicator has no figure, or no change, and why.
    pub missing: Vec<Missing>,
    /// The filters this tile applied; a tile by district shows all districts of the scope.
    pub filters: BTreeMap<String, Vec<String>>,
    /// Chosen filters this tile does not follow, because it is split by them.
    pub ignored_filters: Vec<String>,
    /// The same for people, in Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Stable code unless `ok`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What to do, in Chinese, unless `ok`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl TileAnswer {
    /// A tile without rows, and why.
    pub fn without_rows(state: TileState, code: &str, detail: impl Into<String>) -> Self {
        Self {
            state,
            columns: Vec::new(),
            rows: Vec::new(),
            whole: None,
            incomplete_from: None,
            compared_until: None,
            missing: Vec::new(),
            filters: BTreeMap::new(),
            ignored_filters: Vec::new(),
            note: None,
            code: Some(code.to_owned()),
            detail: Some(detail.into()),
        }
    }
}

/// A whole board.
#[derive(Debug, Clone, Serialize)]
pub struct BoardAnswer {
    /// Id of the board.
    pub board: String,
    /// Its title.
    pub title: String,
    /// The period shown.
    pub period: PeriodView,
    /// Tiles by id.
    pub tiles: BTreeMap<String, TileAnswer>,
    /// Versions of everything read.
    pub data_version: String,
    /// The rows the caller may see.
    pub scope: ScopeView,
    /// The filters chosen.
    pub filters: BTreeMap<String, Option<String>>,
}
