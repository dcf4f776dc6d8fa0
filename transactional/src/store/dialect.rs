//! What differs between SQLite and PostgreSQL: column types, typed placeholders, reading a column back as text.
//! Every value crosses as text, i64 or bool, because the driver for either database knows no more.

use super::StoreError;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A file of this machine.
    Sqlite,
    /// PostgreSQL, or a database that speaks its protocol.
    Postgres,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Text,
    Int,
    Decimal { precision: u32, scale: u32 },
    Bool,
    Date,
    Timestamp,
    Uuid,
    Json,
}

/// An identifier in SQL. Only names of validated definitions and constants come here.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

impl Dialect {
    pub(crate) fn of_url(url: &str) -> Result<Self, StoreError> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Dialect::Sqlite),
            Some("postgres" | "postgresql") => Ok(Dialect::Postgres),
            _ => Err(StoreError::UnknownUrl),
        }
    }

    /// Declared type. The SQLite names all have TEXT affinity where text is stored, and still tell a changed type.
    pub(crate) fn column_type(self, kind: ColumnKind) -> String {
        match (self, kind) {
            (Dialect::Sqlite, ColumnKind::Text) => "TEXT".into(),
            (Dialect::Sqlite, ColumnKind::Int) => "BIGINT".into(),
            (Dialect::Sqlite, ColumnKind::Decimal { precision, scale }) => {
                format!("DECIMAL_TEXT({precision},{scale})")
            }
            (Dialect::Sqlite, ColumnKind::Bool) => "BOOLEAN".into(),
            (Dialect::Sqlite, ColumnKind::Date) => "DATE_TEXT".into(),
            (Dialect::Sqlite, ColumnKind::Timestamp) => "TIMESTAMP_TEXT".into(),
            (Dialect::Sqlite, ColumnKind::Uuid) => "UUID_TEXT".into(),
            (Dialect::Sqlite, ColumnKind::Json) => "JSON_TEXT".into(),
            // One order of texts on both databases, so that cursors mean the same.
            (Dialect::Postgres, ColumnKind::Text) => "TEXT COLLATE \"C\"".into(),
            (Dialect::Postgres, ColumnKind::Int) => "BIGINT".into(),
            (Dialect::Postgres, ColumnKind::Decimal { precision, scale }) => {
                format!("NUMERIC({precision},{scale})")
            }
            (Dialect::Postgres, ColumnKind::Bool) => "BOOLEAN".into(),
            (Dialect::Postgres, ColumnKind::Date) => "DATE".into(),
            (Dialect::Postgres, ColumnKind::Timestamp) => "TIMESTAMPTZ".into(),
            (Dialect::Postgres, ColumnKind::Uuid) => "UUID".into(),
            (Dialect::Postgres, ColumnKind::Json) => "JSONB".into(),
        }
    }

    /// A placeholder whose value fits a column of this kind.
    pub(crate) fn placeholder(self, kind: ColumnKind, position: usize) -> String {
        match (self, kind) {
            (Dialect::Sqlite, _) | (_, ColumnKind::Text | ColumnKind::Int | ColumnKind::Bool) => {
                format!("${position}")
            }
            (Dialect::Postgres, kind) => format!("CAST(${position} AS {})", self.column_type(kind)),
        }
    }

    /// The placeholder of a long statement whose values come in the order of their places. SQLite looks named places
    /// up one by one, which for thousands of them costs more than the rows.
    pub(crate) fn next_placeholder(self, kind: ColumnKind, position: usize) -> String {
        match self {
            Dialect::Sqlite => "?".to_owned(),
            Dialect::Postgres => self.placeholder(kind, position),
        }
    }

    /// An expression that reads a column as text.
    pub(crate) fn as_text(self, kind: ColumnKind, column: &str) -> String {
        match (self, kind) {
            (Dialect::Postgres, ColumnKind::Date) => format!("to_char({column}, 'YYYY-MM-DD')"),
            (Dialect::Postgres, ColumnKind::Timestamp) => format!(
                "to_char({column} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"+08:00\"')"
            ),
            _ => format!("CAST({column} AS TEXT)"),
        }
    }

    /// An expression whose order is the order of the values, empty ones first.
    pub(crate) fn sort_key(self, kind: ColumnKind, operand: &str, nullable: Nullable) -> String {
        let typed = match (self, kind) {
            // Exact up to 15 digits, which is all a money column holds.
            (Dialect::Sqlite, ColumnKind::Decimal { .. }) => format!("CAST({operand} AS NUMERIC)"),
            (Dialect::Postgres, ColumnKind::Bool) => format!("CAST({operand} AS INTEGER)"),
            (Dialect::Postgres, ColumnKind::Json) => format!("CAST({operand} AS TEXT)"),
            _ => operand.to_owned(),
        };
        let lowest = match (nullable, self, kind) {
            (Nullable::No, ..) => return typed,
            (_, _, ColumnKind::Int) => "-9223372036854775807",
            (_, _, ColumnKind::Decimal { .. }) => "-9999999999999",
            (_, _, ColumnKind::Bool) => "-1",
            (_, Dialect::Postgres, ColumnKind::Date) => "DATE '0001-01-01'",
            (_, Dialect::Postgres, ColumnKind::Timestamp) => "TIMESTAMPTZ '0001-01-01 00:00:00+00'",
            (_, Dialect::Postgres, ColumnKind::Uuid) => "UUID '00000000-0000-0000-0000-000000000000'",
            _ => "''",
        };
        format!("COALESCE({typed}, {lowest})")
    }
}

/// Whether a column may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nullable {
    Yes,
    No,
}
