//! A lake with a table of members that has everything finer access knows: streets, a hierarchy of units, persons,
//! treated columns, and rows that make careless expressions fail.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use pujiang_definition::{LakeForms, Layers};
use pujiang_security::{Assignment, FieldCipher, FileKeyStore, Identity, Principal, PrincipalIssuer, Roles};
use pujiang_warehouse::{Answer, Catalog, Change, Lake, ScopedSession};

const MEMBER: &str = r#"
format = 1
title = "成员"
description = "test"
kind = "district"
key = "id"
[scope]
street = "street_code"
organization = "unit_id"
person = "person_id"
COLUMNS
[[mask]]
column = "mobile"
form = "mobile"
otherwise = "hidden"
city_analyst = "clear"
district_clerk = "masked"
street_clerk = "pseudonymised"
[[mask]]
column = "name"
form = "name"
otherwise = "clear"
street_clerk = "masked"
unit_clerk = "hidden"
"#;

const UNIT: &str = r#"
format = 1
title = "单位"
description = "test"
kind = "district"
key = "id"
[scope]
organization = "id"
[tree]
parent = "parent_id"
COLUMNS
"#;

fn columns(names: &[&str]) -> String {
    let column = |name: &&str| {
        let kind = match *name {
            "n" => "integer",
            "day" => "date",
            _ => "text",
        };
        let nullable = !["id", "district_code"].contains(name);
        format!(
            "[[column]]\nname = \"{name}\"\ntitle = \"{name}列\"\ntype = \"{kind}\"\nvisibility = \"internal\"\nnullable = {nullable}\n"
        )
    };
    names.iter().map(column).collect()
}

pub struct Town {
    pub dir: tempfile::TempDir,
    pub lake: Arc<Lake>,
}

/// (id, district, street, unit, person, mobile, name, n, note). `310104003` is 天平路街道, `310104004` 湖南路街道.
type Member = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    i64,
    &'static str,
);

pub const MEMBERS: [Member; 5] = [
    ("m1", "310104", "310104003", "o1", "p1", "13812341111", "张三", 1, "1"),
    ("m2", "310104", "310104003", "o2", "p2", "13812342222", "张飞", 2, "2"),
    ("m3", "310104", "310104004", "o3", "p3", "13912343333", "李四", 0, "abc"),
    ("m4", "310105", "310105001", "o4", "p4", "13812341111", "王五", 4, "4"),
    ("m5", "310105", "", "", "p1", "13700005555", "赵六", 0, "x"),
];

pub async fn town() -> Town {
    let dir = tempfile::tempdir().unwrap();
    let tables = dir.path().join("warehouse/tables/test");
    std::fs::create_dir_all(&tables).unwrap();
    let names =
        ["id", "district_code", "street_code", "unit_id", "person_id", "mobile", "name", "n", "note", "day"];
    std::fs::write(tables.join("member.toml"), MEMBER.replace("COLUMNS", &columns(&names))).unwrap();
    let names = ["id", "district_code", "parent_id"];
    std::fs::write(tables.join("unit.toml"), UNIT.replace("COLUMNS", &columns(&names))).unwrap();
    let keys = FileKeyStore::open_or_create(dir.path().join("keys.json")).unwrap();
    let pseudonyms = FieldCipher::new(Arc::new(keys)).pseudonymizer();
    let catalog = Catalog::load(&Layers::tree(dir.path()), &LakeForms::default()).finished().unwrap();
    let lake = Lake::open_with_pseudonyms(&dir.path().join("lake"), catalog, pseudonyms).await.unwrap();
    let t = Town { dir, lake };
    let text = |f: fn(&Member) -> &'static str| -> ArrayRef {
        Arc::new(MEMBERS.iter().map(|m| Some(f(m)).filter(|v| !v.is_empty())).collect::<StringArray>())
    };
    let columns = vec![
        text(|m| m.0),
        text(|m| m.1),
        text(|m| m.2),
        text(|m| m.3),
        text(|m| m.4),
        text(|m| m.5),
        text(|m| m.6),
        Arc::new(Int64Array::from_iter_values(MEMBERS.iter().map(|m| m.7))),
        text(|m| m.8),
        // Two days of two months.
        Arc::new(Date32Array::from_iter_values(
            MEMBERS.iter().map(|m| 20_000 + 20 * i32::try_from(m.7 % 2).unwrap()),
        )),
    ];
    write(&t.lake, "member", columns).await;
    units(&t.lake, &[("o1", None), ("o2", Some("o1")), ("o3", None), ("o4", Some("o2"))]).await;
    t
}

/// Writes units with their parents, all in one district.
pub async fn units(lake: &Lake, units: &[(&str, Option<&str>)]) {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(units.iter().map(|u| u.0))),
        Arc::new(StringArray::from(vec!["310104"; units.len()])),
        Arc::new(units.iter().map(|u| u.1).collect::<StringArray>()),
    ];
    write(lake, "unit", columns).await;
}

async fn write(lake: &Lake, table: &str, columns: Vec<ArrayRef>) {
    let schema = lake.catalog().table(table).unwrap().arrow_schema();
    let batch = RecordBatch::try_new(schema, columns).unwrap();
    lake.writer(table).unwrap().upsert(Change { upserts: vec![batch], deletes: vec![] }, None).await.unwrap();
}

pub fn person(account: &str, roles: &[&str], assignments: &[&str]) -> Principal {
    PrincipalIssuer::new(Roles::builtin().unwrap()).issue(Identity {
        account_id: account.into(),
        account: account.into(),
        name: "甲".into(),
        roles: roles.iter().map(|id| (*id).into()).collect(),
        assignments: assignments.iter().map(|a| Assignment::parse(a).unwrap()).collect(),
        viewer: None,
    })
}

pub async fn session(t: &Town, roles: &[&str], assignments: &[&str]) -> ScopedSession {
    t.lake.door().session(&person("a", roles, assignments)).await.unwrap()
}

/// Rows as text: cells joined by a space, rows by `; `. Errors as `error: …`.
pub async fn ask(session: &ScopedSession, sql: &str) -> String {
    match session.sql(sql).await {
        Ok(answer) => cells(&answer),
        Err(error) => format!("error: {error}"),
    }
}

pub fn cells(answer: &Answer) -> String {
    use arrow::array::{Array, AsArray};
    let mut rows = Vec::new();
    for batch in &answer.batches {
        let texts: Vec<_> = batch
            .columns()
            .iter()
            .map(|c| arrow::compute::cast(c, &arrow::datatypes::DataType::Utf8).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cell =
                |c: &ArrayRef| if c.is_null(row) { "∅" } else { c.as_string::<i32>().value(row) }.to_owned();
            rows.push(texts.iter().map(cell).collect::<Vec<_>>().join(" "));
        }
    }
    rows.join("; ")
}
