//! Attacks 4 and 5: sockets that say nothing, or half of it, and stay.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::place::Place;

/// How long an honest user waits while the attack goes on.
const PATIENCE: Duration = Duration::from_secs(5);

async fn sockets(server: SocketAddr, number: usize, said: &[u8]) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..number {
        // The server may close what it has no place for before anything is said.
        if let Ok(mut socket) = TcpStream::connect(server).await {
            let _ = socket.write_all(said).await;
            held.push(socket);
        }
    }
    held
}

async fn asks_and_is_answered(place: &Place) {
    let begun = Instant::now();
    let user = place.server.http("city").await;
    let answer = user.post("/api/v1/sql", &json!({"sql": "select count(*) from district"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(user.get("/readyz").await.status, 200);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_4_half_sent_requests_keep_nobody_out() {
    // As many files as a shell gives by default.
    let mut place = Place::within(&["prlimit", "--nofile=1024:1024"]).await;
    let address = place.server.address();
    let half = b"POST /api/v1/sql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    let silent: [(&str, usize, &[u8]); 4] = [
        ("one byte", 1_100, b"G"),
        ("half a head", 1_500, b"GET /api/v1/about HTTP/1.1\r\nhost: x\r\n"),
        ("half a body", 600, half),
        ("nothing", 600, b""),
    ];
    for (what, number, said) in silent {
        let held = sockets(address, number, said).await;
        // Those that came last have a moment before they must give way.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        println!("{what}: {} sockets held", held.len());
        asks_and_is_answered(&place).await;
        place.answers().await;
        drop(held);
    }
    assert!(!place.server.log().contains("Too many open files"), "{}", place.server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_4_a_head_that_does_not_come_ends_the_connection() {
    let place = Place::new().await;
    let mut socket = TcpStream::connect(place.server.address()).await.unwrap();
    socket.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    let mut end = [0; 64];
    let closed = tokio::time::timeout(Duration::from_secs(45), socket.read(&mut end)).await;
    // Closed with or without a word, but closed.
    assert!(matches!(closed, Ok(Ok(_) | Err(_))), "still open after forty-five seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_5_silent_sockets_keep_nobody_from_logging_in() {
    let mut place = Place::new().await;
    for said in [&b""[..], b"\0", &[0, 0, 0, 8, 4, 210, 22, 47]] {
        let held = sockets(place.server.postgres(), 232, said).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let begun = Instant::now();
        place.answers().await;
        assert!(begun.elapsed() < PATIENCE, "{said:?}: {:?}", begun.elapsed());
        drop(held);
    }
}
