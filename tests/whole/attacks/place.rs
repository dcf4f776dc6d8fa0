//! A data folder with a few accounts, and a server over it.

use std::path::Path;

use pujiang_security::Assignment;
use pujiang_transactional::{Store, audit};
use serde_json::json;
use tempfile::TempDir;

use crate::server::{Person, Server, create};

/// What a test attacks.
pub struct Place {
    pub server: Server,
    pub store: Store,
    pub folder: TempDir,
}

impl Place {
    /// A server without limits of its own.
    pub async fn new() -> Self {
        Self::within(&[]).await
    }

    /// A server under a program that sets limits.
    pub async fn within(program: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = fill(folder.path()).await;
        let server = Server::start_within(program, folder.path()).await;
        Self { server, store, folder }
    }

    /// Refused entries of the audit log about SQL.
    pub async fn refused(&self) -> usize {
        let mut refused = 0;
        let mut after = 0;
        loop {
            let page = audit::list(&self.store, after, 1_000).await.unwrap();
            let Some(last) = page.last() else { return refused };
            after = last.seq;
            let of = |entry: &&audit::Stored| {
                entry.content["action"] == "sql" && entry.content["result"] == "失败"
            };
            refused += page.iter().filter(of).count();
        }
    }

    /// Fails unless the server answers a question over both roads.
    pub async fn answers(&mut self) {
        assert!(self.server.is_alive(), "the process has ended:\n{}", self.server.log());
        let answer =
            self.server.http("city").await.post("/api/v1/sql", &json!({"sql": "select 1 as one"})).await;
        assert_eq!(answer.json()["rows"], json!([[1]]), "{}", answer.text());
        let wire = self.server.wire("city").await;
        assert_eq!(wire.simple("select 1").await.unwrap(), [[Some("1".to_owned())]]);
    }
}

/// Accounts of a data folder; its store for looking into.
pub async fn fill(data: &Path) -> Store {
    let person = |account: &str, role: &str, rows: &str| Person {
        account: account.to_owned(),
        roles: vec![role.into()],
        assignments: vec![Assignment::parse(rows).unwrap()],
    };
    let people = [person("city", "city_analyst", "city"), person("clerk", "district_clerk", "310104")];
    create(data, &people).await.1
}
