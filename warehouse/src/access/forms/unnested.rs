//! Texts cut into rows: `FROM string_to_table(a, ',') AS x` reads the elements of a list.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArgumentList, FunctionArguments, Ident, ObjectName, ObjectNamePart, TableFactor,
};

use super::build::call;

/// What PostgreSQL calls the rows, and the list they are the elements of.
const LISTS: [(&str, &str); 2] =
    [("string_to_table", "string_to_array"), ("regexp_split_to_table", "regexp_split_to_array")];

/// A list of lists written out, as one: `unnest` gives the elements of all.
pub(super) fn flat(list: &mut Expr) {
    if let Expr::Array(array) = &*list
        && matches!(array.elem.first(), Some(Expr::Array(_)))
    {
        let mut inner = array.clone();
        let elements = array.elem.iter().map(|one| match one {
            Expr::Array(one) => one.elem.clone(),
            other => vec![other.clone()],
        });
        inner.elem = elements.flatten().collect();
        *list = Expr::Array(inner);
        flat(list);
    }
}

/// Changes the entry in place.
pub(super) fn rows(relation: &mut TableFactor) {
    if let TableFactor::UNNEST { array_exprs, .. } = relation {
        array_exprs.iter_mut().for_each(flat);
    }
    let TableFactor::Table { name, alias, args: Some(args), with_ordinality, .. } = relation else { return };
    let last = name.0.last().and_then(ObjectNamePart::as_ident);
    let list = last.and_then(|last| LISTS.iter().find(|(rows, _)| last.value.eq_ignore_ascii_case(rows)));
    let Some((_, list)) = list else { return };
    let arguments =
        FunctionArgumentList { duplicate_treatment: None, args: args.args.clone(), clauses: vec![] };
    let list = Function {
        name: ObjectName::from(vec![Ident::new(*list)]),
        args: FunctionArguments::List(arguments),
        ..call("", vec![])
    };
    *relation = TableFactor::UNNEST {
        alias: alias.take(),
        array_exprs: vec![Expr::Function(list)],
        with_offset: false,
        with_offset_alias: None,
        with_ordinality: *with_ordinality,
    };
}
