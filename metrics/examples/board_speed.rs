//! Measures a board of twelve questions over three years of a whole city: the first time, and again after a commit
//! made every kept answer useless. Run with `cargo run -p pujiang-metrics --example board_speed`.

#![expect(clippy::print_stdout, reason = "the figures are the point of this program")]

use std::sync::Arc;
use std::time::Instant;

use arrow::array::{
    ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::DataType;
use pujiang_metrics::{FixedClock, IndicatorDefinitions, MetricsEngine, MetricsQuery};
use pujiang_security::district::DISTRICTS;
use pujiang_security::{Assignment, Identity, Principal, PrincipalIssuer, Roles};
use pujiang_transactional::Definitions;
use pujiang_warehouse::{Catalog, Lake, TableDef};
use serde_json::{Value, json};

const DAYS: i64 = 1_096;
const CATEGORIES: [&str; 8] = ["文旅", "购物", "餐饮", "教育", "医疗", "交通", "体育", "金融"];
const MODES: [&str; 5] = ["电子证", "主扫", "被扫", "跳转", "券"];
const ROWS_PER_CELL: i64 = 2;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let resources = Definitions::builtin().map_err(|errors| format!("{errors:?}"))?;
    let catalog = Catalog::builtin(&resources.lake_forms()).map_err(|errors| format!("{errors:?}"))?;
    let lake = Lake::open(folder.path(), catalog).await?;
    fill(&lake).await?;
    let definitions = IndicatorDefinitions::builtin().map_err(|errors| format!("{errors:?}"))?;
    let clock = Arc::new(FixedClock("2026-10-31T12:00:00+08:00".parse()?));
    let principal = city();
    let begun = Instant::now();
    let engine = MetricsEngine::new(lake.door(), definitions.clone()).with_clock(clock.clone());
    engine.warm(&principal).await?;
    println!("warm (rollups made from rows): {:?}", begun.elapsed());
    board("first time, rollups warm", &engine, &principal).await?;
    board("again", &engine, &principal).await?;
    let fresh = MetricsEngine::new(lake.door(), definitions).with_clock(clock);
    board("nothing kept, rollups warm", &fresh, &principal).await?;
    Ok(())
}

async fn board(
    label: &str,
    engine: &MetricsEngine,
    principal: &Principal,
) -> Result<(), Box<dyn std::error::Error>> {
    let begun = Instant::now();
    for (name, body) in questions() {
        let query = MetricsQuery::from_json(&body)?;
        let asked = Instant::now();
        let answer = engine.query(principal, &query).await?;
        println!("  {label}: {name}: {} rows in {:?}", answer.rows.len(), asked.elapsed());
    }
    println!("{label}: board in {:?}", begun.elapsed());
    Ok(())
}

fn questions() -> Vec<(&'static str, Value)> {
    let year = json!({"grain": "month", "from": "2025-10-01", "to": "2026-10-31"});
    let two_years = json!({"grain": "month", "from": "2024-10-01", "to": "2026-10-31"});
    let month = json!({"grain": "month", "from": "2026-10-01", "to": "2026-10-31"});
    let figure =
        |id: &str| json!({"indicators": [id], "time": year, "compare": ["yoy", "mom", "cumulative"]});
    vec![
        ("figure U03", figure("S1-U03")),
        ("figure B05", figure("S1-B05")),
        ("figure B06", figure("S1-B06")),
        ("figure U08", figure("S1-U08")),
        ("figure P09", figure("S1-P09")),
        ("figure P10", figure("S1-P10")),
        (
            "map",
            json!({"indicators": ["S1-U03", "S1-B05", "S1-P01", "S1-P10"], "dimensions": ["district"], "time": month, "compare": ["yoy"]}),
        ),
        ("trend", json!({"indicators": ["S1-U03"], "time": two_years})),
        (
            "trend by district",
            json!({"indicators": ["S1-B05"], "dimensions": ["district"], "time": two_years}),
        ),
        (
            "ranking",
            json!({"indicators": ["S1-B05"], "dimensions": ["district"], "time": month, "compare": ["yoy", "rank"], "order": ["-S1-B05"]}),
        ),
        (
            "composition mode",
            json!({"indicators": ["S1-B07"], "dimensions": ["mode"], "time": month, "compare": ["share"]}),
        ),
        (
            "composition category",
            json!({"indicators": ["S1-B05"], "dimensions": ["category"], "time": month, "compare": ["share"]}),
        ),
        (
            "all days of three years",
            json!({"indicators": ["S1-U03", "S1-B05"], "dimensions": ["district"], "time": {"grain": "day", "from": "2023-11-01", "to": "2026-10-31"}}),
        ),
    ]
}

