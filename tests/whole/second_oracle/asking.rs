//! One statement over the PostgreSQL protocol, to whichever server: prepared, its values bound, answers in binary.

use std::error::Error;
use std::time::Duration;

use tokio_postgres::types::{Format, IsNull, ToSql, Type, private::BytesMut};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::tree::Written;
use super::value::{Cell, Class};

/// Rows as they came, a cell being empty where it is null.
pub type Rows = Vec<Vec<Option<String>>>;

/// What a server said.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Rows {
        classes: Vec<Class>,
        rows: Rows,
    },
    /// SQLSTATE and words.
    Refused {
        code: String,
        words: String,
    },
    /// The connection broke or the answer was none.
    Broken(String),
}

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks, and reads every value.
pub async fn ask(client: &Client, statement: &Written) -> Said {
    match tokio::time::timeout(PATIENCE, prepared(client, statement)).await {
        Ok(Ok(said)) => said,
        Ok(Err(error)) => refused(&error),
        Err(_) => Said::Broken("no answer in time".into()),
    }
}

/// Asks by the simple protocol: texts, as people see them.
pub async fn ask_simply(client: &Client, sql: &str) -> Said {
    match tokio::time::timeout(PATIENCE, client.simple_query(sql)).await {
        Ok(Ok(messages)) => {
            let row = |message: &SimpleQueryMessage| match message {
                SimpleQueryMessage::Row(row) => {
                    Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect())
                }
                _ => None,
            };
            Said::Rows { classes: Vec::new(), rows: messages.iter().filter_map(row).collect() }
        }
        Ok(Err(error)) => refused(&error),
        Err(_) => Said::Broken("no answer in time".into()),
    }
}

async fn prepared(client: &Client, statement: &Written) -> Result<Said, tokio_postgres::Error> {
    let kinds: Vec<Type> = statement.bound.iter().map(|(kind, _)| kind_named(kind)).collect();
    let prepared = client.prepare_typed(&statement.sql, &kinds).await?;
    let classes = prepared.columns().iter().map(|column| Class::of(column.type_())).collect();
    let values: Vec<Value<'_>> = statement.bound.iter().map(|(_, value)| Value(value)).collect();
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    let rows = client.query(&prepared, &values).await?;
    let mut read = Rows::new();
    for row in &rows {
        let cells = (0..row.len())
            .map(|at| row.try_get::<_, Option<Cell>>(at).map(|cell| cell.map(|Cell(text)| text)));
        read.push(cells.collect::<Result<_, _>>()?);
    }
    Ok(Said::Rows { classes, rows: read })
}

fn refused(error: &tokio_postgres::Error) -> Said {
    match error.as_db_error() {
        Some(refusal) => {
            Said::Refused { code: refusal.code().code().to_owned(), words: refusal.message().to_owned() }
        }
        None => Said::Broken(format!("{error:?}")),
    }
}

fn kind_named(name: &str) -> Type {
    match name {
        "int2" => Type::INT2,
        "int4" => Type::INT4,
        "int8" => Type::INT8,
        "numeric" => Type::NUMERIC,
        "float8" => Type::FLOAT8,
        "text" => Type::TEXT,
        "varchar" => Type::VARCHAR,
        "bool" => Type::BOOL,
        "date" => Type::DATE,
        "timestamp" => Type::TIMESTAMP,
        "timestamptz" => Type::TIMESTAMPTZ,
        "text[]" => Type::TEXT_ARRAY,
        "int4[]" => Type::INT4_ARRAY,
        "int8[]" => Type::INT8_ARRAY,
        "numeric[]" => Type::NUMERIC_ARRAY,
        "date[]" => Type::DATE_ARRAY,
        "timestamp[]" => Type::TIMESTAMP_ARRAY,
        other => panic!("no type is called {other}"),
    }
}

/// A value bound in binary where that is simple, as text otherwise: clients do both.
#[derive(Debug)]
struct Value<'v>(&'v str);

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.encode_format(kind), kind) {
            (Format::Binary, &Type::INT4) => self.0.parse::<i32>()?.to_sql(kind, out),
            (Format::Binary, &Type::INT8) => self.0.parse::<i64>()?.to_sql(kind, out),
            (Format::Binary, &Type::FLOAT8) => self.0.parse::<f64>()?.to_sql(kind, out),
            (Format::Binary, &Type::DATE) => self.0.parse::<chrono::NaiveDate>()?.to_sql(kind, out),
            (Format::Binary, &Type::TIMESTAMP) => {
                self.0.replace(' ', "T").parse::<chrono::NaiveDateTime>()?.to_sql(kind, out)
            }
            _ => {
                out.extend_from_slice(self.0.as_bytes());
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, kind: &Type) -> Format {
        let binary = [Type::INT4, Type::INT8, Type::FLOAT8, Type::DATE, Type::TIMESTAMP, Type::TEXT];
        if binary.contains(kind) { Format::Binary } else { Format::Text }
    }

    tokio_postgres::types::to_sql_checked!();
}
