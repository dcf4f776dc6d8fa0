//! Logging in and out.

mod create_session;
mod delete_session;
mod get_session;
mod view;

pub use create_session::*;
pub use delete_session::*;
pub use get_session::*;
pub use view::{PrincipalView, ScopeBody};
