//! What PostgreSQL's words mean and the engine understands otherwise or not at all, said in words the engine has: regular
//! expressions, patterns of SIMILAR TO, collations, lengths of texts, how often a row stands in EXCEPT ALL, numbers written out.

mod collation;
mod digits;
mod length;
mod multiplicity;
mod regular;
mod similar;

use datafusion::logical_expr::ScalarUDF;
use datafusion::sql::sqlparser::ast::Statement;

pub(super) use multiplicity::count_copies;
pub(super) use regular::complaint;

/// Changes the statement in place.
///
/// # Errors
/// A sentence about what cannot be said otherwise.
pub(super) fn adapt(statement: &mut Statement) -> Result<(), String> {
    digits::write_out(statement)?;
    collation::sort_by_keys(statement)?;
    length::cut(statement);
    similar::match_whole(statement);
    regular::translate(statement)?;
    multiplicity::mark_copies(statement);
    Ok(())
}

/// The functions the words above become.
pub(super) fn functions() -> [ScalarUDF; 4] {
    [collation::function(), similar::function(), regular::function(), multiplicity::function()]
}
