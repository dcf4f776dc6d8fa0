//! Definitions of the running server: what a changed set would do, applying it, what was applied, taking it back.

mod apply_definitions;
mod get_definition_set;
mod get_plan;
mod list_history;
mod revert_definitions;
mod view;

use std::sync::Arc;

pub use apply_definitions::*;
pub use get_definition_set::*;
pub use get_plan::*;
pub use list_history::*;
pub use revert_definitions::*;
pub use view::*;

use crate::app::App;
use crate::definitions::Applied;
use crate::problem::Problem;

/// Longest note.
const LONGEST_NOTE: usize = 500;

/// A note as it is kept.
fn note(text: Option<String>) -> Result<Option<String>, Problem> {
    let note = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        let detail = format!("说明最多 {LONGEST_NOTE} 个字，请缩短。");
        return Err(Problem::invalid("invalid_fields", detail).with_field("note"));
    }
    Ok(note)
}

/// Has an applied set taken up before the answer goes out, so that the next request of the caller meets it.
async fn taken_up(app: &Arc<App>, applied: Applied) -> Result<AppliedView, Problem> {
    let running = match app.live() {
        // A task of its own: a caller that goes away must not leave half of it.
        Some(live) => {
            let taking = tokio::spawn(async move { Box::pin(live.take_up()).await });
            let taken = taking.await.map_err(|error| Problem::internal("take up definitions", &error))?;
            taken.map_err(|error| Problem::internal("take up definitions", &error))?
        }
        None => app.applied,
    };
    Ok(AppliedView::new(applied, running))
}
