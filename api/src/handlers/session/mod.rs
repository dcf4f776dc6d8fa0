//! Logging in and out, the own password, and looking through another account's eyes.

mod change_password;
mod create_session;
mod create_view;
mod delete_session;
mod get_session;
mod view;

pub use change_password::*;
pub use create_session::*;
pub use create_view::*;
pub use delete_session::*;
pub use get_session::*;
pub use view::{PrincipalView, ScopeBody};
