//! Does an answer tell of what it does not show? Two cities that differ only in hidden rows must answer alike: rows,
//! counts, errors, plans with their row counts and files, catalogs, statistics. Over HTTP and both protocols of the wire.

use std::error::Error;

use serde_json::{Value, json};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use super::blur::blur;
use super::place::{CANARY, Hidden, Scene};
use super::probes::statements;

/// What a statement is answered by each road, with nothing left out but ids and times.
async fn told(scene: &Scene, account: &str, sql: &str) -> [String; 3] {
    let http = scene.server.http(account).await.post("/api/v1/sql", &json!({ "sql": sql })).await;
    let mut body = http.json();
    // The number of an incident is random; that there was one is compared.
    if let Some(incident) = body.get_mut("incident") {
        *incident = Value::from("N");
    }
    let wire = scene.server.wire(account).await;
    let simple = match wire.simple(sql).await {
        Ok(rows) => format!("{rows:?}"),
        Err(error) => format!("{:?}", error.as_db_error()),
    };
    let extended = match wire.client().query(sql, &[]).await {
        Ok(rows) => rows.iter().map(shown).collect(),
        Err(error) => format!("{:?}", error.as_db_error()),
    };
    [format!("{} {body}", http.status), simple, extended].map(|text| blur(&text))
}

/// The bytes of a row as they came, whatever their types.
fn shown(row: &Row) -> String {
    let cells = (0..row.len()).map(|at| match row.get::<_, Option<Bytes>>(at) {
        Some(Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        None => "-".to_owned(),
    });
    cells.collect::<Vec<_>>().join("|") + "\n"
}

/// A value of any type, unread.
struct Bytes(Vec<u8>);

impl<'a> FromSql<'a> for Bytes {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Asks both cities everything as one person; what differs or shows a canary is a finding.
async fn compare(account: &str, poor: Hidden, rich: Hidden) {
    let (poor, rich) = (Scene::with(poor).await, Scene::with(rich).await);
    let mut findings = Vec::new();
    for sql in statements() {
        let (without, with) = (told(&poor, account, &sql).await, told(&rich, account, &sql).await);
        for (road, (without, with)) in ["HTTP", "simple", "extended"].iter().zip(without.iter().zip(&with)) {
            if without != with {
                findings.push(format!("{road}: {sql}\n   without: {without}\n   with:    {with}"));
            }
            // The statement's own text may be quoted back.
            let quoted = without.matches(CANARY).count();
            if with.matches(CANARY).count() > quoted && !sql.contains(CANARY) {
                findings.push(format!("{road}: {sql}\n   shows a hidden value: {with}"));
            }
            if with.contains("500 ") || with.contains("XX000") {
                findings.push(format!("{road}: {sql}\n   is called a defect of the server: {with}"));
            }
        }
    }
    assert!(findings.is_empty(), "{} findings as {account}:\n{}", findings.len(), findings.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_district_changes_no_answer_of_a_district_clerk() {
    let none = Hidden { next_street: 0, next_district: 0 };
    compare("clerk", none, Hidden { next_district: 90, ..none }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_street_changes_no_answer_of_a_street_clerk() {
    let none = Hidden { next_street: 0, next_district: 0 };
    compare("street", none, Hidden { next_street: 25, next_district: 90 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_city_changes_no_answer_of_somebody_without_assignment() {
    let none = Hidden { next_street: 0, next_district: 0 };
    compare("nobody", none, Hidden { next_street: 25, next_district: 90 }).await;
}

/// The comparison can fail: whoever may see the rows is answered differently.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_see_the_rows_is_told_of_them() {
    let none = Hidden { next_street: 0, next_district: 0 };
    let (poor, rich) = (Scene::with(none).await, Scene::with(Hidden { next_district: 90, ..none }).await);
    let mut differing = 0;
    for sql in statements() {
        let (without, with) = (told(&poor, "city", &sql).await, told(&rich, "city", &sql).await);
        differing += usize::from(without != with);
    }
    assert!(
        differing > statements().len() / 3,
        "only {differing} of {} statements differ",
        statements().len()
    );
}

/// Records, indicators and boards over HTTP, the parts of the portal that no statement reaches.
#[tokio::test(flavor = "multi_thread")]
async fn boards_and_indicators_do_not_tell_either() {
    let none = Hidden { next_street: 0, next_district: 0 };
    let (poor, rich) = (Scene::with(none).await, Scene::with(Hidden { next_district: 90, ..none }).await);
    let month = json!({"period": "2026-10"});
    let question = json!({"indicators": ["S1-U03"], "dimensions": ["district"],
        "time": {"grain": "month", "from": "2026-01-01", "to": "2026-10-31"}});
    for account in ["clerk", "nobody"] {
        let (poor, rich) = (poor.server.http(account).await, rich.server.http(account).await);
        for (path, body) in [("/api/v1/boards/benefit/data", &month), ("/api/v1/metrics/query", &question)] {
            let (without, with) = (poor.post(path, body).await, rich.post(path, body).await);
            assert_eq!(without.status, 200, "{path}: {}", without.text());
            assert_eq!(blur(&without.text()), blur(&with.text()), "{path} as {account}");
        }
        for path in ["/api/v1/boards", "/api/v1/metrics", "/api/v1/resources/person"] {
            let (without, with) = (poor.get(path).await, rich.get(path).await);
            assert_eq!(
                (without.status, blur(&without.text())),
                (with.status, blur(&with.text())),
                "{path} as {account}"
            );
        }
    }
}
