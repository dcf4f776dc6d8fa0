//! Transactions and state changes as Arrow batches of the lake's tables.
//! Columns are found by name in the table's own schema: a table that gains a required column says so here.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use arrow::array::{
    ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::SchemaRef;
use chrono::NaiveDateTime;

use super::places::DISTRICTS;
use super::season::{CATEGORIES, MODES};
use super::transactions::Transaction;

/// What the lake shows of a card and whose it is.
pub struct CardFace {
    /// 3100********3510.
    pub masked: String,
    /// Pseudonym of domain `card_no`.
    pub token: String,
    /// Id of the person.
    pub person: String,
}

/// What a transaction says of its unit.
pub struct UnitFace {
    /// Credit code.
    pub credit_code: String,
    /// Code of its street.
    pub street: &'static str,
    /// Id of its organisation.
    pub organization: String,
}

/// Columns by name.
pub type Columns = BTreeMap<&'static str, ArrayRef>;

/// Puts columns into the order and types of a schema. Columns the table lacks and required columns not given are
/// errors; optional ones not given are null.
pub fn assemble(table: &str, schema: &SchemaRef, mut columns: Columns) -> anyhow::Result<RecordBatch> {
    let rows = columns.values().next().map_or(0, |column| column.len());
    let mut ordered = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let column = match columns.remove(field.name().as_str()) {
            Some(column) if column.data_type() == field.data_type() => column,
            Some(column) => cast(&column, field.data_type()).with_context(|| {
                format!("table {table}: column {} as {}", field.name(), field.data_type())
            })?,
            None if field.is_nullable() => new_null_array(field.data_type(), rows),
            None => {
                anyhow::bail!("table {table}: the demonstration gives no value for column {}", field.name())
            }
        };
        ordered.push(column);
    }
    if let Some(name) = columns.keys().next() {
        anyhow::bail!("table {table} has no column {name}");
    }
    RecordBatch::try_new(schema.clone(), ordered)
        .with_context(|| format!("table {table}: rows of the demonstration"))
}

/// Texts as a column.
pub fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// Moments of the Shanghai wall clock as a column.
pub fn moments(values: impl Iterator<Item = NaiveDateTime>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values(values.map(|at| at.and_utc().timestamp_micros())))
}

/// Sums in fen as decimal(12,2).
pub fn money(values: impl Iterator<Item = i64>) -> anyhow::Result<ArrayRef> {
    let array = Decimal128Array::from_iter_values(values.map(i128::from));
    Ok(Arc::new(array.with_precision_and_scale(12, 2).context("money of the demonstration")?))
}

/// Rows of `benefit_transaction`.
pub fn transactions(
    schema: &SchemaRef,
    rows: &[Transaction],
    units: &[UnitFace],
    cards: &[CardFace],
    loaded_at: NaiveDateTime,
) -> anyhow::Result<RecordBatch> {
    let numbers: Vec<String> = rows.iter().map(Transaction::number).collect();
    let columns = Columns::from([
        ("txn_no", texts(numbers.iter().map(String::as_str))),
        ("feed", texts(rows.iter().map(|_| HISTORY))),
        ("pay_time", moments(rows.iter().map(|row| row.pay_time))),
        ("district_code", texts(rows.iter().map(|row| DISTRICTS[row.district].code))),
        // Three years back no district had another code.
        ("place_code", texts(rows.iter().map(|row| DISTRICTS[row.district].code))),
        ("street_code", texts(rows.iter().map(|row| units[row.unit].street))),
        ("org_id", texts(rows.iter().map(|row| units[row.unit].organization.as_str()))),
        ("person_id", texts(rows.iter().map(|row| cards[row.person].person.as_str()))),
        ("merchant_code", texts(rows.iter().map(|row| units[row.unit].credit_code.as_str()))),
        ("card_no", texts(rows.iter().map(|row| cards[row.person].masked.as_str()))),
        ("card_token", texts(rows.iter().map(|row| cards[row.person].token.as_str()))),
        ("category", texts(rows.iter().map(|row| CATEGORIES[row.category].name))),
        ("mode", texts(rows.iter().map(|row| MODES[row.mode]))),
        ("original_amount", money(rows.iter().map(|row| row.original))?),
        ("discount", money(rows.iter().map(|row| row.discount))?),
        ("amount", money(rows.iter().map(Transaction::amount))?),
        ("state", texts(rows.iter().map(|row| if row.reversed { "reversed" } else { "confirmed" }))),
        (
            "record_version",
            // Entered as confirmed; the reversal wrote the row a second time.
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| 1 + i64::from(row.reversed)))),
        ),
        ("loaded_at", moments(rows.iter().map(|_| loaded_at))),
    ]);
    assemble("benefit_transaction", schema, columns)
}

/// The feed named by transactions that came with the history.
pub const HISTORY: &str = "history";

/// One record entering (+1) or leaving (−1) a cell of (state, district, category, mode).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// Resource of the record.
    pub resource: &'static str,
    /// Id of the record.
    pub record_id: String,
    /// District of the record.
    pub district: &'static str,
    /// Shanghai wall clock.
    pub at: NaiveDateTime,
    /// State entered or left.
    pub state: &'static str,
    /// Ordinal of the change within the record, from 0.
    pub version: i64,
    /// +1 or −1.
    pub delta: i64,
    /// Category, if the resource has one.
    pub category: Option<&'static str>,
    /// Mode, if the resource has one.
    pub mode: Option<&'static str>,
}
