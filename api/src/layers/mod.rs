//! What happens to every request around its handler: log, headers, last fence against panics.

mod disk_full;
mod headers;
mod panics;
mod request_log;

pub use disk_full::refuse_when_full;
pub use headers::security_headers;
pub use panics::answer_panic;
pub use request_log::{LoggedAccount, request_log};
