//! Many people at a board at the same time: 200 connections over 17 scopes ask a running server again and again, with
//! and without the tag of the answer they hold. Every answer is compared with the one its scope got in calm, and those
//! with an independent count. Prints one JSON line per way of asking; `limits.mjs` makes the table.
//!
//! clients --server 127.0.0.1:8080 --password PW [--clients 200] [--seconds 20]

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at what it did not expect")]
#![expect(clippy::print_stdout, reason = "its results go to the terminal")]

mod calm;
mod crowd;
mod figures;
mod http;

use std::time::Duration;

/// How the clients ask.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Name in the output.
    pub name: &'static str,
    /// Mean pause between an answer and the next question; it varies by half.
    pub think: Duration,
    /// Whether the client shows the tag of the answer it holds.
    pub tags: Tags,
}

/// Whether a client shows the tag of the answer it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tags {
    /// Every answer comes whole.
    Without,
    /// An unchanged answer is a 304.
    With,
}

const MANNERS: [Manner; 4] = [
    Manner { name: "thinking, whole answers", think: Duration::from_secs(1), tags: Tags::Without },
    Manner { name: "thinking, with ETag", think: Duration::from_secs(1), tags: Tags::With },
    Manner { name: "never pausing, whole answers", think: Duration::ZERO, tags: Tags::Without },
    Manner { name: "never pausing, with ETag", think: Duration::ZERO, tags: Tags::With },
];

fn option(name: &str) -> Option<String> {
    let mut words = std::env::args();
    words.find(|word| word == name)?;
    words.next()
}

// One thread: the generator must leave the machine to the server.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let server = option("--server").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let password = option("--password").unwrap();
    let clients: usize = option("--clients").map_or(200, |text| text.parse().unwrap());
    let seconds: u64 = option("--seconds").map_or(20, |text| text.parse().unwrap());
    let scopes = calm::scopes(&server, &password).await;
    let tokens = calm::tokens(&server, &password, &scopes, clients).await;
    for manner in MANNERS {
        let figures = crowd::ask(&server, &scopes, &tokens, manner, Duration::from_secs(seconds)).await;
        println!("{}", figures.line(manner.name, clients));
    }
}
