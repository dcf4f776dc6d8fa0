//! Lays figures out as an answer: columns, rows in the asked order, values in the form of their column type.

use std::cmp::Ordering;

use chrono::NaiveDate;
use pujiang_security::DistrictCode;
use pujiang_security::district::{name_of, place_name};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use super::figures::Cell;
use super::grid::Grid;
use super::names::Names;
use crate::calendar::Grain;
use crate::definition::{DISTRICT, IndicatorDef, IndicatorDefinitions, PLACE, name_column};
use crate::query::{Column, ColumnType, Compare, OrderKey, ValidQuery};
use crate::rounding::half_away;

/// Digits of a change or share. Whoever shows a percent with one digit rounds once more; with so many digits that is
/// the same as rounding the exact value, unless a denominator has more than ten.
const RATIO_DIGITS: u32 = 10;

/// The unit of a change of a percentage.
const POINTS: &str = "百分点";

/// A value before it is written, so that rows can be ordered by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Date(NaiveDate),
    Text(String),
    Number(Decimal, Form),
    Missing,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Integer,
    Fixed(u32),
    Ratio,
}

/// The headings of an answer.
pub(super) fn columns(query: &ValidQuery<'_>, definitions: &IndicatorDefinitions) -> Vec<Column> {
    let plain = |name: &str, title: &str, kind| Column {
        name: name.to_owned(),
        title: title.to_owned(),
        unit: None,
        kind,
    };
    let mut columns = vec![plain("period", query.grain.title(), ColumnType::Date)];
    for dimension in &query.dimensions {
        if dimension == DISTRICT {
            columns.push(plain(DISTRICT, "区", ColumnType::Text));
            columns.push(plain("district_name", "区名", ColumnType::Text));
        } else if dimension == PLACE {
            columns.push(plain(PLACE, "当时区划", ColumnType::Text));
            columns.push(plain("place_name", "当时区名", ColumnType::Text));
        } else {
            let known = definitions.dimensions().get(dimension);
            let title = known.map_or(dimension.as_str(), |known| &known.title);
            columns.push(plain(dimension, title, ColumnType::Text));
            if definitions.is_named(dimension) {
                columns.push(plain(&name_column(dimension), &format!("{title}名称"), ColumnType::Text));
            }
        }
    }
    for indicator in &query.indicators {
        columns.push(Column {
            name: indicator.id.clone(),
            title: indicator.title.clone(),
            unit: Some(indicator.unit.clone()),
            kind: indicator.value_type(),
        });
        for compare in &query.compare {
            let kind = match compare {
                Compare::Yoy | Compare::Mom => indicator.change_type(),
                Compare::Share => ColumnType::Ratio,
                Compare::Cumulative => indicator.value_type(),
                Compare::Rank => ColumnType::Integer,
            };
            let unit = match kind {
                ColumnType::Points => Some(POINTS.to_owned()),
                _ => (*compare == Compare::Cumulative).then(|| indicator.unit.clone()),
            };
            columns.push(Column {
                name: format!("{}.{}", indicator.id, compare.as_str()),
                title: compare.title().to_owned(),
                unit,
                kind,
            });
        }
    }
    columns
}

/// The rows of an answer, in the order of codes unless another is asked. `named` says what members are called.
pub(super) fn rows(
    query: &ValidQuery<'_>,
    named: (&IndicatorDefinitions, &Names),
    columns: &[Column],
    grid: &Grid,
) -> Vec<Vec<Value>> {
    let (definitions, names) = named;
    let Grid { frames, members, cells, .. } = grid;
    let mut rows: Vec<Vec<Field>> = Vec::with_capacity(frames.len() * members.len());
    for (frame_place, frame) in frames.iter().enumerate() {
        // The only frame of a total is the asked range: it begins where the question says.
        let period = if query.grain == Grain::Total { frame.window.from } else { frame.period.from };
        for (member_place, member) in members.iter().enumerate() {
            let mut row = vec![Field::Date(period)];
            for (dimension, value) in query.dimensions.iter().zip(member) {
                row.push(text(value.clone()));
                if dimension == DISTRICT || dimension == PLACE {
                    row.push(text(value.as_deref().map(name_of_code)));
                } else if definitions.is_named(dimension) {
                    row.push(text(value.as_deref().map(|code| names.name(dimension, code).to_owned())));
                }
            }
            let place = frame_place * members.len() + member_place;
            for (indicator, cells) in query.indicators.iter().zip(cells) {
                figures(indicator, cells.get(place).copied().unwrap_or_default(), query, &mut row);
            }
            rows.push(row);
        }
    }
    order(&mut rows, columns, &query.order);
    rows.truncate(query.limit.unwrap_or(usize::MAX));
    rows.into_iter().map(|row| row.into_iter().map(write).collect()).collect()
}

