//! Parquet files with other types than the given file has.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int64Array, LargeStringArray, RecordBatch, StringArray, StructArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type};
use parquet::arrow::ArrowWriter;

use super::*;

const OK: &str = "K1 310104 2026-09-06T00:30:00 10.00";
/// 2026-09-05T16:30:00Z.
const SECONDS: i64 = 1_788_625_800;

fn text(value: &str) -> ArrayRef {
    Arc::new(StringArray::from(vec![value]))
}

fn cents(value: i128) -> ArrayRef {
    Arc::new(Decimal128Array::from(vec![value]).with_precision_and_scale(12, 2).expect("decimal"))
}

/// A file of one row with some columns replaced; a `None` drops the column.
fn file(changes: &[(&str, Option<ArrayRef>)]) -> Vec<u8> {
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("trade_no", text("K1")),
        ("paid_at", Arc::new(TimestampMillisecondArray::from(vec![SECONDS * 1000]).with_timezone("UTC"))),
        ("district", text("徐汇区")),
        ("merchant", text("913196107872023385")),
        ("card", text("3100386247984683")),
        ("category", text("购物")),
        ("original", cents(1250)),
        ("discount", cents(250)),
        ("paid", cents(1000)),
    ];
    for (name, change) in changes {
        columns.retain(|(n, _)| n != name);
        if let Some(array) = change {
            columns.push((name, array.clone()));
        }
    }
    let batch = RecordBatch::try_from_iter(columns).expect("batch");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
    bytes
}

#[test]
fn types_of_money_time_and_text() {
    let one = |name: &'static str, array: ArrayRef| file(&[(name, Some(array))]);
    let ok = format!("in 1 | {OK}");
    check("as given", "clearing", file(&[]), &ok);
    check(
        "float money",
        "clearing",
        one("paid", Arc::new(Float64Array::from(vec![9.999_999_999_999_998]))),
        &ok,
    );
    check("narrow float money", "clearing", one("discount", Arc::new(Float32Array::from(vec![2.5f32]))), &ok);
    check("integer money", "clearing", one("paid", Arc::new(Int64Array::from(vec![10]))), &ok);
    check("text money", "clearing", one("paid", text("10.00")), &ok);
    check(
        "money with four decimals",
        "clearing",
        one(
            "paid",
            Arc::new(Decimal128Array::from(vec![100_000]).with_precision_and_scale(18, 4).expect("decimal")),
        ),
        &ok,
    );
    check(
        "seconds without zone are UTC",
        "clearing",
        one("paid_at", Arc::new(TimestampSecondArray::from(vec![SECONDS]))),
        &ok,
    );
    check(
        "nanoseconds",
        "clearing",
        one(
            "paid_at",
            Arc::new(TimestampNanosecondArray::from(vec![SECONDS * 1_000_000_000]).with_timezone("UTC")),
        ),
        &ok,
    );
    check(
        "nanoseconds of Shanghai",
        "clearing",
        one(
            "paid_at",
            Arc::new(
                TimestampNanosecondArray::from(vec![SECONDS * 1_000_000_000]).with_timezone("Asia/Shanghai"),
            ),
        ),
        &ok,
    );
    check(
        "epoch milliseconds",
        "clearing",
        one("paid_at", Arc::new(Int64Array::from(vec![SECONDS * 1000]))),
        &ok,
    );
    check("text times", "clearing", one("paid_at", text("2026-09-06T00:30:00+08:00")), &ok);
    check(
        "days",
        "clearing",
        one("paid_at", Arc::new(Date32Array::from(vec![20_701]))),
        "in 1 | K1 310104 2026-09-05T08:00:00 10.00",
    );
    check("large text", "clearing", one("trade_no", Arc::new(LargeStringArray::from(vec!["K1"]))), &ok);
    check(
        "dictionary",
        "clearing",
        one("district", Arc::new(vec!["徐汇区"].into_iter().collect::<DictionaryArray<Int32Type>>())),
        &ok,
    );
    check("bytes", "clearing", one("district", Arc::new(BinaryArray::from(vec!["徐汇区".as_bytes()]))), &ok);
    check(
        "exact integer card",
        "clearing",
        one("card", Arc::new(Int64Array::from(vec![3_100_386_247_984_683]))),
        &ok,
    );
    check("an unknown column", "clearing", one("batch_no", text("7")), &ok);
    let fee = StructArray::from(vec![
        (Arc::new(Field::new("original", DataType::Utf8, true)), text("12.50")),
        (Arc::new(Field::new("paid", DataType::Utf8, true)), text("10")),
    ]);
    check(
        "nested",
        "clearing",
        file(&[("original", None), ("paid", None), ("fee", Some(Arc::new(fee)))]),
        &ok,
    );
    for (name, bytes, reason) in [
        (
            "float card",
            one("card", Arc::new(Float64Array::from(vec![3_100_386_247_984_683.0]))),
            "identifier_lost_precision",
        ),
        (
            "narrow float card",
            one("card", Arc::new(Float32Array::from(vec![3.100_386e15f32]))),
            "identifier_lost_precision",
        ),
        ("no number", one("paid", Arc::new(Float64Array::from(vec![f64::NAN]))), "required_missing"),
        ("too many decimals", one("paid", Arc::new(Float64Array::from(vec![10.005]))), "bad_number"),
        (
            "lost text",
            one("district", Arc::new(BinaryArray::from(vec![b"\xd0\xec".as_slice()]))),
            "bad_encoding",
        ),
    ] {
        check(name, "clearing", bytes, &format!("in 1 | 1 {reason}"));
    }
}

#[test]
fn refused_tables() {
    refused("a column gone", "clearing", file(&[("card", None)]), "missing_columns", &["优待证号"]);
    refused(
        "two columns for one field",
        "clearing",
        file(&[("amount", Some(cents(1000)))]),
        "ambiguous_columns",
        &["实付金额"],
    );
    refused("a text file", "clearing", "trade_no,paid\n", "wrong_format", &["Parquet"]);
    refused("empty", "clearing", "", "empty_file", &[]);
    let whole = file(&[]);
    refused("cut off", "clearing", &whole[..whole.len() / 2], "unreadable", &[]);
}
