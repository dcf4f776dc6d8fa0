//! One walk over a parsed statement for everything that looks at it or rewrites it. The parser's visitors are generic over
//! their code through hundreds of node types: a copy for each of ours was most of this crate. Here they are called through
//! a pointer, and the copy is made once.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Query, TableFactor, Visit, VisitMut, Visitor, VisitorMut};

/// Goes on, or ends the walk with a word about what was found.
pub(super) type Flow = ControlFlow<String>;

/// Ends a walk whose finding is that there is one.
pub(super) const FOUND: Flow = ControlFlow::Break(String::new());

/// Changes nodes of a statement. `pre` is called before what a node holds is walked, `post` after it.
pub(super) trait Rewrite {
    /// Before a query.
    fn pre_visit_query(&mut self, _: &mut Query) -> Flow {
        ControlFlow::Continue(())
    }
    /// After a query.
    fn post_visit_query(&mut self, _: &mut Query) -> Flow {
        ControlFlow::Continue(())
    }
    /// Before an entry of a FROM list.
    fn pre_visit_table_factor(&mut self, _: &mut TableFactor) -> Flow {
        ControlFlow::Continue(())
    }
    /// Before an expression.
    fn pre_visit_expr(&mut self, _: &mut Expr) -> Flow {
        ControlFlow::Continue(())
    }
    /// After an expression.
    fn post_visit_expr(&mut self, _: &mut Expr) -> Flow {
        ControlFlow::Continue(())
    }
}

/// Looks at nodes of a statement before what they hold is walked.
pub(super) trait Look {
    /// At an entry of a FROM list.
    fn pre_visit_table_factor(&mut self, _: &TableFactor) -> Flow {
        ControlFlow::Continue(())
    }
    /// At an expression.
    fn pre_visit_expr(&mut self, _: &Expr) -> Flow {
        ControlFlow::Continue(())
    }
}

/// Walks through a node and all below it.
pub(super) fn rewrite(node: &mut impl VisitMut, by: &mut dyn Rewrite) -> Flow {
    node.visit(&mut Rewriting(by))
}

/// Walks through a node and all below it, changing nothing.
pub(super) fn look(node: &impl Visit, by: &mut dyn Look) -> Flow {
    node.visit(&mut Looking(by))
}

struct Rewriting<'a>(&'a mut dyn Rewrite);

impl VisitorMut for Rewriting<'_> {
    type Break = String;

    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        self.0.pre_visit_query(query)
    }
    fn post_visit_query(&mut self, query: &mut Query) -> Flow {
        self.0.post_visit_query(query)
    }
    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> Flow {
        self.0.pre_visit_table_factor(table)
    }
    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        self.0.pre_visit_expr(expr)
    }
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        self.0.post_visit_expr(expr)
    }
}

struct Looking<'a>(&'a mut dyn Look);

impl Visitor for Looking<'_> {
    type Break = String;

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> Flow {
        self.0.pre_visit_table_factor(table)
    }
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        self.0.pre_visit_expr(expr)
    }
}
