//! Answers that are asked for and not read: how much memory they may hold, and for how long.

use std::time::Duration;

use pujiang_api::sql::UnreadBounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::error::SqlState;

use crate::support::{WireApp, code, text};

/// A batch of some two megabytes, of which a cursor takes one row.
const WIDE: &str = "select repeat('x' || a::text, 3000) from generate_series(1, 200) t(a)";

async fn wire() -> WireApp {
    WireApp::start_with(|config| {
        config.limits.unread = UnreadBounds { per_account: 16 << 20, all: 24 << 20 };
        config.postgres.idle_open = Duration::from_millis(400);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_17_open_cursors_hold_only_so_much() {
    let wire = wire().await;
    let client = wire.client("city").await;
    client.simple_query("begin").await.expect("begin");
    let mut refused = None;
    for number in 0..30 {
        let sql = format!("declare c{number} cursor for {WIDE}; fetch 1 from c{number}");
        if let Err(error) = client.simple_query(&sql).await {
            refused = Some((number, error.as_db_error().expect("told").clone()));
            break;
        }
    }
    let (opened, error) = refused.expect("thirty batches are more than may be held");
    assert!(opened >= 1, "a first cursor fits");
    assert_eq!(error.code(), &SqlState::OUT_OF_MEMORY);
    assert!(error.message().contains("未读完"), "{error:?}");
    assert!(wire.app.sql.unread().held() > 0);
    client.simple_query("rollback").await.expect("rollback");
    assert_eq!(wire.app.sql.unread().held(), 0, "the cursors are closed");
    assert_eq!(text(&client, "select 1").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_17_an_answer_that_is_not_read_to_its_end_has_a_shorter_time() {
    let wire = wire().await;
    let (open, idle) = (wire.client("city").await, wire.client("city").await);
    for client in [&open, &idle] {
        client.simple_query("begin").await.expect("begin");
    }
    open.simple_query(&format!("declare c cursor for {WIDE}; fetch 1 from c")).await.expect("fetched");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(open.simple_query("select 1").await.is_err(), "it is parted from");
    assert_eq!(text(&idle, "select 1").await, "1", "whoever holds nothing stays");
    assert_eq!(wire.app.sql.unread().held(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_18_a_cursor_that_failed_does_not_look_read() {
    let wire = wire().await;
    let client = wire.client("city").await;
    wire.load().await;
    let sql = "declare c cursor with hold for select 1 / (amount::int - 10) from benefit_transaction";
    client.simple_query(sql).await.expect("declared");
    assert!(client.simple_query("fetch all from c").await.is_err());
    assert_eq!(code(&client, "fetch all from c").await.code(), "34000");
}

/// Lengths the library would cut by unseen. The connection ends with a word, and the server goes on.
#[tokio::test(flavor = "multi_thread")]
async fn attack_19_broken_messages_of_strangers_are_answered() {
    let wire = wire().await;
    for broken in [
        // Shorter than its own length, then lengths within that do not agree.
        [b"p".as_slice(), &3_u32.to_be_bytes()].concat(),
        [b"p".as_slice(), &18_u32.to_be_bytes(), b"SCRAM-SHA-256\0"].concat(),
        [b"p".as_slice(), &22_u32.to_be_bytes(), b"SCRAM-SHA-256\0", &99_u32.to_be_bytes()].concat(),
        [b"p".as_slice(), &22_u32.to_be_bytes(), b"SCRAM-SHA-256\0", &(-2_i32).to_be_bytes()].concat(),
    ] {
        let mut socket = tokio::net::TcpStream::connect(wire.address).await.expect("connected");
        let parameters = b"user\0city\0database\0pujiang\0\0";
        let length = u32::try_from(8 + parameters.len()).expect("length");
        let start = [&length.to_be_bytes()[..], &196_608_u32.to_be_bytes(), parameters].concat();
        socket.write_all(&start).await.expect("start");
        let mut head = [0; 5];
        socket.read_exact(&mut head).await.expect("asked for a method");
        let rest = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) - 4;
        let mut methods = vec![0; usize::try_from(rest).expect("length")];
        socket.read_exact(&mut methods).await.expect("methods");
        socket.write_all(&broken).await.expect("sent");
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut answer)).await;
        read.expect("the connection ends").expect("read");
        let text = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.first() == Some(&b'E') && text.contains("08P01"), "{broken:?}: {text:?}");
    }
    assert_eq!(text(&wire.client("city").await, "select 1").await, "1");
}
