//! Messages of the caller.

mod list_messages;
mod read_message;

pub use list_messages::*;
pub use read_message::*;
