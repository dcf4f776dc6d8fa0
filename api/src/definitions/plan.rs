//! What applying a set of definitions would change, for people and programs. Makes no decision but whether it can be done.

use std::path::Path;

use pujiang_definition::Overlay;
use pujiang_transactional::{self as transactional, Made, Store};
use pujiang_warehouse::{Lake, RollupKind, RollupSpec, TableMade};

use super::rooms::{self, RoomChanges};
use super::{DefinitionSet, DeskError};

/// Everything that would change against the set in use.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Number of the set in use; 0 where none was applied yet.
    pub follows: i64,
    /// Name of the content that was looked at.
    pub edition: String,
    /// Definitions, room by room.
    pub rooms: Vec<RoomChanges>,
    /// Tables of the operational store.
    pub store: Vec<transactional::TableChange>,
    /// Tables of the lake.
    pub lake: Vec<pujiang_warehouse::TableChange>,
    /// Partial aggregates that would be computed anew.
    pub rollups: Vec<Rollup>,
}

/// Partial aggregates over a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollup {
    /// The table.
    pub table: String,
    /// Its column of time; empty where time does not count.
    pub time: String,
    /// Columns they are told apart by, beside the district.
    pub dimensions: Vec<String>,
    /// What is counted or added up, in words.
    pub counts: String,
}

/// A set with the files that lie over the built-in ones.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What they say.
    pub set: &'a DefinitionSet,
    /// The files.
    pub overlay: &'a Overlay,
}

impl Plan {
    /// Compares two sets, and the newer one with what is stored.
    pub async fn make(
        (follows, older): (i64, Side<'_>),
        (edition, newer): (String, Side<'_>),
        store: &Store,
        lake: &Path,
    ) -> Result<Self, DeskError> {
        let tables = transactional::plan(store, &older.set.resources, &newer.set.resources);
        let store = Box::pin(tables).await.map_err(DeskError::Store)?;
        let lake = Lake::plan(lake, &older.set.tables, &newer.set.tables).await.map_err(DeskError::Lake)?;
        let known = older.set.indicators.rollups();
        let rollups = newer.set.indicators.rollups();
        let rollups = rollups.iter().filter(|spec| !known.contains(spec)).map(Rollup::from).collect();
        let rooms = rooms::changes((older.set, older.overlay), (newer.set, newer.overlay));
        Ok(Self { follows, edition, rooms, store, lake, rollups })
    }

    /// What cannot be done, each with its table.
    pub fn problems(&self) -> Vec<String> {
        let store = self.store.iter().flat_map(|table| {
            table.problems.iter().map(move |problem| format!("业务库 {}：{problem}", table.resource))
        });
        let lake = self.lake.iter().flat_map(|table| {
            table.problems.iter().map(move |problem| format!("数据湖 {}：{problem}", table.table))
        });
        store.chain(lake).collect()
    }

    /// Whether applying would leave everything as it is.
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty() && self.store.is_empty() && self.lake.is_empty()
    }

    /// In words, a line for each thing.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![match self.follows {
            0 => "与程序内置的定义相比：".to_owned(),
            number => format!("与正在使用的第 {number} 套定义相比："),
        }];
        if self.is_empty() {
            lines.push("没有变化".to_owned());
        }
        for room in &self.rooms {
            lines.extend(
                room.changes.iter().map(|(id, change)| format!("{}{} {id}", change.title(), room.thing)),
            );
        }
        let columns = |room: &str, table: &str, columns: &[String]| match columns {
            [] => None,
            columns => Some(format!("{room}：表 {table} 增加列 {}", columns.join("、"))),
        };
        lines.extend(self.store.iter().filter_map(|table| match &table.made {
            Made::Table => Some(format!("业务库：新建表 {}", table.resource)),
            Made::Columns(new) => columns("业务库", &table.resource, new),
        }));
        lines.extend(self.lake.iter().filter_map(|table| match &table.made {
            TableMade::Table => Some(format!("数据湖：新建表 {}", table.table)),
            TableMade::Columns(new) => columns("数据湖", &table.table, new),
        }));
        lines.extend(self.rollups.iter().map(Rollup::line));
        lines
    }
}

impl Rollup {
    fn line(&self) -> String {
        let time = if self.time.is_empty() { String::new() } else { format!("，按 {} 逐日", self.time) };
        let dimensions = match self.dimensions.is_empty() {
            true => String::new(),
            false => format!("，分 {}", self.dimensions.join("、")),
        };
        format!("需重新计算：表 {} 的{}{time}{dimensions}", self.table, self.counts)
    }
}

impl From<&RollupSpec> for Rollup {
    fn from(spec: &RollupSpec) -> Self {
        let counts = match &spec.kind {
            RollupKind::Additive { measures } => format!("{} 项合计", measures.len()),
            RollupKind::Distinct { .. } => "去重计数".to_owned(),
            RollupKind::Codes { .. } => "登记情况".to_owned(),
        };
        Self {
            table: spec.table.clone(),
            time: spec.time.clone(),
            dimensions: spec.dimensions.clone(),
            counts,
        }
    }
}
