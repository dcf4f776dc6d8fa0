//! The lake against real Delta folders: merging, tombstones, marks, scopes, masks, refusals, catalogs, answers kept,
//! rollups, maintenance.
#![allow(clippy::unwrap_used, reason = "tests")]

mod answers;
mod columns;
mod evolution;
mod filters;
mod limits;
mod merging;
mod partials;
mod pg;
mod plan_size;
mod reading;
mod refused;
mod rows;
mod support;
mod tidying;
mod town;
mod values;
mod verification;
mod why;