fn figures(indicator: &IndicatorDef, cell: Cell, query: &ValidQuery<'_>, row: &mut Vec<Field>) {
    let value_form = match indicator.value_type() {
        ColumnType::Integer => Form::Integer,
        _ => Form::Fixed(indicator.decimals),
    };
    row.push(number(cell.value, value_form));
    for compare in &query.compare {
        let form = match compare {
            Compare::Cumulative => value_form,
            Compare::Rank => Form::Integer,
            Compare::Yoy | Compare::Mom if indicator.change_type() == ColumnType::Points => value_form,
            Compare::Yoy | Compare::Mom | Compare::Share => Form::Ratio,
        };
        row.push(number(cell.get(*compare), form));
    }
}

fn text(value: Option<String>) -> Field {
    value.map_or(Field::Missing, Field::Text)
}

fn number(value: Option<Decimal>, form: Form) -> Field {
    value.map_or(Field::Missing, |value| Field::Number(value, form))
}

/// The name of a district, present or retired, or of the city; a code nobody knows stands for itself.
fn name_of_code(code: &str) -> String {
    let city = || (code == DistrictCode::CITY.as_str()).then(|| name_of(DistrictCode::CITY));
    place_name(code).or_else(city).unwrap_or(code).to_owned()
}

/// Orders by the asked columns, missing values last either way; rows that are equal there keep their natural order.
fn order(rows: &mut [Vec<Field>], columns: &[Column], keys: &[OrderKey]) {
    let places: Vec<(usize, bool)> = keys
        .iter()
        .filter_map(|key| {
            Some((columns.iter().position(|column| column.name == key.column)?, key.descending))
        })
        .collect();
    if places.is_empty() {
        return;
    }
    rows.sort_by(|a, b| {
        let compare = |(place, descending): &(usize, bool)| match (a.get(*place), b.get(*place)) {
            (Some(Field::Missing), Some(Field::Missing)) => Ordering::Equal,
            (Some(Field::Missing), _) => Ordering::Greater,
            (_, Some(Field::Missing)) => Ordering::Less,
            (a, b) if *descending => b.cmp(&a),
            (a, b) => a.cmp(&b),
        };
        places.iter().map(compare).find(|ordering| *ordering != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
}

fn write(field: Field) -> Value {
    match field {
        Field::Missing => Value::Null,
        Field::Date(day) => Value::String(day.to_string()),
        Field::Text(text) => Value::String(text),
        Field::Number(value, Form::Integer) => half_away(value, 0).to_i64().map_or(Value::Null, Value::from),
        Field::Number(value, Form::Fixed(digits)) => {
            Value::String(format!("{:.*}", digits as usize, half_away(value, digits)))
        }
        Field::Number(value, Form::Ratio) => {
            half_away(value, RATIO_DIGITS).to_f64().map_or(Value::Null, Value::from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_form_of_their_column() {
        let check = |value: &str, form, expected: &str| {
            let field = Field::Number(value.parse().unwrap(), form);
            assert_eq!(write(field).to_string(), expected, "{value} {form:?}");
        };
        check("1234", Form::Integer, "1234");
        check("417661.9", Form::Fixed(2), "\"417661.90\"");
        check("0.005", Form::Fixed(2), "\"0.01\"");
        check("-0.005", Form::Fixed(2), "\"-0.01\"");
        check("0.0312", Form::Ratio, "0.0312");
        check("0.33333333333", Form::Ratio, "0.3333333333");
        check("-1", Form::Ratio, "-1.0");
    }

    #[test]
    fn missing_values_come_last_in_both_directions() {
        let columns =
            [Column { name: "n".into(), title: String::new(), unit: None, kind: ColumnType::Integer }];
        let check = |descending, expected: [&str; 3]| {
            let number = |value: &str| Field::Number(value.parse().unwrap(), Form::Integer);
            let mut rows = vec![vec![number("1")], vec![Field::Missing], vec![number("2")]];
            order(&mut rows, &columns, &[OrderKey { column: "n".into(), descending }]);
            assert_eq!(
                rows.into_iter().map(|mut row| write(row.remove(0)).to_string()).collect::<Vec<_>>(),
                expected
            );
        };
        check(false, ["1", "2", "null"]);
        check(true, ["2", "1", "null"]);
    }
}
