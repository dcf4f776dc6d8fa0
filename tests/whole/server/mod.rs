//! The real program over a prepared data folder, asked over HTTP and the PostgreSQL wire.

mod accounts;
mod http;
mod wire;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use pujiang_tests::binary;
use serde_json::json;

pub use accounts::{PASSWORD, Person, create, engine};
pub use http::{Answer, Http};
pub use wire::{Wire, numeric};

/// How long a server may take from its start to its readiness.
const READY: Duration = Duration::from_secs(30);

/// A running `pujiang serve`; ends with the value.
pub struct Server {
    child: Child,
    http: SocketAddr,
    postgres: SocketAddr,
    log: PathBuf,
}

fn free() -> SocketAddr {
    // Free a moment ago is free enough: a taken port ends the program, and the test says so.
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Server {
    /// Starts over a data folder whose accounts are made, and waits until it is ready.
    pub async fn start(data: &Path) -> Self {
        Self::start_within(&[], data).await
    }

    /// The same under another program, such as one that sets limits.
    pub async fn start_within(program: &[&str], data: &Path) -> Self {
        let (http, postgres) = (free(), free());
        let log = data.join("serve.log");
        let file = std::fs::File::create(&log).unwrap();
        let (at_http, at_postgres) = (http.to_string(), postgres.to_string());
        let folder = data.to_str().unwrap();
        let arguments = ["serve", "--data", folder, "--listen", &at_http, "--pg-listen", &at_postgres];
        let mut command = binary::command_within(program, &arguments).unwrap();
        let child = command.stdout(Stdio::null()).stderr(file).spawn().unwrap();
        let mut server = Self { child, http, postgres, log };
        let started = Instant::now();
        while Http::anonymous(server.http).try_get("/readyz").await.is_none_or(|answer| answer.status != 200)
        {
            let ended = server.child.try_wait().unwrap();
            assert!(
                ended.is_none() && started.elapsed() < READY,
                "the server did not start:\n{}",
                server.log()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    /// Where HTTP is.
    pub fn address(&self) -> SocketAddr {
        self.http
    }

    /// Where the PostgreSQL wire is.
    pub fn postgres(&self) -> SocketAddr {
        self.postgres
    }

    /// Number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Asks it to end, and waits for that.
    pub async fn terminate(mut self, within: Duration) -> bool {
        let asked = std::process::Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        let begun = Instant::now();
        while begun.elapsed() < within {
            if self.child.try_wait().unwrap().is_some() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// What the server logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Nobody, over HTTP.
    pub fn anonymous(&self) -> Http {
        Http::anonymous(self.http)
    }

    /// A person, over HTTP.
    pub async fn http(&self, account: &str) -> Http {
        let body = json!({"account": account, "password": PASSWORD});
        let answer = self.anonymous().post("/api/v1/session", &body).await;
        assert_eq!(answer.status, 200, "{account}: {}", answer.text());
        Http::with_token(self.http, answer.json()["token"].as_str().unwrap())
    }

    /// A person, over the PostgreSQL wire.
    pub async fn wire(&self, account: &str) -> Wire {
        Wire::connect(self.postgres, account, PASSWORD)
            .await
            .unwrap_or_else(|cause| panic!("{account}: {cause:?}\n{}", self.log()))
    }
}

impl Drop for Server {
    #[expect(clippy::print_stdout, reason = "shown with the failure of the test")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("what the server said:\n{}", self.log());
        }
        // What it would still flush is of no interest; the folder goes with the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
