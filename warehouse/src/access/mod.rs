//! The one door (invariant 1): whoever wants to read shows a `Principal` and gets a session whose
//! catalog holds only tables cut to that principal's scope. Nothing else in the workspace makes
//! sessions or opens tables for reading; `clippy.toml` forbids the constructors elsewhere.

mod door;
mod fence;
mod scoped_table;
mod session;

pub use door::Door;
pub(crate) use scoped_table::ScopedTable;
pub use session::{Answer, ScopedSession};
