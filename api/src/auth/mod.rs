//! Who asks: Bearer token → stored session → `Principal`. What a principal may do is decided in `security`.

mod bearer;
mod caller;
mod known;
mod origin;

pub use bearer::bearer_token;
pub use caller::Caller;
pub use known::KnownSessions;
pub use origin::Origin;
