//! One table: rows, figures that statistics could answer, distinct values, the first rows of an order.

use super::Dice;

pub fn plain(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let (one, two) = (table.any(dice), table.any(dice));
    let condition = table.condition(dice, "t");
    let more = match dice.below(5) {
        0 => format!(", substr(t.{}, 2, 3) as p", table.text(dice)),
        1 => format!(", t.{} || '-' || coalesce(t.{}, '') as p", table.key, table.text(dice)),
        2 => format!(", case when {condition} then 'a' else 'b' end as p"),
        3 => match table.time(dice, "t") {
            Some(time) => format!(", date_trunc('month', {time}) as p, extract(day from {time}) as q"),
            None => String::new(),
        },
        _ => String::new(),
    };
    format!(
        "select t.{one} as x, t.{two} as y, t.{place} as z{more} from {table} t where {condition}",
        place = table.place,
        table = table.id
    )
}

/// May be answered from statistics alone.
pub fn bare(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let (any, place) = (table.any(dice), &table.place);
    let ask = match dice.below(5) {
        0 => "count(*)".to_owned(),
        1 => format!("min({any}), max({any})"),
        2 => format!("min({place}), max({place}), count({place})"),
        3 => format!("count(*), count({any}), min({})", table.key),
        _ => format!("count({any}), count(distinct {place})"),
    };
    format!("select {ask} from {}", table.id)
}

pub fn distinct(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let text = table.text(dice);
    let condition = table.condition(dice, "t");
    // The engine stumbles over one column named twice in DISTINCT ON with its ORDER BY.
    if text != table.key && dice.once_in(3) {
        return format!(
            "select distinct on (t.{text}) t.{text} as v, t.{key} as k from {id} t where {condition} \
             order by t.{text}, t.{key}",
            key = table.key,
            id = table.id
        );
    }
    format!("select distinct t.{text} as v, t.{} as g from {} t where {condition}", table.place, table.id)
}

/// The key closes the order, so that the rows before and after the cut are determined.
pub fn limited(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let any = table.any(dice);
    let condition = table.condition(dice, "t");
    let direction = dice.one(&["asc", "desc", "asc nulls first", "desc nulls last"]);
    let (limit, offset) = (dice.below(30), dice.below(10));
    format!(
        "select t.{any} as x, t.{key} as k, t.{place} as g from {id} t where {condition} \
         order by x {direction}, k limit {limit} offset {offset}",
        key = table.key,
        place = table.place,
        id = table.id
    )
}
