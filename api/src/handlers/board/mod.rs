//! Boards.

mod get_board_data;
mod list_boards;

pub use get_board_data::*;
pub use list_boards::*;
