//! Set operations between tables.

use super::Dice;

const OPERATIONS: [&str; 6] = ["union all", "union", "except", "intersect", "except all", "intersect all"];

pub fn operation(dice: &mut Dice<'_>) -> String {
    let (table, other) = (dice.topic(), dice.topic());
    let operation = dice.one(&OPERATIONS);
    let (left, right) = (table.shared(dice), other.shared(dice));
    let (one, two) = (table.condition(dice, "t"), other.condition(dice, "o"));
    let both = format!(
        "select t.{} as g, t.{left} as v from {} t where {one} {operation} \
         select o.{} as g, o.{right} as v from {} o where {two}",
        table.place, table.id, other.place, other.id
    );
    match dice.below(4) {
        0 => format!("select g, count(*) as n, count(distinct v) as d from ({both}) u group by g"),
        1 => format!("{both} order by g, v limit {}", 1 + dice.below(40)),
        _ => both,
    }
}
