//! The tables of the lake as they come out of resources and table files together, written down once more in
//! `golden/lake-tables.txt`: a field that reaches the lake by itself is seen in review all the same.

use std::fmt::Write as _;
use std::sync::Arc;

use pujiang_tests::repository::root;
use pujiang_transactional::Definitions;
use pujiang_warehouse::{Catalog, ColumnType, TableDef, TableKind, Visibility};

/// The built-in tables.
pub fn catalog() -> Arc<Catalog> {
    Catalog::builtin(&Definitions::builtin().unwrap().lake_forms()).unwrap()
}

/// A table in words: its head, then a line for each column.
fn described(table: &TableDef) -> String {
    let or_none = |column: &Option<String>| column.clone().unwrap_or_else(|| "-".into());
    let kind = match table.kind {
        TableKind::District => "district",
        TableKind::Reference => "reference",
    };
    let mut text = format!(
        "{} {} {kind} key={} version={} time={} street={} organization={} person={} parent={}\n",
        table.id,
        table.title,
        table.key,
        or_none(&table.version),
        or_none(&table.time),
        or_none(&table.scope.street),
        or_none(&table.scope.organization),
        or_none(&table.scope.person),
        or_none(&table.parent),
    );
    for column in &table.columns {
        let kind = match column.kind {
            ColumnType::Text => "text".to_owned(),
            ColumnType::Integer => "integer".to_owned(),
            ColumnType::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
            ColumnType::Date => "date".to_owned(),
            ColumnType::Timestamp => "timestamp".to_owned(),
            ColumnType::Boolean => "boolean".to_owned(),
        };
        let visibility = match column.visibility {
            Visibility::Public => "public",
            Visibility::Internal => "internal",
            Visibility::Personal => "personal",
        };
        let nullable = if column.nullable { " nullable" } else { "" };
        let bookkeeping = if column.bookkeeping { " bookkeeping" } else { "" };
        let (name, title) = (&column.name, &column.title);
        writeln!(text, "  {name} {title} {kind} {visibility}{nullable}{bookkeeping}").unwrap();
    }
    text
}

#[test]
fn tables_and_columns_are_the_checked_in_ones() {
    let golden = std::fs::read_to_string(root().join("tests/golden/lake-tables.txt")).unwrap();
    let expected: Vec<&str> =
        golden.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let actual: String = catalog().tables().map(|table| described(table)).collect();
    assert_eq!(actual.lines().collect::<Vec<_>>(), expected, "see tests/golden/lake-tables.txt");
}
