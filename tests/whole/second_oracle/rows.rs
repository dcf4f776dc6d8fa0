//! The rows both servers hold: NULLs, the least and the greatest numbers, Chinese texts, times around midnight, month and
//! year ends, leap days, week 53. Drawn once from small lists, so that joins meet and groups fill.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A table with texts of its values, by which PostgreSQL and the lake read them alike.
pub struct Filled {
    pub table: &'static str,
    /// Name and PostgreSQL type.
    pub columns: Vec<(&'static str, &'static str)>,
    pub rows: Vec<Vec<Option<String>>>,
}

const WORDS: &[&str] = &[
    "餐饮",
    "文旅",
    "浦东新区",
    "徐汇",
    "abc",
    "Ab1",
    "a_b",
    "100%",
    "",
    " a b ",
    "it's",
    "a,b",
    "a\\b",
    "b",
    "交通",
    "12",
    "餐饮",
    "文旅",
    "abc",
    "浦东新区",
];
const NUMBER_WORDS: &[&str] = &["12", "3.50", "-7", "0", "100", "0.1"];
const MONEY: &[&str] = &[
    "0.00",
    "0.01",
    "-0.01",
    "12.50",
    "33.30",
    "19.99",
    "4.35",
    "100.00",
    "9999999999.99",
    "-9999999999.99",
    "0.50",
    "1.50",
    "2.50",
    "30000.00",
    "12.50",
    "7.05",
];
const DEGREES: &[&str] = &["121.473701", "31.230416", "0.000001", "-0.000001", "121.500000", "9999.999999"];
const WHOLE: &[&str] = &[
    "9223372036854775807",
    "-9223372036854775808",
    "0",
    "1",
    "-1",
    "2",
    "2147483647",
    "-2147483648",
    "42",
    "7",
    "10",
    "3",
];
const SMALL: &[&str] = &["0", "1", "2", "3", "5", "7", "10", "42", "60"];
const TIMES: &[&str] = &[
    "2026-10-01 00:30:00",
    "2026-10-01 00:00:00",
    "2026-09-30 23:59:59.999999",
    "2025-12-31 23:59:59",
    "2026-01-01 00:00:00",
    "2026-01-01 07:59:59",
    "2024-02-29 12:00:00",
    "2023-02-28 23:30:00",
    "2027-01-03 08:00:00",
    "2020-12-31 16:00:00",
    "2021-01-03 00:00:00.5",
    "2026-10-03 08:05:00",
    "2026-03-31 10:00:00",
    "1970-01-01 00:00:00",
    "1999-12-31 23:59:59.123456",
    "2026-10-03 08:05:00",
    "2000-02-29 00:30:00",
    "2026-12-28 01:00:00",
];
const DAYS: &[&str] = &[
    "2026-10-01",
    "2024-02-29",
    "2025-12-31",
    "2026-01-01",
    "2027-01-03",
    "2021-01-03",
    "1970-01-01",
    "2026-03-31",
];
const DISTRICTS: &[&str] = &["310101", "310104", "310115"];

/// How a column is filled: its values and how many of a hundred are NULL.
type Fill = (&'static str, &'static str, &'static [&'static str], u32);

