//! Plans and applied sets as they go out.

use pujiang_definition::{FileChange, FileDifference};
use pujiang_transactional::{Made, SetHead};
use pujiang_warehouse::TableMade;
use serde::Serialize;
use utoipa::ToSchema;

use crate::definitions::{Applied, KeptSet, Plan, Rollup, RoomChanges};

/// What applying would change.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefinitionPlan {
    /// Number of the set in use.
    follows: i64,
    /// Name of the content that was looked at; give it to `apply` to apply nothing else.
    edition: String,
    rooms: Vec<RoomPlan>,
    /// Tables of the operational store.
    store: Vec<TablePlan>,
    /// Tables of the lake.
    lake: Vec<TablePlan>,
    /// Partial aggregates that would be computed anew.
    rollups: Vec<RollupPlan>,
    /// What cannot be done; with any of these nothing can be applied.
    problems: Vec<String>,
    /// Everything in words.
    lines: Vec<String>,
}

/// Definitions of one room that differ.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomPlan {
    folder: &'static str,
    title: &'static str,
    changes: Vec<DefinitionChange>,
}

/// A definition that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefinitionChange {
    id: String,
    /// `added`, `changed`, `removed` or `switched_off`.
    change: &'static str,
    title: &'static str,
}

/// A table that does not stay as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct TablePlan {
    table: String,
    /// Whether the table itself would be made.
    new: bool,
    /// Columns that would be added.
    columns: Vec<String>,
    problems: Vec<String>,
}

/// Partial aggregates over a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct RollupPlan {
    table: String,
    time: String,
    dimensions: Vec<String>,
    counts: String,
}

/// A set that was applied.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppliedView {
    /// Its number.
    number: i64,
    /// Number of the set this server answers by now.
    running: i64,
    /// What it changed.
    plan: DefinitionPlan,
    /// Folder, beside the definitions, with the files that lay there and were never applied.
    set_aside: Option<String>,
}

/// The applied sets.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefinitionHistory {
    /// Number of the set this server answers by.
    running: i64,
    sets: Vec<DefinitionSetHead>,
}

/// An applied set.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefinitionSetHead {
    number: i64,
    applied_at: String,
    applied_by: String,
    note: Option<String>,
    edition: String,
}

/// An applied set beside the one before.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefinitionSetView {
    #[serde(flatten)]
    head: DefinitionSetHead,
    /// Names of its files.
    files: Vec<String>,
    differences: Vec<DefinitionDifference>,
}

/// A file that differs from the set before.
#[derive(Debug, Serialize, ToSchema)]
pub struct DefinitionDifference {
    file: String,
    /// `added`, `changed` or `removed`.
    change: &'static str,
    /// Lines behind `+`, `-` or a space.
    lines: Vec<String>,
}

impl From<Plan> for DefinitionPlan {
    fn from(plan: Plan) -> Self {
        let (problems, lines) = (plan.problems(), plan.lines());
        let store = plan.store.into_iter().map(|table| {
            let (new, columns) = match table.made {
                Made::Table => (true, Vec::new()),
                Made::Columns(columns) => (false, columns),
            };
            TablePlan { table: table.resource, new, columns, problems: table.problems }
        });
        let lake = plan.lake.into_iter().map(|table| {
            let (new, columns) = match table.made {
                TableMade::Table => (true, Vec::new()),
                TableMade::Columns(columns) => (false, columns),
            };
            TablePlan { table: table.table, new, columns, problems: table.problems }
        });
        Self {
            follows: plan.follows,
            edition: plan.edition,
            rooms: plan.rooms.into_iter().map(RoomPlan::from).collect(),
            store: store.collect(),
            lake: lake.collect(),
            rollups: plan.rollups.into_iter().map(RollupPlan::from).collect(),
            problems,
            lines,
        }
    }
}

impl From<RoomChanges> for RoomPlan {
    fn from(room: RoomChanges) -> Self {
        let change = |(id, change): (String, crate::definitions::IdChange)| DefinitionChange {
            id,
            change: change.as_str(),
            title: change.title(),
        };
        Self {
            folder: room.folder,
            title: room.thing,
            changes: room.changes.into_iter().map(change).collect(),
        }
    }
}

impl From<Rollup> for RollupPlan {
    fn from(Rollup { table, time, dimensions, counts }: Rollup) -> Self {
        Self { table, time, dimensions, counts }
    }
}

impl AppliedView {
    /// A set that was applied, and which one is running.
    pub fn new(applied: Applied, running: i64) -> Self {
        let set_aside = applied.set_aside.as_deref().and_then(std::path::Path::file_name);
        Self {
            number: applied.number,
            running,
            set_aside: set_aside.map(|name| name.to_string_lossy().into_owned()),
            plan: applied.plan.into(),
        }
    }
}

impl DefinitionHistory {
    /// Sets, newest first, and which one is running.
    pub fn new(sets: Vec<SetHead>, running: i64) -> Self {
        Self { running, sets: sets.into_iter().map(DefinitionSetHead::from).collect() }
    }
}

impl From<SetHead> for DefinitionSetHead {
    fn from(SetHead { number, at, by, note, edition }: SetHead) -> Self {
        Self { number, applied_at: at, applied_by: by, note, edition }
    }
}

impl From<KeptSet> for DefinitionSetView {
    fn from(KeptSet { head, files, differences }: KeptSet) -> Self {
        let difference = |FileDifference { file, change, lines }: FileDifference| DefinitionDifference {
            file,
            change: match change {
                FileChange::Added => "added",
                FileChange::Changed => "changed",
                FileChange::Removed => "removed",
            },
            lines,
        };
        Self { head: head.into(), files, differences: differences.into_iter().map(difference).collect() }
    }
}
