//! What the guides add is used: a record of the new resource is entered and approved, rows of the new table are written
//! and read within a scope, the new indicator is asked, the new role is granted.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::json::ReaderBuilder;
use pujiang_definition::{LakeForms, Layers};
use pujiang_metrics::{IndicatorDefinitions, MetricsEngine, MetricsQuery};
use pujiang_security::{
    Assignment, FieldCipher, FileKeyStore, Identity, Permission, PrincipalIssuer, Roles, Treatment,
};
use pujiang_transactional::{Definitions, ErrorKind, ResourceEngine, Store};
use pujiang_warehouse::{Catalog, Change, Lake};
use serde_json::{Value, json};

use super::{Shown, guide, tree};
use crate::lake_tables;
use crate::people::{city_analyst, district_clerk};

async fn engine(data: &Path, definitions: &Path) -> ResourceEngine {
    let url = format!("sqlite://{}?mode=rwc", data.join("store.db").display());
    let keys = FileKeyStore::open_or_create(data.join("keys.json")).unwrap();
    let definitions = Definitions::load(&Layers::tree(definitions)).finished().unwrap();
    let store = Store::open(&url).await.unwrap();
    let engine = ResourceEngine::new(
        store,
        Arc::new(definitions),
        Roles::builtin().unwrap(),
        FieldCipher::new(Arc::new(keys)),
    );
    engine.migrate().await.unwrap();
    engine
}

fn batch(schema: &SchemaRef, rows: &[Value]) -> RecordBatch {
    let mut decoder = ReaderBuilder::new(schema.clone()).build_decoder().unwrap();
    decoder.serialize(rows).unwrap();
    decoder.flush().unwrap().unwrap()
}