const TRANSACTIONS: &[Fill] = &[
    ("txn_no", "text", &[], 0),
    ("feed", "text", &["bank", "museum"], 0),
    ("pay_time", "timestamp", TIMES, 0),
    ("district_code", "text", DISTRICTS, 0),
    ("loaded_at", "timestamp", TIMES, 20),
    ("category", "text", &["餐饮", "文旅", "交通"], 15),
    ("mode", "text", WORDS, 15),
    ("place_code", "text", DISTRICTS, 20),
    ("state", "text", &["confirmed", "reversed"], 0),
    ("original_amount", "decimal(12,2)", MONEY, 10),
    ("discount", "decimal(12,2)", &["0.00", "0.50", "2.50", "1.50"], 20),
    ("amount", "decimal(12,2)", MONEY, 10),
    ("record_version", "bigint", WHOLE, 10),
];
const UNITS: &[Fill] = &[
    ("id", "text", &[], 0),
    ("district_code", "text", DISTRICTS, 0),
    ("name", "text", WORDS, 10),
    ("org_type", "text", &["服务单位", "街道", "A"], 20),
    ("address", "text", WORDS, 25),
    ("founded_on", "date", DAYS, 15),
    ("updated_at", "timestamp", TIMES, 15),
    ("row_version", "bigint", SMALL, 0),
];
const SERVICES: &[Fill] = &[
    ("id", "text", &[], 0),
    ("district_code", "text", DISTRICTS, 0),
    ("is_hot", "boolean", &["t", "f"], 25),
    ("mode", "text", &["线上", "线下"], 20),
    ("category", "text", &["餐饮", "文旅", "交通"], 15),
    ("discount_note", "text", NUMBER_WORDS, 20),
    ("updated_at", "timestamp", TIMES, 15),
    ("row_version", "bigint", SMALL, 0),
];
const POINTS: &[Fill] = &[
    ("id", "text", &[], 0),
    ("district_code", "text", DISTRICTS, 0),
    ("longitude", "decimal(10,6)", DEGREES, 15),
    ("latitude", "decimal(10,6)", DEGREES, 15),
    ("open_hours", "text", WORDS, 10),
    ("category", "text", &["餐饮", "文旅"], 15),
    ("row_version", "bigint", SMALL, 0),
];
const EVENTS: &[Fill] = &[
    ("event_key", "text", &[], 0),
    ("resource", "text", &["person", "organization"], 0),
    ("record_id", "text", WORDS, 0),
    ("district_code", "text", DISTRICTS, 0),
    ("occurred_at", "timestamp", TIMES, 0),
    ("state", "text", &["active"], 0),
    ("delta", "bigint", WHOLE, 0),
    ("category", "text", &["餐饮", "文旅", "交通"], 15),
    ("mode", "text", WORDS, 20),
];

/// Name, columns and number of rows.
const TABLES: [(&str, &[Fill], usize); 5] = [
    ("benefit_transaction", TRANSACTIONS, 36),
    ("organization", UNITS, 20),
    ("benefit_service", SERVICES, 18),
    ("service_point", POINTS, 14),
    ("state_event", EVENTS, 24),
];

/// All rows; the same every time.
pub fn filled() -> Vec<Filled> {
    let rng = &mut ChaCha8Rng::seed_from_u64(15);
    TABLES.iter().map(|(table, fills, count)| draw(table, fills, *count, rng)).collect()
}

fn draw(table: &'static str, fills: &[Fill], count: usize, rng: &mut ChaCha8Rng) -> Filled {
    let mut rows = Vec::new();
    for number in 0..count {
        let cell = |(_, _, values, nulls): &Fill| match values {
            [] => Some(format!("{}{number:02}", &table[..1])),
            _ if rng.random_range(0..100) < *nulls => None,
            _ => values.choose(rng).map(|value| (*value).to_owned()),
        };
        rows.push(fills.iter().map(cell).collect());
    }
    Filled { table, columns: fills.iter().map(|(name, kind, ..)| (*name, *kind)).collect(), rows }
}

impl Filled {
    /// The statements that make it in PostgreSQL.
    pub fn script(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        let quoted = |cell: &Option<String>| match cell {
            Some(text) => format!("'{}'", text.replace('\'', "''")),
            None => "null".to_owned(),
        };
        let row = |row: &Vec<Option<String>>| {
            format!("({})", row.iter().map(quoted).collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<String> = self.rows.iter().map(row).collect();
        format!(
            "create table {} ({});\ninsert into {0} values {};\n",
            self.table,
            columns.join(", "),
            rows.join(", ")
        )
    }
}
