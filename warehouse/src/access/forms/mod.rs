//! PostgreSQL's forms the engine does not know, written as ones it does: FETCH FIRST, percentiles within a group,
//! `json_agg`, names of series, sub-queries that give one row. What would be read and left undone is refused. For all
//! statements, since the meaning stays.

mod build;
mod bytes;
mod calls;
mod digits;
mod fetch;
mod gathered;
mod grouping;
mod inner_order;
mod is_null;
mod once;
mod operators;
mod outputs;
mod quantified;
mod relations;
mod scalar;
mod series;
mod subscripts;
mod templates;
mod unnested;
mod using;
mod values;
mod whole_rows;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Query, Statement, TableFactor};

use super::parse::Relations;
use super::walk::{Flow, Rewrite, rewrite};

/// Changes the statement in place.
///
/// # Errors
/// A sentence about a form that has no other here.
pub(super) fn reform(statement: &mut Statement, reads: Relations) -> Result<(), String> {
    if reads != Relations::CatalogOnly {
        inner_order::keep(statement);
    }
    let named = series::names_value(statement);
    match rewrite(statement, &mut Reform { named, reads, is_lateral: false }) {
        ControlFlow::Break(sentence) => Err(sentence),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Reform {
    /// How the statement calls the column of a series.
    named: series::Named,
    reads: Relations,
    /// Whether the query that is visited next may look at the row beside it.
    is_lateral: bool,
}

fn flow(done: Result<(), String>) -> Flow {
    match done {
        Ok(()) => ControlFlow::Continue(()),
        Err(sentence) => ControlFlow::Break(sentence),
    }
}

impl Rewrite for Reform {
    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        if !query.locks.is_empty() {
            return ControlFlow::Break("只读查询不能锁定行，请去掉 FOR UPDATE / FOR SHARE".to_owned());
        }
        let is_lateral = std::mem::take(&mut self.is_lateral);
        if self.reads != Relations::CatalogOnly {
            using::spell_out(query);
            values::type_columns(query, is_lateral);
        }
        once::order(query);
        let done = series::to_from(query)
            .and_then(|()| using::check(query))
            .and_then(|()| whole_rows::check(query))
            .and_then(|()| fetch::first_rows(query))
            .and_then(|()| fetch::check(query))
            .and_then(|()| grouping::spell_out(query));
        flow(match self.reads {
            // What clients ask of catalogs is bent as a whole.
            Relations::CatalogOnly => done,
            Relations::None | Relations::Data => done.and_then(|()| outputs::sort_before_naming(query)),
        })
    }

    fn pre_visit_table_factor(&mut self, relation: &mut TableFactor) -> Flow {
        self.is_lateral = matches!(relation, TableFactor::Derived { lateral: true, .. });
        unnested::rows(relation);
        series::name(relation, self.named);
        flow(relations::check(relation))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Subquery(query) | Expr::InSubquery { subquery: query, .. } = expr
            && self.reads != Relations::CatalogOnly
            && let Err(sentence) = outputs::forget_name(query)
        {
            return ControlFlow::Break(sentence);
        }
        flow(quantified::compare(expr))
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Subquery(query) = expr {
            // What clients ask of catalogs is bent as a whole.
            if self.reads != Relations::CatalogOnly {
                scalar::one_row(query);
            }
            return ControlFlow::Continue(());
        }
        // Catalogs are asked in words that are bent as a whole.
        let known = if self.reads == Relations::CatalogOnly { Ok(()) } else { calls::check(expr) };
        flow(
            known
                .and_then(|()| is_null::read(expr))
                .and_then(|()| operators::replace(expr))
                .and_then(|()| digits::round(expr))
                .and_then(|()| calls::replace(expr)),
        )
    }
}

#[cfg(test)]
mod tests;
