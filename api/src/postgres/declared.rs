//! Types a client gives its parameters in Parse, as types of SQL. A statement is planned with them, as PostgreSQL does: a text
//! compared with a text stays one, and `select $1` gives back what was sent. A decimal has the digits of its value, known only
//! when it is bound.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use datafusion::common::ParamValues;
use datafusion::sql::sqlparser::ast::{
    ArrayElemTypeDef, DataType as SqlType, ExactNumberInfo, Statement, TimezoneInfo,
};
use pgwire::api::Type;
use pujiang_warehouse::declare;

use super::elements::element_type;
use super::placeholder::Placeholders;

/// Digits of a decimal, and those behind its point, before it is bound.
const ANY_DECIMAL: (u64, i64) = (38, 10);

/// The parameters whose type the client said, by their number from one.
#[derive(Debug, Default)]
pub struct Declared(BTreeMap<usize, Type>);

impl Declared {
    /// Those that have a type of SQL here. Numbers of rows are taken as they come.
    pub fn of(said: &[Option<Type>], named: &Placeholders) -> Self {
        let known = (1..).zip(said).filter_map(|(number, wire)| Some((number, wire.clone()?)));
        let known = known.filter(|(number, wire)| {
            !named.of_rows.contains(number) && sql_type(wire, ANY_DECIMAL).is_some()
        });
        Self(known.collect())
    }

    /// The statement as it is planned before values are known.
    pub fn first(&self, mut statement: Statement) -> Statement {
        declare(&mut statement, &self.types(|_| ANY_DECIMAL));
        statement
    }

    /// The statement with what these values are.
    pub fn bound(&self, mut statement: Statement, values: &ParamValues) -> Statement {
        let digits = |number: usize| match values {
            ParamValues::List(values) => {
                let value = number.checked_sub(1).and_then(|at| values.get(at));
                value.and_then(|value| digits(&value.value.data_type())).unwrap_or((1, 0))
            }
            ParamValues::Map(_) => ANY_DECIMAL,
        };
        declare(&mut statement, &self.types(digits));
        statement
    }

    /// What a parameter is to the engine: a decimal has its own digits, whatever it was planned with.
    pub fn engine(&self, number: usize, planned: Option<DataType>) -> Option<DataType> {
        let wire = self.0.get(&number);
        let own = wire.is_some_and(|wire| *wire == Type::NUMERIC || *wire == Type::NUMERIC_ARRAY);
        planned.filter(|_| !own)
    }

    fn types(&self, digits: impl Fn(usize) -> (u64, i64)) -> BTreeMap<usize, SqlType> {
        let typed = |(number, wire): (&usize, &Type)| Some((*number, sql_type(wire, digits(*number))?));
        self.0.iter().filter_map(typed).collect()
    }
}

/// Digits of a decimal or of the decimals of a list.
fn digits(data_type: &DataType) -> Option<(u64, i64)> {
    match data_type {
        DataType::Decimal128(all, behind) | DataType::Decimal256(all, behind) => {
            Some((u64::from(*all), i64::from(*behind)))
        }
        DataType::List(field) => digits(field.data_type()),
        _ => None,
    }
}

/// How SQL calls a type of the wire.
fn sql_type(wire: &Type, (all, behind): (u64, i64)) -> Option<SqlType> {
    Some(match *wire {
        Type::BOOL => SqlType::Boolean,
        Type::INT2 => SqlType::SmallInt(None),
        Type::INT4 => SqlType::Integer(None),
        Type::INT8 => SqlType::BigInt(None),
        Type::FLOAT4 => SqlType::Real,
        Type::FLOAT8 => SqlType::Double(ExactNumberInfo::None),
        Type::NUMERIC => SqlType::Numeric(ExactNumberInfo::PrecisionAndScale(all, behind)),
        Type::DATE => SqlType::Date,
        Type::TIME => SqlType::Time(None, TimezoneInfo::None),
        Type::TIMESTAMP => SqlType::Timestamp(Some(6), TimezoneInfo::None),
        Type::TIMESTAMPTZ => SqlType::Timestamp(Some(6), TimezoneInfo::WithTimeZone),
        Type::INTERVAL => SqlType::Interval { fields: None, precision: None },
        Type::TEXT | Type::VARCHAR => SqlType::Text,
        _ => {
            let element = sql_type(&element_type(wire)?, (all, behind))?;
            SqlType::Array(ArrayElemTypeDef::SquareBracket(Box::new(element), None))
        }
    })
}

#[cfg(test)]
mod tests {
    use datafusion::scalar::ScalarValue;
    use pujiang_warehouse::parse;

    use super::*;

    #[test]
    fn a_statement_says_what_its_parameters_are() {
        let text = "SELECT $1, $2, $3, $4 LIMIT $5";
        let said = [Type::NUMERIC, Type::TEXT_ARRAY, Type::UNKNOWN, Type::TIMESTAMPTZ, Type::INT8].map(Some);
        let declared = Declared::of(&said, &Placeholders::of(text));
        let statement = || parse(text).expect("sql").remove(0);
        assert_eq!(
            declared.first(statement()).to_string(),
            "SELECT CAST($1 AS NUMERIC(38,10)), CAST($2 AS TEXT[]), $3, CAST($4 AS TIMESTAMP(6) WITH TIME ZONE) LIMIT $5"
        );
        let values = [ScalarValue::Decimal128(Some(1250), 4, 2), ScalarValue::Null];
        let values = ParamValues::List(values.into_iter().map(Into::into).collect());
        assert!(
            declared.bound(statement(), &values).to_string().starts_with("SELECT CAST($1 AS NUMERIC(4,2)), ")
        );
        assert_eq!(declared.engine(1, Some(DataType::Decimal128(38, 10))), None);
        assert_eq!(declared.engine(4, Some(DataType::Int64)), Some(DataType::Int64));
    }
}
