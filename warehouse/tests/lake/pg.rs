//! What PostgreSQL clients learn from the system catalogs: the visible tables and columns, the same ids for everybody,
//! and no number that speaks of rows.

use std::time::Instant;

use crate::town::*;

/// What psql 15 sends for \dt.
const LIST_TABLES: &str = r#"SELECT n.nspname as "Schema", c.relname as "Name",
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'i' THEN 'index' END as "Type",
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE c.relkind IN ('r','p','')
      AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 1,2;"#;

#[tokio::test]
async fn tables_are_listed_and_described() {
    let t = town().await;
    let clerk = session(&t, &["district_clerk"], &["310104"]).await;
    assert_eq!(ask(&clerk, LIST_TABLES).await, "public member table pujiang; public unit table pujiang");
    let columns = "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_catalog.col_description(a.attrelid, a.attnum)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'unit'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    assert_eq!(
        ask(&clerk, columns).await,
        "id text true id列; district_code text true district_code列; parent_id text false parent_id列"
    );
    let keys = "select c.conname, c.contype, pg_get_constraintdef(c.oid) from pg_constraint c join pg_class r on r.oid = c.conrelid where r.relname = 'member'";
    assert_eq!(ask(&clerk, keys).await, "member_pkey p PRIMARY KEY (id)");
    let comment = "select obj_description(c.oid, 'pg_class') from pg_class c where relname = 'member'";
    assert_eq!(ask(&clerk, comment).await, "成员：test");
    for (sql, expected) in [
        ("select current_database(), current_schema(), current_user", "pujiang public a"),
        ("select version() like 'PostgreSQL 15%'", "true"),
        ("select current_setting('server_version_num')", "150009"),
        ("select string_agg(rolname, ',' order by oid) from pg_roles", "pujiang,a"),
        (
            "select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = 'unit_pkey' and i.indisprimary",
            "1",
        ),
        (
            "select string_agg(nspname, ',' order by nspname) from pg_namespace",
            "information_schema,pg_catalog,public",
        ),
        (
            "select string_agg(table_name, ',' order by table_name) from information_schema.tables where table_schema = 'public'",
            "member,unit",
        ),
        (
            "select string_agg(tablename, ',' order by tablename) from pg_tables where schemaname = 'public'",
            "member,unit",
        ),
    ] {
        assert_eq!(ask(&clerk, sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn hidden_columns_are_in_no_catalog_and_ids_are_the_same_for_all() {
    let t = town().await;
    let (city, unit) = (
        session(&t, &["city_analyst"], &["city"]).await,
        session(&t, &["unit_clerk"], &["organization:o1"]).await,
    );
    let columns = "select string_agg(attname, ',' order by attnum) from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relname = 'member'";
    assert!(ask(&city, columns).await.contains("person_id,mobile,name,n"));
    assert!(ask(&unit, columns).await.contains("person_id,n,note"));
    for sql in [
        "select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relname = 'member' and attname in ('mobile', 'name')",
        "select count(*) from pg_description where description in ('mobile列', 'name列')",
        "select count(*) from information_schema.columns where table_name = 'member' and column_name in ('mobile', 'name')",
    ] {
        assert_eq!(ask(&unit, sql).await, "0", "{sql}");
        assert_eq!(ask(&city, sql).await, "2", "{sql}");
    }
    let oids = "select string_agg(relname || oid::text, ',' order by relname) from pg_class where relnamespace = 'public'::regnamespace";
    let first = ask(&city, oids).await;
    assert!(first.contains("member") && !first.starts_with("error"), "{first}");
    assert_eq!(first, ask(&unit, oids).await);
    assert_eq!(first, ask(&session(&t, &[], &[]).await, oids).await);
}

#[tokio::test]
async fn no_number_speaks_of_rows() {
    let t = town().await;
    let clerk = session(&t, &["district_clerk"], &["street:310104003"]).await;
    for (sql, expected) in [
        ("select min(reltuples), max(reltuples), max(relpages) from pg_class", "-1.0 -1.0 0"),
        ("select count(*) from pg_stat_user_tables", "0"),
        ("select count(*) from pg_statistic", "0"),
        ("select max(pg_relation_size(oid)), max(pg_total_relation_size(oid)) from pg_class", "0 0"),
    ] {
        assert_eq!(ask(&clerk, sql).await, expected, "{sql}");
    }
}

/// Boards make one session per request: it must not be felt.
#[tokio::test]
async fn a_session_is_made_in_a_blink() {
    let t = town().await;
    let principal = person("a", &["district_clerk"], &["310104"]);
    let door = t.lake.door();
    drop(door.session(&principal).await.unwrap());
    let start = Instant::now();
    for _ in 0..200 {
        drop(door.session(&principal).await.unwrap());
    }
    let each = start.elapsed() / 200;
    eprintln!("a session takes {each:?}");
    // 0.1 ms where nothing else runs; the bound leaves room for a busy machine.
    assert!(each.as_millis() < 5, "{each:?}");
}
