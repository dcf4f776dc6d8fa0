//! `JOIN … USING (k)` written with ON. In PostgreSQL the column that is joined by is one: that of the left side, of a RIGHT JOIN that of the
//! right one, of a FULL JOIN whichever there is. The engine takes the left one for all, so that keys of rows without a partner
//! were NULL, and calls the name ambiguous in WHERE. Here each place that names the column without a table names what is meant.
//! Joins of brackets, and those after which a name has several owners, stay as they are.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, ExceptSelectItem, Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectName,
    ObjectNamePart, OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    TableFactor, TableWithJoins, WildcardAdditionalOptions,
};

use super::super::walk::{Flow, Rewrite, rewrite};
use super::build::{balanced, call};

/// Changes the query in place.
pub(super) fn spell_out(query: &mut Query) {
    let mut known = None;
    of_body(&mut query.body, &mut known);
    // Names in ORDER BY that the answer has are those of the answer.
    if let (SetExpr::Select(select), Some(merged)) = (query.body.as_ref(), known)
        && let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(keys) = &mut order.kind
    {
        let shown: Vec<&Ident> = select.projection.iter().filter_map(shown).collect();
        for key in keys {
            let is_shown =
                matches!(&key.expr, Expr::Identifier(name) if shown.iter().any(|one| same(one, name)));
            if !is_shown {
                let _ = rewrite(&mut key.expr, &mut Names { merged: &merged, depth: 0 });
            }
        }
    }
}

/// Refuses all columns of a NATURAL JOIN: PostgreSQL shows those that are joined by first, and which these are the text
/// does not say.
///
/// # Errors
/// A sentence with what to write instead.
pub(super) fn check(query: &Query) -> Result<(), String> {
    let SetExpr::Select(select) = query.body.as_ref() else { return Ok(()) };
    let is_natural = |join: &Join| {
        matches!(constraint(&mut join.join_operator.clone()), Some((JoinConstraint::Natural, _)))
    };
    let joins = select.from.iter().flat_map(|from| &from.joins);
    let has_star = select.projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_)));
    match has_star && joins.into_iter().any(is_natural) {
        true => Err("不支持 NATURAL JOIN 与 SELECT * 同用；请写明列名，或改用 JOIN … USING (列)".to_owned()),
        false => Ok(()),
    }
}

/// A column that is joined by, and what it stands for.
type Merged = Vec<(Ident, Expr)>;

fn of_body(body: &mut SetExpr, known: &mut Option<Merged>) {
    match body {
        SetExpr::Select(select) => {
            if let Some((from, merged, tables)) = joined(select) {
                select.from = vec![from];
                spell_names(select, &merged, &tables);
                *known = Some(merged);
            }
        }
        SetExpr::SetOperation { left, right, .. } => {
            of_body(left, &mut None);
            of_body(right, &mut None);
        }
        _ => {}
    }
}

/// A table of a join, and the columns of it that are joined by.
struct Joined {
    name: Ident,
    columns: Vec<Ident>,
}

/// The FROM of a select with ON, what its joins merged, and its tables in order.
fn joined(select: &Select) -> Option<(TableWithJoins, Merged, Vec<Joined>)> {
    let [from] = select.from.as_slice() else { return None };
    let mut from = from.clone();
    let mut tables = vec![Joined { name: called(&from.relation)?, columns: vec![] }];
    let (mut merged, mut found) = (Merged::new(), false);
    for join in &mut from.joins {
        let right = called(&join.relation)?;
        let mut columns = Vec::new();
        if let Some((constraint, kept)) = constraint(&mut join.join_operator)
            && let JoinConstraint::Using(names) = constraint
        {
            found = true;
            let mut conditions = Vec::new();
            for name in names.iter() {
                let [ObjectNamePart::Identifier(name)] = name.0.as_slice() else { return None };
                let before = merged.iter().find(|(known, _)| same(known, name)).map(|(_, expr)| expr.clone());
                let left = match (before, tables.as_mut_slice()) {
                    (Some(before), _) => before,
                    (None, [only]) => {
                        only.columns.push(name.clone());
                        column(&only.name, name)
                    }
                    (None, _) => return None,
                };
                let own = column(&right, name);
                conditions.push(equal(left.clone(), own.clone()));
                let one = match kept {
                    Kept::Left => left,
                    Kept::Right => own,
                    Kept::Either => Expr::Function(call("coalesce", vec![left, own])),
                };
                merged.retain(|(known, _)| !same(known, name));
                merged.push((name.clone(), one));
                columns.push(name.clone());
            }
            *constraint = JoinConstraint::On(balanced(conditions, &BinaryOperator::And)?);
        } else if matches!(&join.join_operator, JoinOperator::Join(JoinConstraint::Natural)) {
            return None;
        }
        tables.push(Joined { name: right, columns });
    }
    found.then_some((from, merged, tables))
}

