//! Migration: safe to repeat, adds what is new, refuses what changed, leaves data alone.

use std::path::Path;
use std::sync::Arc;

use pujiang_security::{FieldCipher, FileKeyStore};
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
    let resources = dir.join("resources");
    std::fs::create_dir_all(&resources).unwrap();
    std::fs::write(resources.join("thing.toml"), text).unwrap();
    let keys = Arc::new(FileKeyStore::open_or_create(dir.join("k.json")).unwrap());
    let definitions = Arc::new(Definitions::load_from(&resources).unwrap());
    ResourceEngine::new(Store::open(&bench.url).await.unwrap(), definitions, FieldCipher::new(keys))
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
