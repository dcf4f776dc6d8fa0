//! SQL for people: one service that HTTP, export, command line and the PostgreSQL wire all ask. It checks the permission,
//! gives each account its fair turn, bounds time, size and what is not read, and writes the audit entry before the answer is complete.
//! Which rows and columns an answer may hold is decided behind `pujiang_warehouse::Door`, not here.

mod answering;
mod asking;
mod blank;
mod figures;
mod governor;
mod interrupt;
mod problem;
mod question;
mod record;
mod refusal;
mod service;
mod unread;

pub use answering::Answering;
pub use figures::{Ending, Figures};
pub use interrupt::Interrupt;
pub use question::{Channel, Inquiry, Question, TIME_LIMIT};
pub use refusal::Refusal;
pub use service::SqlService;
pub use unread::{Held, Unread, UnreadBounds};
