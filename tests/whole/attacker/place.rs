//! The scene: a small city in which everything hidden is recognisable, and the people who try to see it.
//! Two scenes that differ only in what somebody may not see must answer that person alike.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, TimeUnit};
use pujiang_security::Assignment;
use pujiang_warehouse::{Change, Lake, TableDef, TableKind};
use tempfile::TempDir;

use crate::lake_tables;
use crate::server::{Person, Server, create};

/// Begins every text that the street clerk may not see.
pub const CANARY: &str = "CANARY";
/// Begins every text that the clerk of 徐汇区 may not see either.
pub const CANARY_OF_NEIGHBOUR: &str = "CANARY-NEIGHBOUR";

/// Rows of each table that belong to everybody who may see 徐汇区.
pub const OWN: usize = 40;

const DAY: i64 = 86_400_000_000;
/// Noon of 2026-10-01 in microseconds.
const OCTOBER: i64 = 1_790_856_000_000_000;

/// Where rows lie.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub district: &'static str,
    pub street: &'static str,
    /// Begins every text of a row that lies there.
    mark: &'static str,
}

/// The clerk's own street.
pub const OWN_STREET: Place = Place { district: "310104", street: "310104003", mark: "open" };
/// Another street of the same district.
pub const NEXT_STREET: Place = Place { district: "310104", street: "310104007", mark: "CANARY-STREET" };
/// Another district.
pub const NEXT_DISTRICT: Place = Place { district: "310105", street: "310105001", mark: CANARY_OF_NEIGHBOUR };

/// How many rows of each table are hidden from whom.
#[derive(Debug, Clone, Copy)]
pub struct Hidden {
    /// From the street clerk only.
    pub next_street: usize,
    /// From the street clerk and the district clerk.
    pub next_district: usize,
}

/// A data folder with its people, and the server over it.
pub struct Scene {
    pub server: Server,
    pub accounts: pujiang_transactional::accounts::Accounts,
    pub store: pujiang_transactional::Store,
    folder: TempDir,
}

impl Scene {
    /// A scene with so much hidden in it.
    pub async fn with(hidden: Hidden) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (accounts, store) = create(folder.path(), &people()).await;
        plant(folder.path(), hidden).await;
        let server = Server::start(folder.path()).await;
        Self { server, accounts, store, folder }
    }

    /// A scene with enough hidden in it to be found.
    pub async fn usual() -> Self {
        Self::with(Hidden { next_street: 25, next_district: 90 }).await
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

/// Everybody who appears in these tests, by account.
fn people() -> Vec<Person> {
    let person = |account: &str, role: &str, rows: &[&str]| Person {
        account: account.to_owned(),
        roles: vec![role.into()],
        assignments: rows.iter().map(|row| Assignment::parse(row).unwrap()).collect(),
    };
    vec![
        person("city", "city_analyst", &["city"]),
        person("clerk", "district_clerk", &["310104"]),
        person("neighbour", "district_clerk", &["310105"]),
        person("lonely", "district_clerk", &["310151"]),
        person("street", "street_clerk", &["street:310104003"]),
        person("nobody", "district_clerk", &[]),
        person("leader", "leader", &["city"]),
        person("sysadmin", "sys_admin", &[]),
        person("secadmin", "sec_admin", &[]),
        person("auditor", "auditor", &[]),
    ]
}

/// Fills every district table of a lake; each table in one commit, so that versions do not count hidden rows.
pub async fn plant(data: &Path, hidden: Hidden) {
    let lake = Lake::open(&data.join("lake"), lake_tables::catalog()).await.unwrap();
    let defs: Vec<Arc<TableDef>> = lake.catalog().tables().cloned().collect();
    for def in defs.iter().filter(|def| def.kind == TableKind::District) {
        let schema = def.arrow_schema();
        let parts = [
            rows(def, OWN_STREET, OWN, Sight::Open),
            rows(def, NEXT_STREET, hidden.next_street, Sight::Hidden),
            rows(def, NEXT_DISTRICT, hidden.next_district, Sight::Hidden),
        ];
        let all = concat_batches(&schema, &parts).unwrap();
        let change = Change { upserts: vec![all], deletes: Vec::new() };
        lake.writer(&def.id).unwrap().upsert(change, None).await.unwrap();
    }
}

/// Whether a row is one to be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    Open,
    Hidden,
}

/// Open rows hold small numbers as text, amounts above zero and days of October 2026. Hidden rows hold the canary in
/// every text, zero in every number and days of another century: a division or cast that meets one of them fails.
fn rows(def: &TableDef, place: Place, count: usize, sight: Sight) -> RecordBatch {
    let open = sight == Sight::Open;
    let number = |at: usize| if open { i64::try_from(at % 5 + 1).unwrap() } else { 0 };
    let day =
        |at: usize| if open { OCTOBER + i64::try_from(at % 28).unwrap() * DAY } else { -60 * 365 * DAY };
    let text = |column: &str, at: usize| -> Option<String> {
        if column == def.key {
            return Some(format!("{}-{}-{at:06}", place.mark, def.id));
        }
        match column {
            "district_code" => Some(place.district.to_owned()),
            "street_code" | "place_street_code" => Some(place.street.to_owned()),
            "place_code" => Some(place.district.to_owned()),
            // A tree of one level: what stands above a unit is not the matter here.
            "parent_id" => None,
            _ if open => Some((at % 7).to_string()),
            _ => Some(format!("{}-{column}-{at}", place.mark)),
        }
    };
    let schema = def.arrow_schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        let each = 0..count;
        match field.data_type() {
            DataType::Utf8 => Arc::new(each.map(|at| text(field.name(), at)).collect::<StringArray>()),
            DataType::Int64 if def.version.as_deref() == Some(field.name()) => {
                Arc::new(Int64Array::from(vec![1; count]))
            }
            DataType::Int64 => Arc::new(each.map(number).collect::<Int64Array>()),
            DataType::Boolean => Arc::new(BooleanArray::from(vec![open; count])),
            DataType::Date32 => {
                let days = each.map(|at| i32::try_from(day(at) / DAY).unwrap());
                Arc::new(days.map(Some).collect::<Date32Array>())
            }
            DataType::Decimal128(precision, scale) => {
                let values = each.map(|at| i128::from(number(at)) * 1000).map(Some);
                let values = values.collect::<Decimal128Array>();
                Arc::new(values.with_precision_and_scale(*precision, *scale).unwrap())
            }
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                let times = each.map(|at| Some(day(at))).collect::<TimestampMicrosecondArray>();
                Arc::new(times.with_timezone_opt(zone.clone()))
            }
            other => panic!("{}.{}: a column of type {other}", def.id, field.name()),
        }
    });
    let columns: Vec<ArrayRef> = columns.collect();
    RecordBatch::try_new(schema, columns).unwrap()
}
