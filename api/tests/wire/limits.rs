//! Cancelling, time, size, number and silence.

use std::time::{Duration, Instant};

use futures::{StreamExt, pin_mut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use crate::support::{PASSWORD, WireApp, long_question, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_question_is_cancelled_and_the_connection_goes_on() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    let cancel = client.cancel_token();
    let begun = Instant::now();
    let question = long_question(24);
    let asked = client.simple_query(&question);
    let cancelled = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        cancel.cancel_query(NoTls).await.expect("cancel request");
    };
    let (asked, ()) = tokio::join!(asked, cancelled);
    assert_eq!(asked.expect_err("cancelled").code(), Some(&SqlState::QUERY_CANCELED));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(text(&client, "select 1").await, "1");
    let entries = wire.audited().await;
    assert!(
        entries.iter().any(|entry| entry["after"].as_str().is_some_and(|after| after.contains("cancelled")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_ends_at_the_clients_own_limit() {
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    client.simple_query("set statement_timeout = '400ms'").await.expect("set");
    let begun = Instant::now();
    let error = client.simple_query(&long_question(24)).await.expect_err("timed out");
    assert_eq!(error.code(), Some(&SqlState::QUERY_CANCELED));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    client.simple_query("reset statement_timeout").await.expect("reset");
    assert_eq!(text(&client, "select 1").await, "1");
}

/// A million and a half rows of a third of a kilobyte; all at once they would be half a gigabyte.
#[tokio::test(flavor = "multi_thread")]
async fn big_answers_stream_through_little_memory() {
    const TABLES: usize = 13;
    let wire = WireApp::start().await;
    wire.load().await;
    let client = wire.client("city").await;
    let columns: Vec<String> = (0..TABLES).map(|n| format!("t{n}.merchant_code as c{n}")).collect();
    let tables: Vec<String> = (0..TABLES).map(|n| format!("benefit_transaction t{n}")).collect();
    let sql = format!("select {} from {}", columns.join(", "), tables.join(", "));
    let before = resident();
    let rows = client.query_raw(sql.as_str(), Vec::<String>::new()).await.expect("rows");
    pin_mut!(rows);
    let (mut count, mut most) = (0_u64, before);
    while let Some(row) = rows.next().await {
        row.expect("row");
        count += 1;
        if count % 50_000 == 0 {
            most = most.max(resident());
        }
    }
    assert_eq!(count, 3_u64.pow(13));
    let grown = most.saturating_sub(before) >> 20;
    println!("streamed {count} rows, resident memory grew by {grown} MiB");
    assert!(grown < 200, "{grown} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_too_many_is_told_and_cancels_still_pass() {
    let wire = WireApp::start_with(|config| config.postgres.connections = 1).await;
    wire.load().await;
    let client = wire.client("city").await;
    let full = wire.log_in("city", PASSWORD).await.expect_err("full");
    assert_eq!(full.code(), &SqlState::TOO_MANY_CONNECTIONS);
    let cancel = client.cancel_token();
    let question = long_question(24);
    let cancelled = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel_query(NoTls).await.expect("cancel request");
    };
    let (asked, ()) = tokio::join!(client.simple_query(&question), cancelled);
    assert_eq!(asked.expect_err("cancelled").code(), Some(&SqlState::QUERY_CANCELED));
    drop(client);
    for _ in 0..50 {
        if wire.log_in("city", PASSWORD).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the place did not become free");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_ends_a_connection() {
    let wire = WireApp::start_with(|config| config.postgres.idle = Duration::from_millis(300)).await;
    let client = wire.client("city").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(client.simple_query("select 1").await.is_err());
    assert_eq!(wire.app.sql.figures().connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_parts_from_its_clients() {
    let wire = WireApp::start().await;
    let client = wire.client("city").await;
    assert_eq!(text(&client, "select 1").await, "1");
    wire.app.stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), wire.serving).await.expect("ends").expect("without panic");
    assert!(client.simple_query("select 1").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_make_the_server_keep_a_gigabyte() {
    let wire = WireApp::start().await;
    let mut socket = tokio::net::TcpStream::connect(wire.address).await.expect("connected");
    let parameters = b"user\0city\0database\0pujiang\0\0";
    let length = u32::try_from(8 + parameters.len()).expect("length");
    socket
        .write_all(&[&length.to_be_bytes()[..], &196_608_u32.to_be_bytes(), parameters].concat())
        .await
        .expect("start");
    let mut method = [0; 9];
    socket.read_exact(&mut method).await.expect("asked for a method");
    assert_eq!(method[0], b'R');
    // A query of almost a gigabyte, announced before anybody is known.
    socket.write_all(&[b'Q', 0x3f, 0xff, 0, 0]).await.expect("announced");
    let mut sent = 0;
    let chunk = vec![b'x'; 64 * 1024];
    while sent < 64 << 20 && socket.write_all(&chunk).await.is_ok() {
        sent += chunk.len();
    }
    assert!(sent < 64 << 20, "the server took {sent} bytes from a stranger");
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) << 10
}
