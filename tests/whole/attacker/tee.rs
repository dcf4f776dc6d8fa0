//! Stands between a client of the PostgreSQL protocol and the server, hands every byte on, and looks into what the
//! server says: rows with a canary in them, and how statements end. No TLS, or there would be nothing to look into.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What passed.
#[derive(Debug, Default)]
pub struct Passed {
    /// Statements sent.
    pub statements: u64,
    /// Statements that were answered to the end.
    pub answered: u64,
    /// Rows.
    pub rows: u64,
    /// Errors by SQLSTATE.
    pub errors: BTreeMap<String, u64>,
    /// Statements that met a defect of the server, with what it said.
    pub defects: Vec<String>,
    /// Statements in whose answer a canary was, in any letter case or backwards.
    pub leaks: Vec<String>,
    last: String,
}

/// The tee; clients connect to its address.
pub struct Tee {
    pub address: SocketAddr,
    passed: Arc<Mutex<Passed>>,
}

impl Tee {
    /// Starts in front of a server.
    pub async fn start(server: SocketAddr, canary: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let passed = Arc::new(Mutex::new(Passed::default()));
        let shared = passed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else { return };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let asked = shared.clone();
                tokio::spawn(carry(from_client, to_server, Frames::client(), move |kind, body| {
                    if matches!(kind, b'Q' | b'P') {
                        let mut passed = lock(&asked);
                        passed.statements += 1;
                        passed.last = String::from_utf8_lossy(body).into_owned();
                    }
                }));
                let told = shared.clone();
                tokio::spawn(carry(from_server, to_client, Frames::server(), move |kind, body| {
                    note(&mut lock(&told), kind, body, canary);
                }));
            }
        });
        Self { address, passed }
    }

    /// What passed so far.
    pub fn passed(&self) -> MutexGuard<'_, Passed> {
        lock(&self.passed)
    }
}

fn lock(passed: &Mutex<Passed>) -> MutexGuard<'_, Passed> {
    passed.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(passed: &mut Passed, kind: u8, body: &[u8], canary: &str) {
    match kind {
        b'D' => passed.rows += 1,
        b'C' => passed.answered += 1,
        b'E' => {
            let field = |name: u8| {
                let fields = body.split(|byte| *byte == 0);
                let found = fields.filter(|part| part.first() == Some(&name)).map(|part| &part[1..]).next();
                String::from_utf8_lossy(found.unwrap_or_default()).into_owned()
            };
            let state = field(b'C');
            if state.starts_with("XX") || state.is_empty() {
                let defect = format!("{state} {}: {}", field(b'M'), passed.last);
                passed.defects.push(defect);
            }
            *passed.errors.entry(state).or_default() += 1;
        }
        _ => {}
    }
    if shows(body, canary) {
        let leak = format!("{} in message {}", passed.last, char::from(kind));
        passed.leaks.push(leak);
    }
}

/// Whether the bytes hold the canary as it is, in other letters, or backwards.
fn shows(bytes: &[u8], canary: &str) -> bool {
    let forward = canary.as_bytes();
    let backward: Vec<u8> = forward.iter().rev().copied().collect();
    bytes
        .windows(forward.len())
        .any(|part| part.eq_ignore_ascii_case(forward) || part.eq_ignore_ascii_case(&backward))
}

/// Hands bytes on and shows each whole message.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut frames: Frames,
    mut show: impl FnMut(u8, &[u8]),
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        frames.take(&buffer[..count], &mut show);
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

/// Cuts a stream into messages: a letter, a length that counts itself, a body.
struct Frames {
    kept: Vec<u8>,
    /// A client's first message has no letter.
    begun: bool,
}

impl Frames {
    fn client() -> Self {
        Self { kept: Vec::new(), begun: false }
    }

    fn server() -> Self {
        Self { kept: Vec::new(), begun: true }
    }

    fn take(&mut self, bytes: &[u8], show: &mut impl FnMut(u8, &[u8])) {
        self.kept.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            let letter = usize::from(self.begun);
            let Some(length) = self.kept.get(at + letter..at + letter + 4) else { break };
            let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
            let end = at + letter + length;
            if self.kept.len() < end {
                break;
            }
            if self.begun {
                show(self.kept[at], &self.kept[at + 5..end]);
            }
            self.begun = true;
            at = end;
        }
        self.kept.drain(..at);
    }
}

#[test]
fn canaries_are_found_in_whatever_pieces_they_come() {
    let message = |kind: u8, body: &[u8]| {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind][..], &length.to_be_bytes(), body].concat()
    };
    let said = [
        message(b'D', b"\0\x01\0\0\0\x04good"),
        message(b'D', b"\0\x01\0\0\0\x06canary"),
        message(b'E', b"SERROR\0C22012\0Mby yranac\0\0"),
        message(b'C', b"SELECT 2\0"),
    ]
    .concat();
    for piece in [1, 2, 7, said.len()] {
        let (mut passed, mut frames) = (Passed::default(), Frames::server());
        for bytes in said.chunks(piece) {
            frames.take(bytes, &mut |kind, body| note(&mut passed, kind, body, "CANARY"));
        }
        assert_eq!((passed.rows, passed.answered, passed.leaks.len()), (2, 1, 2), "{passed:?}");
        assert_eq!(passed.errors, BTreeMap::from([("22012".to_owned(), 1)]));
    }
}
