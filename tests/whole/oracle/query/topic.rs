//! A table as a subject of questions: columns by type, conditions, aggregates.

use pujiang_warehouse::{ColumnType, TableDef};

use super::Dice;
use crate::oracle::masks;

/// A table with the columns somebody may name.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Name of the table.
    pub id: String,
    /// The column that is unique.
    pub key: String,
    /// A column of few values: the district, where the table has one.
    pub place: String,
    columns: Vec<(String, ColumnType)>,
}

impl Topic {
    pub fn new(def: &TableDef, hidden: &[(&str, &str)]) -> Self {
        let shown = |column: &&pujiang_warehouse::ColumnDef| {
            !hidden.contains(&(def.id.as_str(), column.name.as_str()))
        };
        let columns: Vec<_> =
            def.columns.iter().filter(shown).map(|column| (column.name.clone(), column.kind)).collect();
        let text = |(name, kind): &&(String, ColumnType)| *kind == ColumnType::Text && *name != def.key;
        let place = match def.column("district_code") {
            Some(column) => column.name.clone(),
            None => columns.iter().find(text).map_or_else(|| def.key.clone(), |(name, _)| name.clone()),
        };
        Self { id: def.id.clone(), key: def.key.clone(), place, columns }
    }

    /// A column of one of the kinds, if there is one.
    fn of(&self, dice: &mut Dice<'_>, keep: fn(ColumnType) -> bool) -> Option<String> {
        let fitting: Vec<&String> =
            self.columns.iter().filter(|(_, kind)| keep(*kind)).map(|(name, _)| name).collect();
        (!fitting.is_empty()).then(|| fitting[dice.below(fitting.len())].clone())
    }

    /// Any column.
    pub fn any(&self, dice: &mut Dice<'_>) -> String {
        self.of(dice, |_| true).unwrap_or_else(|| self.key.clone())
    }

    /// A text column; the key now and then.
    pub fn text(&self, dice: &mut Dice<'_>) -> String {
        self.of(dice, |kind| kind == ColumnType::Text).unwrap_or_else(|| self.key.clone())
    }

    /// A text column that is not unique: joins over it meet.
    pub fn shared(&self, dice: &mut Dice<'_>) -> String {
        let column = self.text(dice);
        if column == self.key { self.place.clone() } else { column }
    }

    /// A date, a time or a boolean.
    fn other(&self, dice: &mut Dice<'_>, kind: ColumnType) -> Option<String> {
        let fitting: Vec<&String> =
            self.columns.iter().filter(|(_, of)| *of == kind).map(|(name, _)| name).collect();
        (!fitting.is_empty()).then(|| fitting[dice.below(fitting.len())].clone())
    }

    /// A whole number, or a length where the table has none.
    pub fn integer(&self, dice: &mut Dice<'_>, alias: &str) -> String {
        match self.other(dice, ColumnType::Integer) {
            Some(column) => format!("{alias}.{column}"),
            None => format!("length({alias}.{})", self.key),
        }
    }

    /// A number of any kind.
    pub fn number(&self, dice: &mut Dice<'_>, alias: &str) -> String {
        let kind = |kind| matches!(kind, ColumnType::Integer | ColumnType::Decimal(..));
        match self.of(dice, kind) {
            Some(column) => format!("{alias}.{column}"),
            None => format!("length({alias}.{})", self.key),
        }
    }

    /// A time, if the table has one.
    pub fn time(&self, dice: &mut Dice<'_>, alias: &str) -> Option<String> {
        self.other(dice, ColumnType::Timestamp).map(|column| format!("{alias}.{column}"))
    }

    /// A condition on columns of `alias`.
    pub fn condition(&self, dice: &mut Dice<'_>, alias: &str) -> String {
        let simple = self.simple_condition(dice, alias);
        match dice.below(5) {
            0 => format!("({simple}) and ({})", self.condition(dice, alias)),
            1 => format!("not ({simple}) or ({})", self.condition(dice, alias)),
            _ => format!("({simple})"),
        }
    }

    fn simple_condition(&self, dice: &mut Dice<'_>, alias: &str) -> String {
        let district = dice.one(&["310101", "310104", "310112", "310115"]);
        let place = &self.place;
        let text = self.text(dice);
        let number = dice.below(60);
        let value = masks::sample(&text, number % 8);
        match dice.below(13) {
            0 => format!("{alias}.{place} = '{district}'"),
            1 => format!("{alias}.{place} in ('{district}', '310104', '310120')"),
            2 => format!("{alias}.{text} = '{value}'"),
            3 => format!("{alias}.{text} <> '{value}'"),
            4 => format!("{alias}.{text} is null or {alias}.{} like '%{}'", self.key, number % 10),
            5 => format!("{} between 10 and {}", self.number(dice, alias), 20 + number * 12),
            6 => match self.other(dice, ColumnType::Timestamp) {
                Some(column) => {
                    format!("{alias}.{column} >= timestamp '2026-09-{:02} 00:30:00'", 5 + number % 24)
                }
                None => "1 = 1".into(),
            },
            7 => match self.other(dice, ColumnType::Date) {
                Some(column) => format!("{alias}.{column} < date '2026-10-{:02}'", 1 + number % 28),
                None => format!("length({alias}.{}) > 3", self.key),
            },
            8 => match self.other(dice, ColumnType::Boolean) {
                Some(column) => format!("{alias}.{column} is not true"),
                None => format!("{} % 3 = {}", self.integer(dice, alias), number % 3),
            },
            9 => format!("coalesce({alias}.{text}, 'none') not in ('{value}', 'none')"),
            10 => format!(
                "case when {alias}.{text} = '{value}' then 1 else {} end > 30",
                self.integer(dice, alias)
            ),
            11 => format!("upper({alias}.{text}) like '%{}%'", number % 8),
            _ => format!("{alias}.{place} > '{district}'"),
        }
    }

    /// A list of aggregates over `alias`, named `n`, `s`, `a`, `b`, `d`, `f`.
    pub fn aggregates(&self, dice: &mut Dice<'_>, alias: &str) -> String {
        let number = self.number(dice, alias);
        let (any, other, key) = (self.any(dice), self.text(dice), &self.key);
        let last = match dice.below(5) {
            0 => format!("count(*) filter (where {})", self.condition(dice, alias)),
            1 => format!("avg({})", self.integer(dice, alias)),
            2 => format!("bool_or({} > 30)", self.integer(dice, alias)),
            3 => format!("string_agg({alias}.{key}, ',' order by {alias}.{key})"),
            _ => format!("sum(distinct {})", self.integer(dice, alias)),
        };
        format!(
            "count(*) as n, sum({number}) as s, min({alias}.{any}) as a, max({alias}.{any}) as b, \
             count(distinct {alias}.{other}) as d, {last} as f"
        )
    }

    /// Aggregates that stay cheap over the many rows of a join.
    pub fn aggregates_of_few(&self, dice: &mut Dice<'_>, alias: &str) -> String {
        let number = self.number(dice, alias);
        let (any, other) = (self.any(dice), self.text(dice));
        format!(
            "count(*) as n, sum({number}) as s, min({alias}.{any}) as a, max({alias}.{any}) as b, \
             count(distinct {alias}.{other}) as d"
        )
    }
}
