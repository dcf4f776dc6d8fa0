//! What GROUP BY may hold in PostgreSQL and not in the engine: `()`, places of the select list within sets, several columns
//! as one unit of ROLLUP and CUBE, sets within sets. Where one of the last stands, the whole becomes one list of sets.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, GroupByExpr, Query, Select, SelectItem, SetExpr, Value,
};

use super::build::{arguments, is};
use crate::access::fence::LONGEST_STATEMENT;

/// Sets a list may become; the engine groups once for each, and holds every batch of rows as often.
const MOST_SETS: usize = 64;

/// Letters of all sets together: each set is written out.
const MOST_LETTERS: usize = LONGEST_STATEMENT;

type Sets = Vec<Vec<Expr>>;

/// Changes the query in place.
pub(super) fn spell_out(query: &mut Query) -> Result<(), String> {
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let Select { group_by: GroupByExpr::Expressions(keys, _), projection, .. } = select.as_mut() else {
        return Ok(());
    };
    for key in keys.iter_mut() {
        if let Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) = key {
            for member in sets.iter_mut().flatten() {
                at_place(member, projection)?;
            }
        }
    }
    within_bounds(keys.iter().map(count).fold(1, usize::saturating_mul), 0)?;
    if keys.iter().any(is_unknown) {
        let mut all: Sets = vec![vec![]];
        for key in keys.iter() {
            all = product(&all, &sets_of(key)?)?;
        }
        *keys = vec![Expr::GroupingSets(all)];
    }
    Ok(())
}

/// Sets a key stands for, those of sets within sets aside.
fn count(key: &Expr) -> usize {
    match key {
        Expr::Cube(units) => {
            u32::try_from(units.len()).ok().and_then(|units| 1_usize.checked_shl(units)).unwrap_or(usize::MAX)
        }
        Expr::Rollup(units) => units.len() + 1,
        Expr::GroupingSets(sets) => sets.len(),
        _ => 1,
    }
}

/// Whether the engine does not know a key.
fn is_unknown(key: &Expr) -> bool {
    match key {
        Expr::Tuple(values) => values.is_empty(),
        Expr::Rollup(units) | Expr::Cube(units) => units.iter().any(|unit| unit.len() != 1),
        Expr::GroupingSets(sets) => sets.iter().any(|set| nested(set).is_some()),
        _ => false,
    }
}

/// A number is the expression at that place of the list.
fn at_place(member: &mut Expr, projection: &[SelectItem]) -> Result<(), String> {
    let Expr::Value(value) = &*member else { return Ok(()) };
    let Value::Number(place, _) = &value.value else { return Ok(()) };
    let item = place.parse::<usize>().ok().and_then(|place| projection.get(place.checked_sub(1)?));
    let has_star = projection
        .iter()
        .any(|item| !matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }));
    match item {
        Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) if !has_star => {
            *member = expr.clone();
            Ok(())
        }
        _ => Err(format!("GROUP BY 里的第 {place} 列请写成列名")),
    }
}

/// Sets that stand for one set of a list; the parser takes the words for functions.
fn nested(set: &[Expr]) -> Option<&Function> {
    match set {
        [Expr::Function(function)] if is(function, "rollup") || is(function, "cube") => Some(function),
        _ => None,
    }
}

fn sets_of(key: &Expr) -> Result<Sets, String> {
    match key {
        Expr::Tuple(values) => Ok(vec![values.clone()]),
        Expr::Rollup(units) => rollup(units),
        Expr::Cube(units) => cube(units),
        Expr::GroupingSets(sets) => {
            let mut all = Sets::new();
            for set in sets {
                match nested(set) {
                    None => all.push(set.clone()),
                    Some(function) => {
                        let units = units(function)?;
                        all.extend(if is(function, "cube") { cube(&units)? } else { rollup(&units)? });
                    }
                }
                within_bounds(all.len(), 0)?;
            }
            within_bounds(all.len(), letters(&all))?;
            Ok(all)
        }
        plain => Ok(vec![vec![plain.clone()]]),
    }
}

fn units(function: &Function) -> Result<Sets, String> {
    let units = arguments(function).ok_or_else(|| "ROLLUP 和 CUBE 里请写列名".to_owned())?;
    let unit = |unit| match unit {
        Expr::Tuple(values) => values,
        Expr::Nested(value) => vec![*value],
        other => vec![other],
    };
    Ok(units.into_iter().map(unit).collect())
}

/// All units, all but the last one, and so on, to none.
fn rollup(units: &[Vec<Expr>]) -> Result<Sets, String> {
    within_bounds(units.len() + 1, 0)?;
    // A column stands in as many sets as there are units from its own on.
    let each = |(at, unit): (usize, &Vec<Expr>)| letters(std::slice::from_ref(unit)) * (units.len() - at);
    within_bounds(units.len() + 1, units.iter().enumerate().map(each).sum())?;
    Ok((0..=units.len()).rev().map(|length| units[..length].concat()).collect())
}

/// Each choice of units.
fn cube(units: &[Vec<Expr>]) -> Result<Sets, String> {
    let mut all: Sets = vec![vec![]];
    for unit in units {
        all = product(&all, &[unit.clone(), vec![]])?;
    }
    Ok(all)
}

/// Each set of one side with each of the other. What it comes to is counted before it is written.
fn product(left: &[Vec<Expr>], right: &[Vec<Expr>]) -> Result<Sets, String> {
    let sets = left.len().saturating_mul(right.len());
    let each = letters(left).saturating_mul(right.len());
    within_bounds(sets, each.saturating_add(letters(right).saturating_mul(left.len())))?;
    Ok(left.iter().flat_map(|one| right.iter().map(|other| [one.as_slice(), other].concat())).collect())
}

fn letters(sets: &[Vec<Expr>]) -> usize {
    sets.iter().flatten().map(|column| column.to_string().len() + 1).sum()
}

fn within_bounds(sets: usize, letters: usize) -> Result<(), String> {
    match (sets > MOST_SETS, letters > MOST_LETTERS) {
        (true, _) => Err(format!("GROUP BY 展开后超过 {MOST_SETS} 种分组，请减少列")),
        (_, true) => Err("GROUP BY 展开后太长，请减少列，或用 WITH 分步写".to_owned()),
        _ => Ok(()),
    }
}
