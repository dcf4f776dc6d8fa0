//! What stays and what does not: prepared statements, portals, cursors, transactions.

use futures::TryStreamExt;
use pujiang_transactional::audit::Entry;
use tokio_postgres::error::SqlState;

use crate::support::{WireApp, code, text, texts};

const COUNT: &str = "select count(*) from benefit_transaction";

#[tokio::test(flavor = "multi_thread")]
async fn a_prepared_statement_sees_the_rows_and_grants_of_the_moment() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("d310104").await;
    let statement = client.prepare(COUNT).await.expect("prepared");
    let count = async || client.query_one(&statement, &[]).await.expect("row").get::<_, i64>(0);
    assert_eq!(count().await, 2);
    wire.load_rows(&[("T4", "310104", "1.00")]).await;
    assert_eq!(count().await, 3, "a new commit is seen");
    let grants = &wire.app.accounts;
    grants.set_grants("test", "d310104", &["district_clerk".into()], &[]).await.expect("revoked");
    assert_eq!(count().await, 0, "a revoked assignment sees nothing");
    grants.set_grants("test", "d310104", &["leader".into()], &[]).await.expect("changed");
    let error = client.query_one(&statement, &[]).await.expect_err("refused");
    assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "a revoked permission works at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_connection_takes_newly_applied_definitions_for_its_next_statement() {
    const TABLE: &str = "format = 1\ntitle = \"名单\"\ndescription = \"一行一条\"\nkind = \"reference\"\nkey = \"id\"\n\
        [[column]]\nname = \"id\"\ntitle = \"号\"\ntype = \"text\"\nvisibility = \"public\"\n";
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    let statement = client.prepare(COUNT).await.expect("prepared");
    let new = "select count(*) from list_of_names";
    let error = client.query_one(new, &[]).await.expect_err("there is no such table");
    assert_eq!(error.code(), Some(&SqlState::UNDEFINED_TABLE));
    let folder = wire.data().join("definitions/warehouse/tables/benefit");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("list_of_names.toml"), TABLE).expect("written");
    let entry = Entry { actor: "test".to_owned(), ..Entry::default() };
    wire.app.desk.apply(entry, None, None).await.expect("applied");
    wire.live.take_up().await.expect("taken up");
    assert_eq!(client.query_one(new, &[]).await.expect("row").get::<_, i64>(0), 0);
    let counted = client.query_one(&statement, &[]).await.expect("row");
    assert_eq!(counted.get::<_, i64>(0), 3, "what was prepared before goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_connection_has_the_roles_of_the_newest_set_for_its_next_statement() {
    const CLERK: &str = include_str!("../../../security/roles/district_clerk.toml");
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("d310104").await;
    let statement = client.prepare(COUNT).await.expect("prepared");
    assert_eq!(client.query_one(&statement, &[]).await.expect("row").get::<_, i64>(0), 2);
    let without = CLERK.replace("  \"sql_query\",\n", "");
    assert_ne!(without, CLERK);
    let folder = wire.data().join("definitions/security/roles");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("district_clerk.toml"), without).expect("written");
    let entry = Entry { actor: "test".to_owned(), ..Entry::default() };
    wire.app.desk.apply(entry, None, None).await.expect("applied");
    wire.live.take_up().await.expect("taken up");
    let error = client.query_one(&statement, &[]).await.expect_err("refused");
    assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "what was prepared before");
    assert_eq!(code(&client, COUNT).await, SqlState::INSUFFICIENT_PRIVILEGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn portals_give_rows_in_parts() {
    let wire = WireApp::start().await;
    wire.load().await;
    let mut client = wire.client("city").await;
    let transaction = client.transaction().await.expect("transaction");
    let statement =
        transaction.prepare("select txn_no from benefit_transaction order by 1").await.expect("prepared");
    let portal = transaction.bind(&statement, &[]).await.expect("portal");
    let first = transaction.query_portal(&portal, 2).await.expect("two");
    assert_eq!(first.iter().map(|row| row.get(0)).collect::<Vec<&str>>(), ["T1", "T2"]);
    // Another statement in between does not disturb it.
    assert_eq!(transaction.query_one(COUNT, &[]).await.expect("row").get::<_, i64>(0), 3);
    let rest = transaction.query_portal_raw(&portal, 2).await.expect("rest");
    let rest: Vec<tokio_postgres::Row> = rest.try_collect().await.expect("rows");
    assert_eq!(rest.iter().map(|row| row.get(0)).collect::<Vec<&str>>(), ["T3"]);
    transaction.commit().await.expect("commit");
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_go_forward_and_end_with_their_transaction() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    let declare = "declare c cursor for select txn_no from benefit_transaction order by 1";
    assert_eq!(code(&client, declare).await.code(), "25P01");
    client.simple_query("begin").await.expect("begin");
    client.simple_query(declare).await.expect("declared");
    let one = |name: &str| vec![Some(name.to_owned())];
    assert_eq!(texts(&client, "fetch 2 from c").await, [one("T1"), one("T2")]);
    assert_eq!(texts(&client, "fetch forward all from c").await, [one("T3")]);
    assert_eq!(texts(&client, "fetch c").await, Vec::<Vec<Option<String>>>::new());
    client.simple_query("commit").await.expect("commit");
    assert_eq!(code(&client, "fetch c").await, SqlState::INVALID_CURSOR_NAME);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_transaction_refuses_until_it_ends() {
    let wire = WireApp::start().await;
    let client = wire.client("city").await;
    client.simple_query("begin").await.expect("begin");
    assert_eq!(code(&client, "select * from nothing").await, SqlState::UNDEFINED_TABLE);
    assert_eq!(code(&client, "select 1").await, SqlState::IN_FAILED_SQL_TRANSACTION);
    assert_eq!(
        client.query_one("select 1", &[]).await.expect_err("refused").code(),
        Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
    );
    client.simple_query("rollback").await.expect("rollback");
    assert_eq!(text(&client, "select 1").await, "1");

    client.simple_query("begin; savepoint s").await.expect("savepoint");
    code(&client, "select * from nothing").await;
    client.simple_query("rollback to s").await.expect("back");
    assert_eq!(text(&client, "select 1").await, "1", "a savepoint saves the transaction");
    client.simple_query("commit").await.expect("commit");
}
