//! Migration: safe to repeat, adds what is new, refuses what changed, leaves data alone.

use std::path::Path;
use std::sync::Arc;

use pujiang_definition::{RESOURCES, Sources};
use pujiang_security::{FieldCipher, FileKeyStore, Roles};
use pujiang_transactional::{Definitions, ResourceEngine, Store};
use serde_json::json;

use crate::support::{Bench, map, on_each};

const FIRST: &str = r#"
format = 1
title = "物品"
description = "测试用"
group = "测试"
display = "name"
scope = "none"
initial_state = "on"
[[state]]
code = "on"
label = "启用"
[[field]]
name = "name"
title = "名称"
type = "text"
visibility = "public"
required = true
"#;

async fn engine(bench: &Bench, dir: &Path, text: &str) -> ResourceEngine {
    let sources = Sources::texts(&RESOURCES, [("thing.toml", text)]);
    let keys = Arc::new(FileKeyStore::open_or_create(dir.join("k.json")).unwrap());
    let definitions = Arc::new(Definitions::read(&sources).finished().unwrap());
    ResourceEngine::new(
        Store::open(&bench.url).await.unwrap(),
        definitions,
        Roles::builtin().unwrap(),
        FieldCipher::new(keys),
    )
}

#[tokio::test]
async fn a_definition_grows_and_its_data_stays() {
    on_each(async |bench| {
        let dir = tempfile::tempdir().unwrap();
        let city = bench.city();
        let first = engine(&bench, dir.path(), FIRST).await;
        first.migrate().await.unwrap();
        first.migrate().await.unwrap();
        let made = first.create(&city, "thing", &map(json!({"name": "旧"}))).await.unwrap();
        let more = "[[field]]\nname = \"size\"\ntitle = \"尺寸\"\ntype = \"decimal\"\nvisibility = \"public\"\nrequired = true\n\
                    [[field]]\nname = \"phone\"\ntitle = \"电话\"\ntype = \"text\"\nvisibility = \"personal\"\nmask = \"mobile\"\nunique = \"live\"\n";
        let second = engine(&bench, dir.path(), &format!("{FIRST}{more}")).await;
        second.migrate().await.unwrap();
        let read = second.get(&city, "thing", made.id()).await.unwrap();
        assert_eq!((&read.body["name"], &read.body["size"], &read.body["phone"]), (&json!("旧"), &json!(null), &json!(null)));
        second.create(&city, "thing", &map(json!({"name": "新", "size": "1.5", "phone": "13812341234"}))).await.unwrap();
        let changed = engine(&bench, dir.path(), &FIRST.replace("\"text\"", "\"bigint\"")).await;
        let error = changed.migrate().await.unwrap_err().to_string();
        assert!(error.contains("thing") && error.contains("name") && error.contains("BIGINT"), "{error}");
        assert_eq!(second.list(&city, "thing", &Default::default()).await.unwrap().total, 2);
    })
    .await;
}

