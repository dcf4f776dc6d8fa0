//! The one door (invariant 1): whoever wants to read shows a `Principal` and gets a session whose catalog holds only
//! tables cut to that principal's scope and columns. Nothing else in the workspace makes sessions or opens tables for
//! reading; `clippy.toml` forbids the constructors elsewhere.
//!
//! A statement's way: `parse` (fence, dialect) → `query` (plan, read-only check, alarm, bounds) → `lake_catalog` gives a
//! `scoped_table` → its files by `grants`, its columns by `view` → beneath the `barrier` where rows or values are held back.

mod admitted;
mod amplifying;
mod answers;
mod apart;
mod array;
mod barrier;
mod batch_bound;
mod called;
mod calls;
mod cast_names;
mod comparison;
mod constants;
mod declared;
mod dialect;
mod door;
mod engine;
mod fence;
mod file_scan;
mod fingerprint;
mod footers;
mod forms;
mod functions;
mod grants;
mod hierarchy;
mod join_keys;
mod kept_version;
mod lake_catalog;
mod local_time;
mod memory;
mod microseconds;
mod named;
mod naming;
mod numeric;
mod once;
mod ordinals;
mod own_cast;
mod paced;
mod parse;
mod pg;
mod plan_size;
mod query;
mod rewriting;
mod rollup;
mod scoped_table;
mod session;
mod spelling;
mod subquery;
mod tokens;
mod treated;
mod unasked;
mod view;
mod visible;
mod walk;
mod watch;
mod why;
mod window_keys;
mod window_lists;
mod wording;
mod yielding;

pub use answers::AnswerCacheStatistics;
pub use array::{BadArray, array_elements};
pub use comparison::ComparisonReader;
pub use declared::declare;
pub use door::Door;
pub use fence::LONGEST_STATEMENT;
pub use fingerprint::AccessFingerprint;
pub use functions::{is_json, span_text, texts_of, time_of_text};
pub use kept_version::is_current;
pub use numeric::written;
pub use parse::parse;
pub use query::{Answer, AnswerLimit, AnswerStream, Prepared};
pub(crate) use scoped_table::ScopedTable;
pub use session::ScopedSession;
pub(crate) use view::TableView;
pub use visible::{VisibleColumn, VisibleTable};
pub use why::{Verdict, Why, WhyColumn};
