//! Joins of two or three tables, or of a table with itself. Grouped, because a join of small domains is large.

use super::Dice;

pub fn joined(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let other = if dice.once_in(4) { table.clone() } else { dice.topic() };
    let kind = dice.one(&["join", "left join", "full join", "right join"]);
    let (left, right) = if dice.once_in(3) {
        (table.place.clone(), other.place.clone())
    } else {
        (table.shared(dice), other.shared(dice))
    };
    let condition = table.condition(dice, "a");
    let aggregates = other.aggregates_of_few(dice, "b");
    let more = if dice.once_in(3) { format!(" and b.{} > 'm'", other.key) } else { String::new() };
    let third = if dice.once_in(4) {
        let third = dice.topic();
        format!(" {} {} c on c.{} = a.{}", dice.one(&["join", "left join"]), third.id, third.key, table.key)
    } else {
        String::new()
    };
    format!(
        "select a.{place} as g, {aggregates} from {} a {kind} {} b on a.{left} = b.{right}{more}{third} \
         where {condition} group by a.{place}",
        table.id,
        other.id,
        place = table.place
    )
}

/// Semi and anti joins by their own words, and a join without a condition.
pub fn halves(dice: &mut Dice<'_>) -> String {
    let (table, other) = (dice.topic(), dice.topic());
    let (left, right) = (table.shared(dice), other.shared(dice));
    let condition = table.condition(dice, "a");
    match dice.below(3) {
        0 => format!(
            "select a.{key} as k, a.{place} as g from {} a left semi join {} b on a.{left} = b.{right} where {condition}",
            table.id,
            other.id,
            key = table.key,
            place = table.place
        ),
        1 => format!(
            "select a.{key} as k, a.{place} as g from {} a left anti join {} b on a.{left} = b.{right} where {condition}",
            table.id,
            other.id,
            key = table.key,
            place = table.place
        ),
        _ => format!(
            "select count(*) as n, min(a.{}) as a, max(b.{}) as b from {} a cross join {} b where {condition}",
            table.key, other.key, table.id, other.id
        ),
    }
}
