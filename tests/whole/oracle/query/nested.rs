//! Queries inside queries: IN, EXISTS, scalar sub-queries with and without a reference to the outer row, CTEs that
//! take another table's name, derived tables.

use super::Dice;
use super::{grouped, joined, simple, windows};

pub fn membership(dice: &mut Dice<'_>) -> String {
    let (table, other) = (dice.topic(), dice.topic());
    let (left, right) = (table.shared(dice), other.shared(dice));
    let condition = other.condition(dice, "o");
    let inner = match dice.below(5) {
        0 => format!("t.{left} in (select o.{right} from {} o where {condition})", other.id),
        1 => format!("t.{left} not in (select o.{right} from {} o where {condition})", other.id),
        2 => format!("exists (select 1 from {} o where o.{right} = t.{left} and {condition})", other.id),
        3 => format!(
            "not exists (select 1 from {} o where o.{} = t.{} and {condition})",
            other.id, other.place, table.place
        ),
        _ => format!(
            "t.{left} in (select o.{right} from {} o where {condition}) and exists (select 1 from {} p)",
            other.id,
            dice.topic().id
        ),
    };
    format!("select t.{}, t.{} as g from {} t where {inner}", table.key, table.place, table.id)
}

pub fn scalar(dice: &mut Dice<'_>) -> String {
    let (table, other) = (dice.topic(), dice.topic());
    let any = other.text(dice);
    let condition = table.condition(dice, "t");
    match dice.below(3) {
        0 => format!(
            "select t.{place} as g, count(*) as n, (select count(*) from {0}) as all_rows, \
             (select max(o.{any}) from {0} o) as top from {1} t where {condition} group by t.{place}",
            other.id,
            table.id,
            place = table.place
        ),
        1 => {
            let (left, right) = (table.shared(dice), other.shared(dice));
            format!(
                "select t.{key} as k, (select count(*) from {} o where o.{right} = t.{left}) as n, \
                 (select max(o.{any}) from {} o where o.{right} = t.{left}) as top from {} t where {condition}",
                other.id,
                other.id,
                table.id,
                key = table.key
            )
        }
        _ => {
            let number = table.number(dice, "t");
            let (left, right) = (table.shared(dice), other.shared(dice));
            format!(
                "select t.{key} as k from {} t where {number} > \
                 (select count(*) from {} o where o.{right} = t.{left}) and {condition}",
                table.id,
                other.id,
                key = table.key
            )
        }
    }
}

/// Half of them shadow a table with the name of another.
pub fn with(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let name = if dice.once_in(2) { dice.topic().id } else { "c".to_owned() };
    let condition = table.condition(dice, "t");
    let cte = format!(
        "with {name} as (select t.{place} as g, t.{key} as k from {table} t where {condition})",
        place = table.place,
        key = table.key,
        table = table.id
    );
    if dice.once_in(2) {
        return format!("{cte} select g, count(*) as n, min(k) as a from {name} group by g");
    }
    // Named twice: planned once or twice, the rows are the same.
    let other = dice.topic();
    if other.id == name {
        return format!(
            "{cte} select a.g, count(*) as n from {name} a join {name} b on a.k = b.k group by a.g"
        );
    }
    format!(
        "{cte} select a.g, count(*) as n, count(o.{}) as m from {name} a left join {} o on o.{} = a.g group by a.g",
        other.key, other.id, other.place
    )
}

pub fn derived(dice: &mut Dice<'_>) -> String {
    let inner = match dice.below(5) {
        0 => simple::plain(dice),
        1 => windows::windowed(dice),
        2 => grouped::grouped(dice),
        3 => joined::joined(dice),
        _ => simple::limited(dice),
    };
    format!("select count(*) as n from ({inner}) q")
}