async fn fill(lake: &Lake) -> Result<(), Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let def = lake.catalog().table("benefit_transaction").ok_or("benefit_transaction")?.clone();
    let mut bulk = lake.bulk("benefit_transaction")?;
    for district in &DISTRICTS {
        bulk.push(district_rows(&def, district.code.as_str())?).await?;
    }
    let rows = bulk.finish(None).await?;
    println!("{rows:?} rows loaded in {:?}", begun.elapsed());
    Ok(())
}

fn district_rows(def: &TableDef, district: &str) -> Result<RecordBatch, Box<dyn std::error::Error>> {
    let cells = DAYS * 40 * ROWS_PER_CELL;
    let first = "2023-11-01"
        .parse::<chrono::NaiveDate>()?
        .and_hms_opt(9, 0, 0)
        .ok_or("time")?
        .and_utc()
        .timestamp_micros();
    let mix = |row: i64| row.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64).rotate_left(23) as u64;
    let texts = |value: &dyn Fn(i64) -> String| -> ArrayRef {
        Arc::new((0..cells).map(|row| Some(value(row))).collect::<StringArray>())
    };
    let column = |name: &str, kind: &DataType| -> Result<ArrayRef, Box<dyn std::error::Error>> {
        Ok(match name {
            "txn_no" => texts(&|row| format!("{district}-{row}")),
            "district_code" => texts(&|_| district.to_owned()),
            "pay_time" => Arc::new(
                (0..cells)
                    .map(|row| Some(first + row / 80 * 86_400_000_000))
                    .collect::<TimestampMicrosecondArray>(),
            ),
            "category" => texts(&|row| CATEGORIES[(row % 8) as usize].to_owned()),
            "mode" => texts(&|row| MODES[(row / 8 % 5) as usize].to_owned()),
            "merchant_code" => texts(&|row| format!("{district}-{}", mix(row) % 20)),
            "card_token" => texts(&|row| format!("{:032}", mix(row) % 50_000)),
            "state" => texts(&|_| "confirmed".to_owned()),
            "feed" => texts(&|_| "bank".to_owned()),
            _ => match kind {
                DataType::Decimal128(precision, scale) => {
                    let values =
                        (0..cells).map(|row| Some((mix(row) % 50_000) as i128)).collect::<Decimal128Array>();
                    Arc::new(values.with_precision_and_scale(*precision, *scale)?)
                }
                DataType::Int64 => Arc::new(Int64Array::from(vec![1; cells as usize])),
                DataType::Timestamp(..) => {
                    Arc::new(TimestampMicrosecondArray::from(vec![first; cells as usize]))
                }
                _ => texts(&|_| "-".to_owned()),
            },
        })
    };
    let columns =
        def.columns.iter().map(|one| column(&one.name, &one.kind.arrow())).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(def.arrow_schema(), columns)?)
}

fn city() -> Principal {
    PrincipalIssuer::new(Roles::builtin().expect("built-in roles")).issue(Identity {
        account_id: "1".into(),
        account: "city".into(),
        name: "全市".into(),
        roles: vec!["city_analyst".into()],
        assignments: vec![Assignment::City],
        viewer: None,
    })
}
