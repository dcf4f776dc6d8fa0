//! Expressions that fail on certain rows. They are worked out for a known set of rows (below an aggregate or a
//! window over a whole table), so a query fails exactly if a visible row has such a value; a hidden row must not
//! make it fail, and the reader's own condition must not be tried on one.

use super::Dice;

pub fn failing(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let value = dice.below(70);
    let number = table.integer(dice, "t");
    let key = &table.key;
    let place = &table.place;
    let fails = match dice.below(6) {
        0 => format!("100 / ({number} - {value})"),
        1 => format!("{number} % ({number} - {value})"),
        2 => format!(
            "cast(case when t.{key} like '%{}-{value:03}' then t.{key} else '1' end as bigint)",
            value % 3
        ),
        3 => format!(
            "cast(substr(t.{key}, case when {number} = {value} then 1 else length(t.{key}) - 2 end) as bigint)"
        ),
        4 => format!("cast({number} * {} as smallint)", 500 + value * 3),
        _ => format!(
            "extract(day from cast(case when t.{place} = '3101{:02}' then t.{key} else '2026-09-01' end as date))",
            value % 20
        ),
    };
    match dice.below(4) {
        0 => format!("select sum({fails}) as s from {} t", table.id),
        1 => format!("select max({fails}) as s, count(*) as n from {} t group by t.{place}", table.id),
        2 => format!(
            "select max(q.w) as s from (select sum({fails}) over (partition by t.{place}) as w from {} t) q",
            table.id
        ),
        _ => format!("select count(*) as n, (select sum({fails}) from {0} t) as s from {0} o", table.id),
    }
}