async fn write(lake: &Lake, table: &str, rows: &[Value]) {
    let schema = lake.catalog().table(table).unwrap().arrow_schema();
    let change = Change { upserts: vec![batch(&schema, rows)], deletes: vec![] };
    lake.writer(table).unwrap().upsert(change, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_resource_of_the_guide_is_entered_and_approved() {
    let tree = tree(&guide("add-a-resource"));
    let data = tempfile::tempdir().unwrap();
    let engine = engine(data.path(), tree.path()).await;
    let clerk = district_clerk("310104");
    let body = json!({
        "name": "徐家汇双拥服务站", "district_code": "310104", "contact_phone": "13812345678", "seats": 12,
    });
    let record = engine.create(&clerk, "service_station", body.as_object().unwrap()).await.unwrap();
    assert_eq!(record.body["contact_phone"], "138****5678");
    assert_eq!(record.body["state"], "draft");

    let refused = engine.act(&clerk, "service_station", record.id(), "approve", None, None).await;
    assert!(refused.is_err(), "only the city approves");
    let city = city_analyst();
    let opened = engine.act(&city, "service_station", record.id(), "approve", None, None).await.unwrap();
    assert_eq!(opened.body["state"], "open");

    let neighbour = district_clerk("310105");
    assert!(
        engine.get(&neighbour, "service_station", record.id()).await.is_err(),
        "another district's record"
    );
    let elsewhere = json!({ "name": "别区服务站", "district_code": "310105" });
    assert!(engine.create(&clerk, "service_station", elsewhere.as_object().unwrap()).await.is_err());
}

#[test]
fn the_resource_of_the_guide_is_in_the_lake() {
    let columns = |shown: &[Shown]| -> Vec<String> {
        let tree = tree(shown);
        let layers = Layers::tree(tree.path());
        let forms = Definitions::load(&layers).finished().unwrap().lake_forms();
        let catalog = Catalog::load(&layers, &forms).finished().unwrap();
        let table = catalog.table("service_station").unwrap();
        table.columns.iter().map(|column| column.name.clone()).collect()
    };
    let (resource, differences): (Vec<_>, Vec<_>) =
        guide("add-a-resource").into_iter().partition(|shown| shown.path.starts_with("transactional"));
    let end = ["state", "row_version", "created_at", "updated_at"];
    let alone = ["id", "name", "district_code", "contact_phone", "contact_phone_token", "seats"];
    let set =
        |names: &[&str]| names.iter().chain(&end).map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(columns(&resource).into_iter().collect::<BTreeSet<_>>(), set(&alone));
    let changed = ["id", "name", "district_code", "contact_phone", "seat_count"];
    let both = columns(&[resource, differences].concat());
    assert_eq!(both.into_iter().collect::<BTreeSet<_>>(), set(&changed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_of_the_guide_is_read_within_a_scope() {
    let tree = tree(&guide("add-a-table"));
    let data = tempfile::tempdir().unwrap();
    let catalog = Catalog::load(&Layers::tree(tree.path()), &LakeForms::default()).finished().unwrap();
    let lake = Lake::open(data.path(), catalog).await.unwrap();
    let row = |number: &str, district: &str| {
        json!({
            "visit_no": number, "district_code": district, "visited_at": "2026-10-01T09:30:00",
            "topic": "就业", "fee": "12.50", "record_version": 1,
        })
    };
    write(&lake, "consultation_visit", &[row("a", "310104"), row("b", "310104"), row("c", "310115")]).await;
    for (principal, expected) in
        [(city_analyst(), 3), (district_clerk("310104"), 2), (district_clerk("310105"), 0)]
    {
        let session = lake.door().session(&principal).await.unwrap();
        let answer = session.sql("select visit_no from consultation_visit").await.unwrap();
        let rows: usize = answer.batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows, expected, "as {}", principal.scope().label());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_indicator_of_the_guide_is_asked() {
    let tree = tree(&guide("add-an-indicator"));
    let data = tempfile::tempdir().unwrap();
    let lake = Lake::open(data.path(), lake_tables::catalog()).await.unwrap();
    let row = |number: &str, district: &str, mode: &str, state: &str| {
        json!({
            "txn_no": number, "feed": "bank", "pay_time": "2026-09-10T09:30:00", "district_code": district,
            "mode": mode, "state": state, "record_version": 1,
        })
    };
    let rows = [
        row("a", "310104", "跳转", "confirmed"),
        row("b", "310104", "主扫", "confirmed"),
        row("c", "310115", "跳转", "confirmed"),
        row("d", "310115", "跳转", "reversed"),
    ];
    write(&lake, "benefit_transaction", &rows).await;
    let definitions = IndicatorDefinitions::load(&Layers::tree(tree.path())).finished().unwrap();
    let engine = MetricsEngine::new(lake.door(), definitions);
    let query: MetricsQuery = serde_json::from_value(json!({
        "indicators": ["S1-U93"], "dimensions": [],
        "time": { "grain": "month", "from": "2026-09-01", "to": "2026-09-30" },
    }))
    .unwrap();
    for (principal, expected) in [(city_analyst(), 2), (district_clerk("310104"), 1)] {
        let answer = engine.query(&principal, &query).await.unwrap();
        let column = answer.columns.iter().position(|column| column.name == "S1-U93").unwrap();
        assert_eq!(answer.rows[0][column], json!(expected), "as {}", principal.scope().label());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_of_the_guide_is_granted_and_sees_its_street() {
    let tree = tree(&guide("add-a-role"));
    let data = tempfile::tempdir().unwrap();
    let roles = Arc::new(Roles::load(&Layers::tree(tree.path())).finished().unwrap());
    let street = Assignment::parse("street:310104003").unwrap();
    let id = "counter_clerk".into();
    assert_eq!(roles.grant_problems(std::slice::from_ref(&id), std::slice::from_ref(&street)), []);
    assert_eq!(roles.grant_problems(std::slice::from_ref(&id), &[Assignment::City]).len(), 1);
    assert_eq!(roles.grant_problems(&[id.clone(), "auditor".into()], &[]).len(), 1);
    let clerk = PrincipalIssuer::new(roles).issue(Identity {
        account_id: "1".into(),
        account: "counter".into(),
        name: "窗口".into(),
        roles: vec![id],
        assignments: vec![street],
        viewer: None,
    });
    assert!(clerk.can(Permission::ResourceRead) && !clerk.can(Permission::ResourceWrite));

    let layers = Layers::tree(tree.path());
    let forms = Definitions::load(&layers).finished().unwrap().lake_forms();
    let catalog = Catalog::load(&layers, &forms).finished().unwrap();
    let shown = |table: &str, column: &str| catalog.table(table).unwrap().treatment(column, clerk.roles());
    assert_eq!(shown("organization", "credit_code"), Treatment::Clear);
    assert_eq!(shown("person", "full_name"), Treatment::Hidden);

    let engine = engine(data.path(), tree.path()).await;
    let city = city_analyst();
    let mut made = Vec::new();
    for (name, street) in [("本街", "310104003"), ("别街", "310104004")] {
        let body = json!({
            "name": name, "org_type": "服务单位", "district_code": "310104", "street_code": street,
        });
        made.push(engine.create(&city, "organization", body.as_object().unwrap()).await.unwrap());
    }
    assert!(engine.get(&clerk, "organization", made[0].id()).await.is_ok());
    assert!(engine.get(&clerk, "organization", made[1].id()).await.is_err(), "another street's record");
    let body = json!({"name": "新", "org_type": "服务单位"});
    let refused = engine.create(&clerk, "organization", body.as_object().unwrap()).await;
    assert_eq!(refused.map(|_| ()).map_err(|error| error.kind()), Err(ErrorKind::Forbidden));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dimension_of_the_guide_names_its_members() {
    let tree = tree(&guide("add-a-dimension"));
    let data = tempfile::tempdir().unwrap();
    let lake = Lake::open(data.path(), lake_tables::catalog()).await.unwrap();
    let row = |number: &str, feed: &str, street: &str| {
        json!({
            "txn_no": number, "feed": feed, "pay_time": "2026-09-10T09:30:00", "district_code": "310104",
            "street_code": street, "state": "confirmed", "record_version": 1,
        })
    };
    let rows =
        [row("a", "bank", "310104003"), row("b", "museum", "310104003"), row("c", "other", "310104003")];
    write(&lake, "benefit_transaction", &rows).await;
    let definitions = IndicatorDefinitions::load(&Layers::tree(tree.path())).finished().unwrap();
    let engine = MetricsEngine::new(lake.door(), definitions);
    let asked = async |dimension: &str| {
        let query: MetricsQuery = serde_json::from_value(json!({
            "indicators": ["S1-U94"], "dimensions": [dimension],
            "time": { "grain": "month", "from": "2026-09-01", "to": "2026-09-30" },
        }))
        .unwrap();
        engine.query(&district_clerk("310104"), &query).await.unwrap()
    };
    let answer = asked("feed").await;
    let heads: Vec<&str> = answer.columns.iter().map(|column| column.title.as_str()).collect();
    assert_eq!(heads, ["月份", "数据来源", "数据来源名称", "各来源交易笔数"]);
    let row = |code: &str, name: &str| json!(["2026-09-01", code, name, 1]);
    assert_eq!(
        json!(answer.rows),
        json!([row("bank", "银行"), row("museum", "文博"), row("other", "other")])
    );
    let answer = asked("street").await;
    assert_eq!(json!(answer.rows), json!([["2026-09-01", "310104003", "天平路街道", 3]]));
    assert!(answer.data_version.contains("street@"), "{}", answer.data_version);

    let street = engine.dimensions().get("street").unwrap();
    let members = engine.members(&city_analyst(), street).await.unwrap();
    let tianping = members.iter().find(|member| member.code == "310104003").unwrap();
    assert_eq!((tianping.parent.as_deref(), tianping.hidden), (Some("310104"), false));
    assert!(members.len() > 200 && members.is_sorted_by_key(|member| &member.code), "{}", members.len());
}
