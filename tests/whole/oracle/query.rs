//! Random queries over the tables of the oracle: filters, aggregates, joins, sub-queries, CTEs, unions, windows,
//! distinct, limits with a total order, and expressions that fail on certain rows.

use std::sync::Arc;

use pujiang_warehouse::{ColumnType, TableDef};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Asks about these tables.
pub struct Asker {
    tables: Vec<Arc<TableDef>>,
}

impl Asker {
    /// An asker that knows the tables' columns.
    pub fn new(tables: Vec<Arc<TableDef>>) -> Self {
        Self { tables }
    }

    /// One query. Rows compare as a multiset, so only `limit` needs a total order.
    pub fn query(&self, rng: &mut ChaCha8Rng) -> String {
        let table = self.table(rng);
        match rng.random_range(0..14) {
            0 => self.plain(rng, table),
            1 => self.bare(rng, table),
            2 => self.grouped(rng, table),
            3 | 4 => self.joined(rng, table),
            5 => self.membership(rng, table),
            6 => self.scalar(rng, table),
            7 => self.with(rng, table),
            8 => self.set_operation(rng, table),
            9 => self.windowed(rng, table),
            10 => self.limited(rng, table),
            11 => self.distinct(rng, table),
            12 => self.failing(rng, table),
            _ => self.nested(rng, table),
        }
    }

    fn table(&self, rng: &mut ChaCha8Rng) -> &TableDef {
        &self.tables[rng.random_range(0..self.tables.len())]
    }

    fn columns(table: &TableDef, keep: impl Fn(ColumnType) -> bool) -> Vec<&str> {
        table.columns.iter().filter(|column| keep(column.kind)).map(|column| column.name.as_str()).collect()
    }

