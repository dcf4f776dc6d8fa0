//! Who gets in, and what those who do not are told.

use std::time::{Duration, Instant};

use pujiang_transactional::accounts::AccountKind;
use tokio_postgres::error::SqlState;

use crate::support::{PASSWORD, WireApp, text};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_and_unknown_accounts_look_the_same() {
    let wire = WireApp::start().await;
    let wrong = wire.log_in("city", "wrong").await.expect_err("refused");
    let unknown = wire.log_in("nobody", "wrong").await.expect_err("refused");
    assert_eq!(wrong.code(), &SqlState::INVALID_PASSWORD);
    assert_eq!((wrong.code(), wrong.message()), (unknown.code(), unknown.message()));
    assert_eq!(text(&wire.client("city").await, "select current_user").await, "city");
}

#[tokio::test(flavor = "multi_thread")]
async fn time_does_not_tell_which_accounts_exist() {
    let wire = WireApp::start().await;
    let mut took = [Duration::MAX; 2];
    // The fastest of several is the least disturbed; a lock after five would answer with the fake, so four each.
    for _ in 0..4 {
        for (at, account) in ["city", "nobody"].into_iter().enumerate() {
            let begun = Instant::now();
            wire.log_in(account, "wrong").await.expect_err("refused");
            took[at] = took[at].min(begun.elapsed());
        }
    }
    let (slow, fast) = (took[0].max(took[1]), took[0].min(took[1]));
    assert!(slow - fast < Duration::from_millis(50), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_lock_and_nobody_is_told() {
    let wire = WireApp::start().await;
    for _ in 0..5 {
        wire.log_in("city", "wrong").await.expect_err("refused");
    }
    let locked = wire.log_in("city", PASSWORD).await.expect_err("locked");
    assert_eq!(locked.code(), &SqlState::INVALID_PASSWORD);
    wire.client("d310104").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ask_sql_gets_no_further_than_the_door() {
    let wire = WireApp::start().await;
    for (name, role) in [("leader", "leader"), ("auditor", "auditor"), ("sysadmin", "sys_admin")] {
        wire.account(name, &[role], &["city"]).await;
        let refused = wire.log_in(name, PASSWORD).await.expect_err("refused");
        assert_eq!(refused.code(), &SqlState::INSUFFICIENT_PRIVILEGE, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn demonstration_accounts_and_open_text_stay_on_this_machine() {
    let wire = WireApp::start_with(|config| {
        config.postgres.listen = Some("0.0.0.0:0".parse().expect("address"));
    })
    .await;
    wire.account_of(AccountKind::Demonstration, "demo", &["city_analyst"], &["city"]).await;
    let open = wire.log_in("city", PASSWORD).await.expect_err("refused");
    assert_eq!(open.code(), &SqlState::INVALID_AUTHORIZATION_SPECIFICATION);
    assert!(open.message().contains("sslmode=require"), "{}", open.message());
    let select = ["-c", "select 1"];
    let Some(demo) = wire.psql("demo", "sslmode=require", &select).await else { return };
    let told = String::from_utf8_lossy(&demo.stderr).into_owned();
    assert!(!demo.status.success() && told.contains("演示账号"), "{told}");
    let city = wire.psql("city", "sslmode=require", &select).await.expect("psql");
    assert!(city.status.success(), "{}", String::from_utf8_lossy(&city.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_database_is_named() {
    let wire = WireApp::start().await;
    let port = wire.address.port();
    let target = format!("host=127.0.0.1 port={port} user=city password={PASSWORD} dbname=postgres");
    let error = tokio_postgres::connect(&target, tokio_postgres::NoTls).await.err().expect("refused");
    assert_eq!(error.code(), Some(&SqlState::INVALID_CATALOG_NAME));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_account_loses_its_open_connections() {
    let wire = WireApp::start().await;
    let client = wire.client("city").await;
    assert_eq!(text(&client, "select 1").await, "1");
    sqlx::query("UPDATE account SET state = 'frozen' WHERE login_name = 'city'")
        .execute(wire.app.store.pool())
        .await
        .expect("frozen");
    let error = client.simple_query("select 1").await.expect_err("over");
    assert_eq!(error.code(), Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION));
    assert!(client.simple_query("select 1").await.is_err(), "the connection has ended");
}
