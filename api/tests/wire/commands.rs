//! Session commands, as drivers and tools send them.

use crate::support::{WireApp, code, text, texts};

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_kept_shown_and_forgotten() {
    let wire = WireApp::start().await;
    let client = wire.client("city").await;
    assert!(text(&client, "show server_version").await.starts_with("15."));
    assert_eq!(text(&client, "show transaction isolation level").await, "read committed");
    assert_eq!(text(&client, "show transaction_read_only").await, "on");
    for (set, show, want) in [
        ("set extra_float_digits = 3", "show extra_float_digits", "3"),
        ("set application_name = '浦江 测试'", "show application_name", "浦江 测试"),
        ("set datestyle to iso, mdy", "show datestyle", "ISO, MDY"),
        ("set time zone 'Asia/Shanghai'", "show timezone", "Asia/Shanghai"),
        ("set search_path to public", "show search_path", "public"),
    ] {
        client.simple_query(set).await.expect(set);
        assert_eq!(text(&client, show).await, want, "{set}");
    }
    client.simple_query("discard all").await.expect("discard");
    assert_eq!(text(&client, "show application_name").await, "");
    for engine in ["set datafusion.execution.batch_size = 1", "set a.b to 1"] {
        assert_eq!(code(&client, engine).await.code(), "42704", "{engine}");
    }
    assert_eq!(code(&client, "select * from information_schema.df_settings").await.code(), "42P01");
    assert_eq!(code(&client, "show nothing_like_it").await.code(), "42704");
    assert_eq!(code(&client, "set client_encoding to 'GBK'").await.code(), "22023");
    assert!(texts(&client, "show all").await.len() > 20);
    let shown = client.query_one("show server_encoding", &[]).await.expect("extended");
    assert_eq!(shown.get::<_, &str>(0), "UTF8");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_may_stand_beside_the_one_query() {
    let wire = WireApp::start().await;
    let client = wire.client("city").await;
    assert_eq!(text(&client, "begin; set local statement_timeout = '5s'; select 7; commit").await, "7");
    for nothing in ["", ";", "-- a comment", " /* and */ ; "] {
        client.simple_query(nothing).await.unwrap_or_else(|error| panic!("{nothing}: {error:?}"));
    }
    // What a pool sends when it takes a connection back.
    client
        .simple_query("SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;")
        .await
        .expect("reset");
}
