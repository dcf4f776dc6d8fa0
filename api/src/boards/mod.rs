//! Boards: definitions from `dashboards/boards/*.toml`, and their evaluation through the metrics engine with
//! the rights and rows of the caller. Knows no SQL and no HTTP; what is drawn is the browser's concern.

mod answer;
mod definition;
mod evaluate;
mod kept;
mod load;
mod merge;
mod naming;
mod period;
mod plan;
mod read;

pub use answer::{BoardAnswer, PeriodView, TileAnswer, TileState};
pub use definition::{BoardDef, FilterDef, FilterKind, TileDef, TileKind};
pub use evaluate::{BoardError, BoardRequest, evaluate};
pub use kept::{KeptBoards, RenderedBoard};
pub use load::BoardDefinitions;
