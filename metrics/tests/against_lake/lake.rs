//! A lake in a temporary folder, filled from small text tables, and the principals that ask it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use chrono::{NaiveDate, NaiveDateTime};
use pujiang_security::{Assignment, Identity, Principal, PrincipalIssuer, Roles};
use pujiang_transactional::Definitions;
use pujiang_warehouse::{Catalog, Change, ColumnDef, ColumnType, Door, Lake, TableDef};
use rust_decimal::Decimal;

/// The built-in tables.
pub fn catalog() -> Arc<Catalog> {
    Catalog::builtin(&Definitions::builtin().unwrap().lake_forms()).unwrap()
}

pub struct TempLake {
    lake: Arc<Lake>,
    _folder: tempfile::TempDir,
}

impl TempLake {
    /// A lake that holds these rows; each table is text with `|` between columns and a heading line.
    pub async fn with(tables: &BTreeMap<String, String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path(), catalog()).await.unwrap();
        let temp = Self { lake, _folder: folder };
        for (name, text) in tables {
            temp.write(name, &table(text)).await;
        }
        temp
    }

    pub fn door(&self) -> Door {
        self.lake.door()
    }

    /// Writes rows; the first one names the columns.
    pub async fn write(&self, table: &str, rows: &[Vec<String>]) {
        let def = self.lake.catalog().table(table).unwrap_or_else(|| panic!("no table {table}")).clone();
        let change = Change { upserts: vec![batch(&def, rows)], deletes: Vec::new() };
        let written = self.lake.writer(table).unwrap().upsert(change, None).await.unwrap();
        assert_eq!(written.inserted, rows.len() - 1, "{table}");
    }

    /// Loads many new rows at once.
    pub async fn bulk(&self, table: &str, rows: &[Vec<String>]) {
        let def = self.lake.catalog().table(table).unwrap().clone();
        let mut bulk = self.lake.bulk(table).unwrap();
        bulk.push(batch(&def, rows)).await.unwrap();
        bulk.finish(None).await.unwrap();
    }
}

/// Splits a text table into rows of trimmed cells.
pub fn table(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect();
    text.lines().filter(|line| !line.trim().is_empty()).map(cells).collect()
}

/// `city`, or districts joined by `+`.
pub fn principal(scope: &str) -> Principal {
    let assignments = match scope {
        "nothing" => Vec::new(),
        scope => scope.split('+').map(|one| Assignment::parse(one).unwrap()).collect(),
    };
    let role = if scope == "city" { "city_analyst" } else { "district_clerk" };
    as_role(role, assignments)
}

pub fn as_role(role: &str, assignments: Vec<Assignment>) -> Principal {
    PrincipalIssuer::new(Roles::builtin().unwrap()).issue(Identity {
        account_id: "1".into(),
        account: "tester".into(),
        name: "测试".into(),
        roles: vec![role.into()],
        assignments,
        viewer: None,
    })
}

/// Columns a table does not name get a value that says nothing; the key counts the rows.
fn batch(def: &TableDef, rows: &[Vec<String>]) -> RecordBatch {
    let (head, rows) = rows.split_first().unwrap();
    for name in head {
        assert!(def.column(name).is_some(), "table {} has no column {name}", def.id);
    }
    let column = |column: &ColumnDef| {
        let place = head.iter().position(|name| *name == column.name);
        let cells = rows.iter().enumerate().map(|(row, cells)| match place {
            Some(place) => Some(cells[place].clone()).filter(|cell| cell != "null"),
            None if column.name == def.key => Some(format!("row-{row}")),
            None if column.nullable => None,
            None => Some(neutral(column.kind).to_owned()),
        });
        array(column.kind, &cells.collect::<Vec<_>>())
    };
    RecordBatch::try_new(def.arrow_schema(), def.columns.iter().map(column).collect()).unwrap()
}

fn neutral(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "-",
        ColumnType::Integer => "1",
        ColumnType::Decimal(..) => "0",
        ColumnType::Date => "2000-01-01",
        ColumnType::Timestamp => "2000-01-01T00:00:00",
        ColumnType::Boolean => "false",
    }
}

fn array(kind: ColumnType, cells: &[Option<String>]) -> ArrayRef {
    let cells = || cells.iter().map(Option::as_deref);
    let date = |text: &str| (text.parse::<NaiveDate>().unwrap() - NaiveDate::default()).num_days() as i32;
    let time = |text: &str| text.parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros();
    match kind {
        ColumnType::Text => Arc::new(cells().collect::<StringArray>()),
        ColumnType::Integer => {
            Arc::new(cells().map(|cell| cell.map(|text| text.parse().unwrap())).collect::<Int64Array>())
        }
        ColumnType::Date => Arc::new(cells().map(|cell| cell.map(date)).collect::<Date32Array>()),
        ColumnType::Timestamp => {
            Arc::new(cells().map(|cell| cell.map(time)).collect::<TimestampMicrosecondArray>())
        }
        ColumnType::Boolean => {
            Arc::new(cells().map(|cell| cell.map(|text| text == "true")).collect::<BooleanArray>())
        }
        ColumnType::Decimal(precision, scale) => {
            let units = |text: &str| {
                let mut value: Decimal = text.parse().unwrap();
                value.rescale(scale as u32);
                value.mantissa()
            };
            let values = cells().map(|cell| cell.map(units)).collect::<Decimal128Array>();
            Arc::new(values.with_precision_and_scale(precision, scale).unwrap())
        }
    }
}