/// What records hold is told before a definition forgets it; and a state that left took its guard with it.
#[tokio::test]
async fn what_records_hold_is_told_before_it_is_forgotten() {
    on_each(async |bench| {
        let dir = tempfile::tempdir().unwrap();
        let city = bench.city();
        let more = "[[state]]\ncode = \"done\"\nlabel = \"办结\"\n[[transition]]\nid = \"finish\"\ntitle = \"办结\"\n\
                    from = [\"on\"]\nto = \"done\"\nroles = [\"city_analyst\"]\n";
        let kind = "[[field]]\nname = \"kind\"\ntitle = \"种类\"\ntype = \"enum\"\nvisibility = \"public\"\ncodes = [\"a:甲\", \"b:乙\"]\n";
        let (state, field) = (FIRST.replace("[[field]]", &format!("{more}[[field]]")), kind);
        let full = format!("{state}{field}");
        let first = engine(&bench, dir.path(), &full).await;
        first.migrate().await.unwrap();
        let record = json!({"name": "甲", "kind": "a"});
        let made = first.create(&city, "thing", &map(record.clone())).await.unwrap();
        first.create(&city, "thing", &map(record)).await.unwrap();
        first.act(&city, "thing", made.id(), "finish", None, None).await.unwrap();
        let definitions = |text: &str| {
            Definitions::read(&Sources::texts(&RESOURCES, [("thing.toml", text)])).finished().unwrap()
        };
        let store = Store::open(&bench.url).await.unwrap();
        let told = async |text: &str| {
            let plan = pujiang_transactional::plan(&store, &definitions(&full), &definitions(text)).await.unwrap();
            plan.into_iter().flat_map(|table| table.problems).collect::<Vec<_>>().join("; ")
        };
        let stateless = format!("{FIRST}{field}");
        assert!(told(&stateless).await.contains("状态 done（办结）中还有记录"), "{}", told(&stateless).await);
        let other = full.replace("\"a:甲\", ", "");
        assert!(told(&other).await.contains("字段 kind 的选项 a 已有记录使用"), "{}", told(&other).await);
        assert_eq!(told(&full.replace("\"b:乙\"", "\"c:丙\"")).await, "");
        let alone = full.replace("required = true", "required = true\nunique = \"live\"");
        assert!(told(&alone).await.contains("字段 name 已有记录的值重复"), "{}", told(&alone).await);
        // Applied all the same, by an older program or by hand: nothing may be done to the record.
        let forgetful = engine(&bench, dir.path(), &stateless).await;
        let error = forgetful.delete(&city, "thing", made.id(), None, None).await.unwrap_err();
        assert!(format!("{error:?}").contains("已不在"), "{error:?}");
        let change = map(json!({"name": "丙"}));
        let error = forgetful.update(&city, "thing", made.id(), Some(2), &change).await.unwrap_err();
        assert!(format!("{error:?}").contains("已不在"), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn two_processes_may_start_at_once() {
    on_each(async |bench| {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (engine(&bench, dir.path(), FIRST).await, engine(&bench, dir.path(), FIRST).await);
        let (a, b) = tokio::join!(a.migrate(), b.migrate());
        a.unwrap();
        b.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_store_of_the_first_version_gets_the_new_columns_filled() {
    on_each(async |bench| {
        let (city, accounts) = (bench.city(), bench.accounts());
        accounts.create("test", crate::accounts::clerk()).await.unwrap();
        let body = json!({"name": "总站", "org_type": "服务单位", "district_code": "310104"});
        let organization = bench.create(&city, "organization", body).await.unwrap();
        let body = json!({"name": "单位", "credit_code": crate::support::UNIT_A, "category": "文旅", "district_code": "310104",
            "street_code": "310104003", "org_id": organization.id()});
        let unit = bench.create(&city, "merchant_profile", body).await.unwrap().id().to_owned();
        bench.act("merchant_profile", &unit, "activate").await;
        let service = json!({"merchant_id": unit, "name": "免票", "mode": "线下"});
        let service = bench.create(&city, "benefit_service", service).await.unwrap();
        let point = json!({"service_id": service.id(), "name": "甲", "address": "路1号"});
        bench.create(&city, "service_point", point).await.unwrap();
        let made = bench.transaction(&city, &unit, "5").await.unwrap();
        // As the first version had made it.
        let pool = bench.engine.store().pool();
        for (table, column) in [
            ("account", "scram"),
            ("session", "viewer_account_id"),
            ("audit_log", "viewer"),
            ("organization", "parent_id"),
            ("benefit_service", "street_code"),
            ("benefit_service", "org_id"),
            ("service_point", "org_id"),
            ("benefit_transaction", "street_code"),
            ("benefit_transaction", "org_id"),
            ("benefit_transaction", "person_id"),
        ] {
            let indexes = match column {
                "street_code" => format!("DROP INDEX IF EXISTS ix_{table}_street;"),
                _ => format!("DROP INDEX IF EXISTS ix_{table}_{column};"),
            };
            let sql = format!("{indexes} ALTER TABLE {table} DROP COLUMN {column}");
            for statement in sql.split(';') {
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(pool).await.unwrap();
            }
        }
        // Uniqueness of earlier versions, which knew no contested records.
        for statement in [
            "DROP INDEX uq_person_id_no",
            "DROP INDEX ix_person_contested",
            "ALTER TABLE person DROP COLUMN contested",
            "CREATE UNIQUE INDEX ux_person_id_no ON person (id_no_token) WHERE NOT is_deleted",
        ] {
            sqlx::raw_sql(statement).execute(pool).await.unwrap();
        }
        bench.engine.migrate().await.unwrap();
        bench.engine.migrate().await.unwrap();
        let taken = json!({"full_name": "周二", "id_no": crate::support::id_number(&crate::support::CARD[11..]), "district_code": "310105"});
        let error = bench.create(&city, "person", taken.clone()).await.unwrap_err();
        assert_eq!(crate::support::faults(&error), ["id_no:duplicate"]);
        bench.create(&bench.clerk("310105"), "person", taken).await.unwrap();
        let granted = [format!("organization:{}", organization.id()), "street:310104003".to_owned()];
        for grant in &granted {
            let who = bench.granted("city_analyst", &[grant]);
            for resource in ["merchant_profile", "benefit_service", "benefit_transaction"] {
                let seen = bench.engine.list(&who, resource, &Default::default()).await.unwrap().total;
                assert_eq!(seen, 1, "{resource} {grant}");
            }
        }
        let who = bench.granted("city_analyst", &[&granted[0]]);
        let points = bench.engine.list(&who, "service_point", &Default::default()).await.unwrap();
        assert_eq!(points.total, 1, "a copy of a copy");
        assert_eq!(
            bench.engine.get(&city, "benefit_transaction", made.id()).await.unwrap().body["org_id"],
            json!(organization.id())
        );
        // The old chain still holds, and old accounts still log in and get their verifier.
        assert!(pujiang_transactional::audit::verify(bench.engine.store()).await.unwrap().is_ok());
        accounts.login("d310104", "Pujiang2026", None).await.unwrap();
        assert!(accounts.scram("d310104").await.unwrap().verifier.matches("Pujiang2026"));
        assert!(pujiang_transactional::audit::verify(bench.engine.store()).await.unwrap().is_ok());
    })
    .await;
}
