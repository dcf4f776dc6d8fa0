//! `WireApp`: an application whose PostgreSQL door is open, with accounts and a few rows.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;

use arrow::json::ReaderBuilder;
use pujiang_api::Config;
use pujiang_api::app::{App, Live};
use pujiang_api::postgres::Server;
use pujiang_security::Assignment;
use pujiang_transactional::accounts::{AccountKind, NewAccount};
use pujiang_warehouse::Change;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Client, NoTls};

/// Password of every test account.
pub const PASSWORD: &str = "Test-Pass-2026";

/// An application of its own per test.
pub struct WireApp {
    /// The composition.
    pub app: Arc<App>,
    /// What puts another in its place.
    pub live: Arc<Live>,
    /// Where the wire listens, as this machine reaches it.
    pub address: SocketAddr,
    /// The server's task.
    pub serving: JoinHandle<()>,
    folder: TempDir,
}

impl WireApp {
    /// Opens the door on loopback, with the accounts `city` and `d310104`.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let mut config = Config::for_testing(&folder.path().join("data"));
        config.postgres.listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        change(&mut config);
        let live = Live::open(&config).await.expect("application");
        let listen = config.postgres.listen.expect("address");
        let server = Server::bind(live.current(), &config.postgres, listen).await.expect("server");
        let address = SocketAddr::from(([127, 0, 0, 1], server.address().port()));
        let serving = tokio::spawn(server.run());
        let wire = Self { app: live.app(), live, address, serving, folder };
        wire.account("city", &["city_analyst"], &["city"]).await;
        wire.account("d310104", &["district_clerk"], &["310104"]).await;
        wire
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Makes an account of a person.
    pub async fn account(&self, name: &str, roles: &[&str], rows: &[&str]) {
        self.account_of(AccountKind::Person, name, roles, rows).await;
    }

    /// Makes an account.
    pub async fn account_of(&self, kind: AccountKind, name: &str, roles: &[&str], rows: &[&str]) {
        let account = NewAccount {
            login_name: name.to_owned(),
            name: name.to_owned(),
            password: PASSWORD.to_owned(),
            roles: roles.iter().map(|id| (*id).into()).collect(),
            assignments: rows.iter().map(|row| Assignment::parse(row).expect("assignment")).collect(),
            kind,
        };
        self.app.accounts.create("test", account).await.expect("account");
    }

    /// Logs in without encryption.
    pub async fn log_in(&self, account: &str, password: &str) -> Result<Client, DbError> {
        let (host, port) = (self.address.ip(), self.address.port());
        let text = format!("host={host} port={port} user={account} password={password} dbname=pujiang");
        match tokio_postgres::connect(&text, NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                Ok(client)
            }
            Err(error) => Err(error.as_db_error().unwrap_or_else(|| panic!("{error:?}")).clone()),
        }
    }

    /// A client of an account.
    pub async fn client(&self, account: &str) -> Client {
        self.log_in(account, PASSWORD).await.expect("logs in")
    }

    /// Three transactions of October 2026: two in 徐汇, one in 长宁.
    pub async fn load(&self) {
        self.load_rows(&[("T1", "310104", "10.25"), ("T2", "310104", "20.25"), ("T3", "310105", "7.25")])
            .await;
    }

    /// Transactions with number, district and amount.
    pub async fn load_rows(&self, rows: &[(&str, &str, &str)]) {
        let row = |(txn, district, amount): &(&str, &str, &str)| {
            json!({
                "txn_no": txn, "feed": "bank", "pay_time": "2026-10-15T12:30:00", "district_code": district,
                "merchant_code": "91310106MA0000029Q", "card_no": "3100********0001", "card_token": "t1",
                "category": "文旅", "mode": "电子证", "original_amount": amount, "discount": "0.00",
                "amount": amount, "state": "confirmed", "record_version": 1, "loaded_at": "2026-10-16T00:00:00",
            })
        };
        let rows: Vec<Value> = rows.iter().map(row).collect();
        let table = self.app.lake.catalog().table("benefit_transaction").expect("table").clone();
        let mut decoder = ReaderBuilder::new(table.arrow_schema()).build_decoder().expect("decoder");
        decoder.serialize(&rows).expect("rows");
        let batch = decoder.flush().expect("flush").expect("batch");
        let writer = self.app.lake.writer("benefit_transaction").expect("writer");
        writer.upsert(Change { upserts: vec![batch], deletes: Vec::new() }, None).await.expect("commit");
    }

    /// Audit entries of SQL, oldest first. Those of answers nobody took to the end come a moment later.
    pub async fn audited(&self) -> Vec<Value> {
        let entries =
            pujiang_transactional::audit::list(&self.app.store, 0, 10_000).await.expect("audit log");
        entries
            .into_iter()
            .map(|entry| Value::Object(entry.content))
            .filter(|entry| entry["action"] == "sql")
            .collect()
    }

    /// Runs psql, or nothing where it is not installed.
    pub async fn psql(&self, account: &str, options: &str, arguments: &[&str]) -> Option<Output> {
        let psql = installed("psql")?;
        let (host, port) = (self.address.ip(), self.address.port());
        let target = format!("host={host} port={port} user={account} dbname=pujiang {options}");
        let mut command = tokio::process::Command::new(psql);
        command.args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1"]).args(arguments).arg(target);
        command.env("PGPASSWORD", PASSWORD).env("PGCONNECT_TIMEOUT", "10").env("LC_ALL", "C.UTF-8");
        Some(command.output().await.expect("psql runs"))
    }
}

/// A program of the path.
pub fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// SQLSTATE of a statement that must fail.
pub async fn code(client: &Client, sql: &str) -> SqlState {
    let error = client.simple_query(sql).await.expect_err(sql);
    error.code().unwrap_or_else(|| panic!("{sql}: {error:?}")).clone()
}

/// The values of a simple query, row by row.
pub async fn texts(client: &Client, sql: &str) -> Vec<Vec<Option<String>>> {
    use tokio_postgres::SimpleQueryMessage::Row;
    let messages = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let rows = messages.into_iter().filter_map(|message| match message {
        Row(row) => Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()),
        _ => None,
    });
    rows.collect()
}

/// The one value of a simple query.
pub async fn text(client: &Client, sql: &str) -> String {
    let rows = texts(client, sql).await;
    rows.first().and_then(|row| row.first()).cloned().flatten().unwrap_or_else(|| panic!("{sql}: {rows:?}"))
}

/// A question that takes long: three rows joined with themselves again and again.
pub fn long_question(tables: usize) -> String {
    let list: Vec<String> = (0..tables).map(|number| format!("benefit_transaction t{number}")).collect();
    let sum: Vec<String> = (0..tables).map(|number| format!("t{number}.amount")).collect();
    format!("select sum({}) from {}", sum.join(" + "), list.join(", "))
}
