//! Window functions. The key closes every order that decides a value.

use super::Dice;

pub fn windowed(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let by = if dice.once_in(2) { table.place.clone() } else { table.text(dice) };
    let condition = table.condition(dice, "t");
    let number = table.integer(dice, "t");
    let key = &table.key;
    let more = match dice.below(4) {
        0 => format!("rank() over (partition by t.{by} order by {number})"),
        1 => format!(
            "sum({number}) over (partition by t.{by} order by t.{key} rows between 2 preceding and current row)"
        ),
        2 => format!("first_value(t.{key}) over (partition by t.{by} order by {number}, t.{key})"),
        _ => format!("ntile(4) over (order by t.{key})"),
    };
    format!(
        "select t.{key} as k, row_number() over (partition by t.{by} order by t.{key}) as r, \
         count(*) over (partition by t.{by}) as n, lag(t.{key}) over (order by t.{key}) as before, \
         {more} as m from {} t where {condition}",
        table.id
    )
}
