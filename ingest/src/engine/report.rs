//! What a run did, for people and scripts.

use std::collections::BTreeMap;

use serde::Serialize;

/// What became of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileOutcome {
    /// Its rows are in the lake.
    Loaded,
    /// The same content had been loaded before: nothing was done.
    Repeated,
    /// Refused as a whole.
    Refused,
}

/// One file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Feed.
    pub feed: String,
    /// File name.
    pub file: String,
    /// What became of it.
    pub outcome: FileOutcome,
    /// Data rows in it.
    pub rows_in: usize,
    /// Rows that changed the lake (new or replaced).
    pub accepted: usize,
    /// Rows merged as repeated or older.
    pub merged: usize,
    /// Deletes.
    pub deleted: usize,
    /// Rows in quarantine by reason.
    pub quarantined: BTreeMap<String, usize>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The same for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Where its rows went, in a sentence; empty for a refused file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub accounting: String,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// Files in the order they were taken.
    pub files: Vec<FileReport>,
    /// Outbox events brought to the lake.
    pub events: usize,
    /// Files (`feed/name`) that somebody is still writing: they wait for the next run.
    pub left: Vec<String>,
}
