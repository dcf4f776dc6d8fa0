//! Logging in over the wire without knowing anything: can somebody tell which accounts exist, or how often to guess?

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use super::place::Scene;
use crate::server::{PASSWORD, Wire};

/// What the server says to a login that will fail: its first message, its last, and how long they took.
#[derive(Debug)]
struct Shown {
    mechanisms: String,
    salt: String,
    iterations: String,
    refusal: String,
    took: Duration,
}

struct Raw(TcpStream);

impl Raw {
    fn open(server: SocketAddr, account: &str) -> Self {
        let mut stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut body = 196_608_i32.to_be_bytes().to_vec();
        for text in ["user", account, "database", "pujiang", ""] {
            body.extend(text.as_bytes());
            body.push(0);
        }
        let length = i32::try_from(body.len() + 4).unwrap();
        stream.write_all(&[length.to_be_bytes().as_slice(), &body].concat()).unwrap();
        Self(stream)
    }

    fn send(&mut self, kind: u8, body: &[u8]) {
        let length = i32::try_from(body.len() + 4).unwrap();
        self.0.write_all(&[&[kind][..], &length.to_be_bytes(), body].concat()).unwrap();
    }

    fn receive(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 5];
        self.0.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        self.0.read_exact(&mut body).unwrap();
        (head[0], body)
    }
}

/// A whole login with a proof made of zeros.
fn guess(server: SocketAddr, account: &str) -> Shown {
    let started = Instant::now();
    let mut raw = Raw::open(server, account);
    let (kind, body) = raw.receive();
    assert_eq!((kind, &body[..4]), (b'R', &10_i32.to_be_bytes()[..]), "{account} is not asked for SCRAM");
    let mechanisms = String::from_utf8_lossy(&body[4..]).into_owned();
    let first = b"n,,n=,r=attackersnonceattackers";
    let length = i32::try_from(first.len()).unwrap().to_be_bytes();
    raw.send(b'p', &[b"SCRAM-SHA-256\0".as_slice(), &length, first].concat());
    let (kind, body) = raw.receive();
    assert_eq!(
        (kind, &body[..4]),
        (b'R', &11_i32.to_be_bytes()[..]),
        "{account} is refused before the proof"
    );
    let challenge = String::from_utf8(body[4..].to_vec()).unwrap();
    let part = |name: &str| {
        let found = challenge.split(',').find_map(|part| part.strip_prefix(name));
        found.unwrap_or_else(|| panic!("{account}: {challenge}")).to_owned()
    };
    let (nonce, salt, iterations) = (part("r="), part("s="), part("i="));
    let proof = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    raw.send(b'p', format!("c=biws,r={nonce},p={proof}").as_bytes());
    let (kind, body) = raw.receive();
    assert_eq!(kind, b'E', "{account} was let in");
    let refusal = String::from_utf8_lossy(&body).replace(account, "ACCOUNT");
    Shown { mechanisms, salt, iterations, refusal, took: started.elapsed() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_looks_like_a_known_one() {
    let scene = Scene::usual().await;
    let at = scene.server.postgres();
    // Known ones of every kind: a right to ask, none, no rows, an administrator.
    let known: Vec<Shown> = ["city", "leader", "nobody", "secadmin"].map(|account| guess(at, account)).into();
    let unknown: Vec<Shown> =
        ["citi", "root", "postgres", "d310999"].map(|account| guess(at, account)).into();
    let odd: Vec<Shown> = ["a b", "徐汇", "x'--"].map(|account| guess(at, account)).into();
    let alike = |shown: &Shown| {
        (shown.mechanisms.clone(), shown.salt.len(), shown.iterations.clone(), shown.refusal.clone())
    };
    for shown in known.iter().chain(&unknown).chain(&odd) {
        assert_eq!(alike(shown), alike(&known[0]), "{shown:?}");
    }
    // The salt of an unknown name is as constant as that of a known one, and each has its own.
    assert_eq!(guess(at, "citi").salt, unknown[0].salt);
    assert_eq!(guess(at, "city").salt, known[0].salt);
    let mut salts: Vec<&String> = known.iter().chain(&unknown).map(|shown| &shown.salt).collect();
    salts.sort();
    salts.dedup();
    assert_eq!(salts.len(), known.len() + unknown.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_does_not_tell_unknown_accounts() {
    let scene = Scene::usual().await;
    let at = scene.server.postgres();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // Four tries each: a fifth failure locks, which is another path.
    for account in ["city", "clerk", "neighbour", "lonely", "street", "nobody", "leader"] {
        for round in 0..4 {
            known.push(guess(at, account).took);
            unknown.push(guess(at, &format!("{account}{round}")).took);
        }
    }
    known.sort();
    unknown.sort();
    let (known, unknown) = (known[known.len() / 2], unknown[unknown.len() / 2]);
    println!("known {known:?}, unknown {unknown:?}");
    let noise = Duration::from_millis(10);
    assert!(
        known < unknown * 2 + noise && unknown < known * 2 + noise,
        "known {known:?}, unknown {unknown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_guesses_lock_both_doors() {
    let scene = Scene::usual().await;
    for _ in 0..5 {
        assert!(Wire::connect(scene.server.postgres(), "clerk", "wrong").await.is_err());
    }
    let right = Wire::connect(scene.server.postgres(), "clerk", PASSWORD).await;
    assert!(right.is_err(), "the right password opens the wire of a locked account");
    let body = json!({"account": "clerk", "password": PASSWORD});
    let answer = scene.server.anonymous().post("/api/v1/session", &body).await;
    assert_ne!(answer.status, 200, "five failures over the wire leave HTTP open: {}", answer.text());
    // Others are not locked with it.
    assert!(Wire::connect(scene.server.postgres(), "neighbour", PASSWORD).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_locks_like_an_account() {
    let scene = Scene::usual().await;
    let told = async |account: &str| {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let body = json!({"account": account, "password": "wrong"});
            let answer = scene.server.anonymous().post("/api/v1/session", &body).await;
            // Minutes and seconds of the lock differ with the clock.
            let text: String = answer.text().chars().filter(|c| !c.is_ascii_digit()).collect();
            answers.push((answer.status, text));
        }
        answers
    };
    let known = told("lonely").await;
    assert_eq!(known.first().unwrap().0, 401);
    assert_eq!(known.last().unwrap().0, 429, "{known:?}");
    assert_eq!(known, told("lonesome").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_never_cross_the_wire() {
    let scene = Scene::usual().await;
    let mut raw = Raw::open(scene.server.postgres(), "clerk");
    let (_, body) = raw.receive();
    // 10 is SASL; 3 would be the password in clear, 5 its MD5.
    assert_eq!(&body[..4], &10_i32.to_be_bytes(), "another way of logging in is offered");
    raw.send(b'p', b"Whole-Pass-2026\0");
    let mut said = Vec::new();
    raw.0.read_to_end(&mut said).unwrap();
    // An error and the end, or the end at once; 'R' would go on with the login.
    assert!(said.first().is_none_or(|kind| *kind == b'E'), "a password in clear is taken: {said:?}");
}
