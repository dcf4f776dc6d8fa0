//! The lake against real Delta folders: merging, tombstones, marks, scope, rollups, maintenance.
#![allow(clippy::unwrap_used, reason = "tests")]

mod merging;
mod reading;
mod support;
