//! Groups: by a column, by sets of columns, rollup and cube.

use super::Dice;

pub fn grouped(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let by = if dice.once_in(2) { table.place.clone() } else { table.text(dice) };
    let aggregates = table.aggregates(dice, "t");
    let condition = table.condition(dice, "t");
    let having = dice.one(&["", "", " having count(*) > 2", " having count(*) < 4 or min(t.KEY) is null"]);
    format!(
        "select t.{by} as g, {aggregates} from {} t where {condition} group by t.{by}{}",
        table.id,
        having.replace("KEY", &table.key)
    )
}

pub fn sets(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let (one, two) = (table.place.clone(), table.text(dice));
    let condition = table.condition(dice, "t");
    if one == two {
        return format!(
            "select t.{one} as g, count(*) as n from {} t where {condition} group by rollup(t.{one})",
            table.id
        );
    }
    let sets = match dice.below(4) {
        0 => format!("rollup(t.{one}, t.{two})"),
        1 => format!("cube(t.{one}, t.{two})"),
        2 => format!("grouping sets ((t.{one}), (t.{two}), ())"),
        _ => format!("grouping sets ((t.{one}, t.{two}), (t.{two}))"),
    };
    let number = table.number(dice, "t");
    format!(
        "select t.{one} as g, t.{two} as h, grouping(t.{one}) as l, count(*) as n, sum({number}) as s \
         from {} t where {condition} group by {sets}",
        table.id
    )
}