/// Whose value stands for the column.
#[derive(Clone, Copy)]
enum Kept {
    Left,
    Right,
    Either,
}

fn constraint(join: &mut JoinOperator) -> Option<(&mut JoinConstraint, Kept)> {
    match join {
        JoinOperator::Join(on) | JoinOperator::Inner(on) => Some((on, Kept::Left)),
        JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => Some((on, Kept::Left)),
        JoinOperator::Right(on) | JoinOperator::RightOuter(on) => Some((on, Kept::Right)),
        JoinOperator::FullOuter(on) => Some((on, Kept::Either)),
        _ => None,
    }
}

/// Names in a select, and its stars: the columns that are joined by first, then the rest of each table.
fn spell_names(select: &mut Select, merged: &Merged, tables: &[Joined]) {
    let mut list = Vec::new();
    for item in std::mem::take(&mut select.projection) {
        match item {
            SelectItem::Wildcard(_) => {
                let column = |(name, expr): &(Ident, Expr)| SelectItem::ExprWithAlias {
                    expr: expr.clone(),
                    alias: name.clone(),
                };
                list.extend(merged.iter().map(column));
                list.extend(tables.iter().map(rest));
            }
            SelectItem::UnnamedExpr(Expr::Identifier(name)) => {
                let expr = meant(&name, merged).unwrap_or_else(|| Expr::Identifier(name.clone()));
                list.push(SelectItem::ExprWithAlias { expr, alias: name });
            }
            other => list.push(other),
        }
    }
    select.projection = list;
    let _ = rewrite(select, &mut Names { merged, depth: 0 });
}

fn rest(table: &Joined) -> SelectItem {
    let mut columns = table.columns.iter().cloned();
    let opt_except = columns
        .next()
        .map(|first_element| ExceptSelectItem { first_element, additional_elements: columns.collect() });
    SelectItem::QualifiedWildcard(
        SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(vec![table.name.clone()])),
        WildcardAdditionalOptions { opt_except, ..WildcardAdditionalOptions::default() },
    )
}

/// Writes what names stand for; those of sub-queries are their own.
struct Names<'a> {
    merged: &'a Merged,
    depth: usize,
}

impl Rewrite for Names<'_> {
    fn pre_visit_query(&mut self, _: &mut Query) -> Flow {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> Flow {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if self.depth == 0
            && let Expr::Identifier(name) = expr
            && let Some(one) = meant(name, self.merged)
        {
            *expr = one;
        }
        ControlFlow::Continue(())
    }
}

fn meant(name: &Ident, merged: &Merged) -> Option<Expr> {
    merged.iter().find(|(known, _)| same(known, name)).map(|(_, expr)| expr.clone())
}

fn called(table: &TableFactor) -> Option<Ident> {
    match table {
        TableFactor::Table { name, alias, .. } => match alias {
            Some(alias) => Some(alias.name.clone()),
            None => name.0.last().and_then(ObjectNamePart::as_ident).cloned(),
        },
        TableFactor::Derived { alias, .. } => alias.as_ref().map(|alias| alias.name.clone()),
        _ => None,
    }
}

fn shown(item: &SelectItem) -> Option<&Ident> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last(),
        _ => None,
    }
}

fn column(table: &Ident, name: &Ident) -> Expr {
    Expr::CompoundIdentifier(vec![table.clone(), name.clone()])
}

fn equal(left: Expr, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op: BinaryOperator::Eq, right: Box::new(right) }
}

/// Whether two names mean the same column: without quotes capitals count for nothing.
fn same(one: &Ident, other: &Ident) -> bool {
    let plain = |ident: &Ident| match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    };
    plain(one) == plain(other)
}
