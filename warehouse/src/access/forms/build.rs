//! Small pieces of a statement.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, Ident, ObjectName, ObjectNamePart,
    OrderByExpr, Value,
};

/// Whether a function is called by this name, with or without a schema before it.
pub(super) fn is(function: &Function, name: &str) -> bool {
    let last = function.name.0.last().and_then(ObjectNamePart::as_ident);
    last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(name))
}

/// The plain arguments of a call; none if one of them is of another kind.
pub(super) fn arguments(function: &Function) -> Option<Vec<Expr>> {
    match &function.args {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::Subquery(_) => None,
        FunctionArguments::List(list) => list
            .args
            .iter()
            .map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
                _ => None,
            })
            .collect(),
    }
}

/// A call.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Function {
    let args = args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect();
    Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    }
}

/// What an aggregate gathers, and how.
#[derive(Default, Clone)]
pub(super) struct Gathering {
    pub distinct: Option<DuplicateTreatment>,
    pub order_by: Vec<OrderByExpr>,
}

impl Gathering {
    /// DISTINCT and ORDER BY of a call.
    pub fn of(function: &Function) -> Self {
        let FunctionArguments::List(list) = &function.args else { return Self::default() };
        let order_by = list.clauses.iter().find_map(|clause| match clause {
            FunctionArgumentClause::OrderBy(order) => Some(order.clone()),
            _ => None,
        });
        Self { distinct: list.duplicate_treatment, order_by: order_by.unwrap_or_default() }
    }

    pub fn is_distinct(&self) -> bool {
        matches!(self.distinct, Some(DuplicateTreatment::Distinct))
    }

    /// Puts them on a call.
    pub fn put_on(self, function: &mut Function) {
        if let FunctionArguments::List(list) = &mut function.args {
            list.duplicate_treatment = self.distinct;
            list.clauses.retain(|clause| !matches!(clause, FunctionArgumentClause::OrderBy(_)));
            if !self.order_by.is_empty() {
                list.clauses.push(FunctionArgumentClause::OrderBy(self.order_by));
            }
        }
    }
}

/// A list of distinct values in the order PostgreSQL makes them distinct by: ascending unless something else is said. The
/// engine forgets the order of distinct values where another aggregate of the statement has the opposite one.
pub(super) fn sorted(list: Expr, order_by: &[OrderByExpr]) -> Expr {
    let options = order_by.first().map(|key| key.options).unwrap_or_default();
    let descending = options.asc == Some(false);
    let nulls_first = options.nulls_first.unwrap_or(descending);
    let direction = if descending { "DESC" } else { "ASC" };
    let nulls = if nulls_first { "NULLS FIRST" } else { "NULLS LAST" };
    Expr::Function(call("array_sort", vec![list, text(direction), text(nulls)]))
}

/// A text.
pub(super) fn text(text: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(text.to_owned()).with_empty_span())
}

/// `CAST(expr AS type)`
pub(super) fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

/// `(left op right)`
pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::Nested(Box::new(Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }))
}

/// A name or a number stays as it is; everything else is put in brackets.
pub(super) fn grouped(expr: Expr) -> Expr {
    match expr {
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Value(_)
        | Expr::Function(_)
        | Expr::Subquery(_)
        | Expr::Nested(_) => expr,
        other => Expr::Nested(Box::new(other)),
    }
}

/// All joined by an operator that may be bracketed as one likes, no deeper than it has to be: long lists would be as deep as
/// they are long otherwise.
pub(super) fn balanced(mut exprs: Vec<Expr>, op: &BinaryOperator) -> Option<Expr> {
    if exprs.len() < 2 {
        return exprs.pop();
    }
    let right = exprs.split_off(exprs.len() / 2);
    Some(binary(balanced(exprs, op)?, op.clone(), balanced(right, op)?))
}

/// Bytes of an expression that is written more than once in the place of one. Within each other such forms would grow with
/// every level; the sum of copies is bounded by this.
const MOST_REPEATED: usize = 4_000;
/// The same of the value that is compared with each row of a list, of which there may be many.
const MOST_REPEATED_IN_LISTS: usize = 32_000;

/// Refuses to write an expression so many times.
///
/// # Errors
/// A sentence saying what to do instead.
pub(super) fn repeatable(written: &impl std::fmt::Display, times: usize) -> Result<(), String> {
    up_to(MOST_REPEATED, written, times)
}

/// The same for what is compared with each row of a list.
///
/// # Errors
/// As above.
pub(super) fn repeatable_in_list(written: &impl std::fmt::Display, times: usize) -> Result<(), String> {
    up_to(MOST_REPEATED_IN_LISTS, written, times)
}

fn up_to(most: usize, written: &impl std::fmt::Display, times: usize) -> Result<(), String> {
    match times > 1 && written.to_string().len().saturating_mul(times) > most {
        true => Err("这里的表达式太长，请用 WITH 分步写".to_owned()),
        false => Ok(()),
    }
}
