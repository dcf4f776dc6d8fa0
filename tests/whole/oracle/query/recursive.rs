//! Recursive CTEs: walks over references and counting loops beside a table.

use super::Dice;

pub fn recursive(dice: &mut Dice<'_>) -> String {
    let table = dice.topic();
    let (from, to) = (table.shared(dice), table.key.clone());
    let condition = table.condition(dice, "t");
    match dice.below(3) {
        // Down a reference from row to row; the depth is bounded, since random references may meet themselves.
        0 => format!(
            "with recursive walk as (\
             select t.{to} as k, 0 as depth from {id} t where {condition} \
             union all select t.{to}, w.depth + 1 from {id} t join walk w on t.{from} = w.k where w.depth < 3) \
             select depth, count(*) as n, count(distinct k) as d, min(k) as a from walk group by depth",
            id = table.id
        ),
        1 => format!(
            "with recursive down as (\
             select o.id as k, o.district_code as g, 0 as depth from organization o where o.id like '%0-00%' \
             union all select o.id, o.district_code, d.depth + 1 from organization o \
             join down d on o.org_code = d.k or o.id = d.k || '' where d.depth < 2) \
             select g, depth, count(*) as n from down where g in (select t.{place} from {id} t) group by g, depth",
            place = table.place,
            id = table.id
        ),
        _ => format!(
            "with recursive steps as (select 1 as i union all select i + 1 from steps where i < 6) \
             select s.i, count(t.{to}) as n, min(t.{from}) as a from steps s \
             left join {id} t on length(t.{to}) % 6 + 1 = s.i group by s.i",
            id = table.id
        ),
    }
}
