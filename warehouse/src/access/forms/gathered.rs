//! Aggregates that are a function of what another one gathers: `percentile_cont`, `percentile_disc`, `mode` within a
//! group, `json_agg`, `json_object_agg`. The engine gathers, and accounts for the memory; `functions::ordered` and
//! `functions::json` make the answer.

use datafusion::sql::sqlparser::ast::{Expr, Function, OrderByExpr};

use super::build::{Gathering, arguments, call, is, sorted, text};

/// The same as a call on a gathered list; none if the function is another one.
pub(super) fn replaced(function: &Function) -> Result<Option<Expr>, String> {
    for (name, made) in [("percentile_cont", "percentile_cont_of"), ("percentile_disc", "percentile_disc_of")]
    {
        if is(function, name) {
            let (key, direction) = key(function, name)?;
            let Some([fraction]) = arguments(function).and_then(|args| <[Expr; 1]>::try_from(args).ok())
            else {
                return Err(format!("{name} 需要一个比例，例如 {name}(0.5) WITHIN GROUP (ORDER BY amount)"));
            };
            let list = gathered(function, key, Gathering::default());
            return Ok(Some(Expr::Function(call(made, vec![list, fraction, text(direction)]))));
        }
    }
    if is(function, "mode") {
        let (key, direction) = key(function, "mode")?;
        let list = gathered(function, key, Gathering::default());
        return Ok(Some(Expr::Function(call("mode_of", vec![list, text(direction)]))));
    }
    if is(function, "json_agg") {
        let Some([value]) = arguments(function).and_then(|args| <[Expr; 1]>::try_from(args).ok()) else {
            return Err("json_agg 需要一个值；整行请写成 json_agg(json_build_object('列', 列, …))".to_owned());
        };
        let gathering = Gathering::of(function);
        if gathering.is_distinct() {
            let direction = gathering.order_by.clone();
            let list = gathered(function, value, Gathering { order_by: vec![], ..gathering });
            return Ok(Some(Expr::Function(call("json_values_of", vec![sorted(list, &direction)]))));
        }
        return Ok(Some(json("json_array_of", function, call("json_element", vec![value]))));
    }
    if is(function, "json_object_agg") {
        let Some(pair) = arguments(function).filter(|args| args.len() == 2) else {
            return Err("json_object_agg 需要键和值".to_owned());
        };
        return Ok(Some(json("json_object_of", function, call("json_member", pair))));
    }
    Ok(None)
}

fn json(made: &str, function: &Function, element: Function) -> Expr {
    let list = gathered(function, Expr::Function(element), Gathering::of(function));
    Expr::Function(call(made, vec![list]))
}

/// What an ordered aggregate is asked of.
fn key(function: &Function, name: &str) -> Result<(Expr, &'static str), String> {
    if function.over.is_some() {
        return Err(format!("{name} 不能用作窗口函数（OVER）"));
    }
    match function.within_group.as_slice() {
        [OrderByExpr { expr, options, .. }] => {
            Ok((expr.clone(), if options.asc == Some(false) { "desc" } else { "asc" }))
        }
        _ => Err(format!("{name} 须写成 {name}(…) WITHIN GROUP (ORDER BY 一个值)")),
    }
}

fn gathered(function: &Function, value: Expr, gathering: Gathering) -> Expr {
    let mut list = call("array_agg", vec![value]);
    list.filter.clone_from(&function.filter);
    list.over.clone_from(&function.over);
    gathering.put_on(&mut list);
    Expr::Function(list)
}
