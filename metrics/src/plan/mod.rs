//! From questions to reads, without doing any: which rollups the indicators need (`rollups`), which days each figure
//! is made of (`windows`), and the segments of time that a read adds up so that all windows can be composed (`segments`).

mod rollups;
mod segments;
mod windows;

pub(crate) use rollups::{DELTA, IDS, OverlapPart, Part, PartKind, RECORD, RollupPlan};
pub(crate) use segments::{Segments, epoch_day};
pub(crate) use windows::{Role, Window, window, windows};
