//! What operators and tools ask the process itself.

mod get_about;
mod get_health;
mod get_openapi;
mod get_prometheus;
mod get_ready;

pub use get_about::*;
pub use get_health::*;
pub use get_openapi::*;
pub use get_prometheus::*;
pub use get_ready::*;