    /// A column of one of the kinds, or the key.
    fn column<'t>(rng: &mut ChaCha8Rng, table: &'t TableDef, keep: impl Fn(ColumnType) -> bool) -> &'t str {
        let choices = Self::columns(table, keep);
        if choices.is_empty() { &table.key } else { choices[rng.random_range(0..choices.len())] }
    }

    fn text<'t>(rng: &mut ChaCha8Rng, table: &'t TableDef) -> &'t str {
        Self::column(rng, table, |kind| kind == ColumnType::Text)
    }

    fn number<'t>(rng: &mut ChaCha8Rng, table: &'t TableDef) -> &'t str {
        Self::column(rng, table, |kind| matches!(kind, ColumnType::Integer | ColumnType::Decimal(..)))
    }

    /// An integer column, or the length of the key where a table has none.
    fn integer(rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        match Self::columns(table, |kind| kind == ColumnType::Integer).as_slice() {
            [] => format!("length({})", table.key),
            choices => choices[rng.random_range(0..choices.len())].to_owned(),
        }
    }

    fn any<'t>(rng: &mut ChaCha8Rng, table: &'t TableDef) -> &'t str {
        Self::column(rng, table, |_| true)
    }

    /// A condition on columns of `alias`.
    fn condition(&self, rng: &mut ChaCha8Rng, table: &TableDef, alias: &str) -> String {
        let district = ["310101", "310104", "310112", "310115"][rng.random_range(0..4)];
        let text = Self::text(rng, table);
        let number = rng.random_range(0..60);
        let day = rng.random_range(1..28);
        let simple = match rng.random_range(0..8) {
            0 => format!("{alias}.district_code = '{district}'"),
            1 => format!("{alias}.district_code in ('{district}', '310104', '310120')"),
            2 => format!("{alias}.{text} = 'v{}'", number % 8),
            3 => format!("{alias}.{text} <> 'v{}'", number % 8),
            4 => format!("{alias}.{text} is null or {alias}.{} like 'k%1'", table.key),
            5 => {
                let column = Self::column(rng, table, |kind| matches!(kind, ColumnType::Decimal(..)));
                if column == table.key {
                    "true".into()
                } else {
                    format!("{alias}.{column} between 10 and 700")
                }
            }
            6 => {
                let column = Self::column(rng, table, |kind| kind == ColumnType::Timestamp);
                if column == table.key {
                    "1 = 1".into()
                } else {
                    format!("{alias}.{column} >= timestamp '2026-09-{day:02} 00:30:00'")
                }
            }
            _ => format!("{alias}.district_code > '{district}'"),
        };
        match rng.random_range(0..4) {
            0 => format!("({simple}) and ({})", self.condition(rng, table, alias)),
            1 => format!("not ({simple}) or ({})", self.condition(rng, table, alias)),
            _ => format!("({simple})"),
        }
    }

    fn aggregates(rng: &mut ChaCha8Rng, table: &TableDef, alias: &str) -> String {
        let number = Self::number(rng, table);
        let (any, other) = (Self::any(rng, table), Self::text(rng, table));
        let sum = if number == table.key { "count".to_owned() } else { "sum".to_owned() };
        format!(
            "count(*) as n, {sum}({alias}.{number}) as s, min({alias}.{any}) as a, max({alias}.{any}) as b, \
             count(distinct {alias}.{other}) as d"
        )
    }

    fn plain(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let (one, two) = (Self::any(rng, table), Self::any(rng, table));
        let condition = self.condition(rng, table, "t");
        format!(
            "select t.{one} as x, t.{two} as y, t.district_code as z from {} t where {condition}",
            table.id
        )
    }

    /// May be answered from statistics alone.
    fn bare(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let any = Self::any(rng, table);
        let ask = match rng.random_range(0..4) {
            0 => "count(*)".to_owned(),
            1 => format!("min({any}), max({any})"),
            2 => "min(district_code), max(district_code), count(district_code)".to_owned(),
            _ => format!("count({any}), count(distinct district_code)"),
        };
        format!("select {ask} from {}", table.id)
    }

    fn grouped(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let by = if rng.random_bool(0.5) { "district_code" } else { Self::text(rng, table) };
        let aggregates = Self::aggregates(rng, table, "t");
        let condition = self.condition(rng, table, "t");
        let having = if rng.random_bool(0.3) { " having count(*) > 2" } else { "" };
        format!(
            "select t.{by} as g, {aggregates} from {} t where {condition} group by t.{by}{having}",
            table.id
        )
    }

    fn joined(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let other = self.table(rng);
        let (left, right) = (Self::text(rng, table), Self::text(rng, other));
        let kind = ["join", "left join", "full join", "right join"][rng.random_range(0..4)];
        let (on_left, on_right) =
            if rng.random_bool(0.3) { ("district_code", "district_code") } else { (left, right) };
        let condition = self.condition(rng, table, "a");
        let aggregates = Self::aggregates(rng, other, "b");
        // Grouped, because a join of small domains is large.
        format!(
            "select a.district_code as g, {aggregates} from {} a {kind} {} b on a.{on_left} = b.{on_right} \
             where {condition} group by a.district_code",
            table.id, other.id
        )
    }

    fn membership(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let other = self.table(rng);
        let (left, right) = (Self::text(rng, table), Self::text(rng, other));
        let condition = self.condition(rng, other, "o");
        let inner = match rng.random_range(0..3) {
            0 => format!("t.{left} in (select o.{right} from {} o where {condition})", other.id),
            1 => format!("exists (select 1 from {} o where o.{right} = t.{left} and {condition})", other.id),
            _ => format!(
                "not exists (select 1 from {} o where o.district_code = t.district_code and {condition})",
                other.id
            ),
        };
        format!("select t.{}, t.district_code as g from {} t where {inner}", table.key, table.id)
    }

    fn scalar(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let other = self.table(rng);
        let any = Self::text(rng, other);
        let condition = self.condition(rng, table, "t");
        format!(
            "select t.district_code as g, count(*) as n, (select count(*) from {0}) as all_rows, \
             (select max(o.{any}) from {0} o) as top from {1} t where {condition} group by t.district_code",
            other.id, table.id
        )
    }

    /// Half of them shadow a table with the name of another.
    fn with(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let name = if rng.random_bool(0.5) { self.table(rng).id.as_str() } else { "c" };
        let condition = self.condition(rng, table, "t");
        format!(
            "with {name} as (select t.district_code, t.{key} as k from {table} t where {condition}) \
             select district_code, count(*) as n, min(k) as a from {name} group by district_code",
            key = table.key,
            table = table.id
        )
    }

    fn set_operation(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let other = self.table(rng);
        let operation = ["union all", "union", "except", "intersect"][rng.random_range(0..4)];
        let (left, right) = (Self::text(rng, table), Self::text(rng, other));
        let (one, two) = (self.condition(rng, table, "t"), self.condition(rng, other, "o"));
        format!(
            "select t.district_code as g, t.{left} as v from {} t where {one} {operation} \
             select o.district_code as g, o.{right} as v from {} o where {two}",
            table.id, other.id
        )
    }

    fn windowed(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let by = if rng.random_bool(0.5) { "district_code" } else { Self::text(rng, table) };
        let condition = self.condition(rng, table, "t");
        let key = &table.key;
        format!(
            "select t.{key} as k, row_number() over (partition by t.{by} order by t.{key}) as r, \
             count(*) over (partition by t.{by}) as n, lag(t.{key}) over (order by t.{key}) as before \
             from {} t where {condition}",
            table.id
        )
    }

    fn limited(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let any = Self::any(rng, table);
        let direction = ["asc", "desc"][rng.random_range(0..2)];
        let (limit, offset) = (rng.random_range(1..30), rng.random_range(0..10));
        format!(
            "select t.{any} as x, t.{key} as k, t.district_code as g from {table} t \
             order by x {direction}, k limit {limit} offset {offset}",
            key = table.key,
            table = table.id
        )
    }

    fn distinct(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let text = Self::text(rng, table);
        let condition = self.condition(rng, table, "t");
        format!("select distinct t.{text} as v, t.district_code as g from {} t where {condition}", table.id)
    }

    /// Fails exactly if a visible row has that value; a hidden row must not make it fail.
    fn failing(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let value = rng.random_range(0..70);
        match rng.random_range(0..2) {
            0 => {
                format!("select sum(100 / ({} - {value})) as s from {}", Self::integer(rng, table), table.id)
            }
            _ => format!(
                "select max(cast(case when {key} = 'k{part}-{value:03}' then {key} else '1' end as bigint)) as s from {table}",
                key = table.key,
                part = value % 3,
                table = table.id
            ),
        }
    }

    fn nested(&self, rng: &mut ChaCha8Rng, table: &TableDef) -> String {
        let inner = match rng.random_range(0..3) {
            0 => self.plain(rng, table),
            1 => self.windowed(rng, table),
            _ => self.grouped(rng, table),
        };
        format!("select count(*) as n from ({inner}) q")
    }
}
