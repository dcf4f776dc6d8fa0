//! What the audit log keeps of a question: who asked by which road, which tables were read, how many rows were given,
//! under which scope. Of the statement only its form (`blank.rs`), of the answer nothing.

use std::time::Instant;

use pujiang_security::Principal;
use pujiang_transactional::audit::{Entry, Outcome};
use serde_json::json;

use super::blank::blanked;
use super::{Channel, Ending};

/// Action of these entries.
const ACTION: &str = "sql";

/// What is known of a question while it is answered.
#[derive(Debug, Clone)]
pub struct Record {
    principal: Principal,
    channel: Channel,
    origin: Option<String>,
    statement: String,
    begun: Instant,
    /// Tables it reads.
    pub tables: Vec<String>,
    /// Versions it reads them in.
    pub data_version: String,
    /// Rows given so far.
    pub rows: u64,
    /// What its rows and columns are cut to.
    pub access: String,
}

impl Record {
    /// Begins to note a question.
    pub fn begin(principal: &Principal, channel: Channel, origin: Option<&str>, text: &str) -> Self {
        Self {
            principal: principal.clone(),
            channel,
            origin: origin.map(str::to_owned),
            statement: blanked(text),
            begun: Instant::now(),
            tables: Vec::new(),
            data_version: String::new(),
            rows: 0,
            access: principal.scope().fingerprint(),
        }
    }

    /// The road it came by.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// The account that asks.
    pub fn account(&self) -> &str {
        self.principal.account()
    }

    /// One line in the log. Never the text, not even its form.
    pub fn log(&self, ending: Ending) {
        tracing::info!(
            channel = self.channel.as_str(),
            account = self.principal.account(),
            ending = ending.as_str(),
            rows = self.rows,
            duration_ms = self.begun.elapsed().as_secs_f64() * 1000.0,
            "query"
        );
    }

    /// The entry of a question that ended like this.
    pub fn entry(&self, ending: Ending) -> Entry {
        let scope = self.principal.scope();
        let after = json!({
            "channel": self.channel.as_str(),
            "tables": self.tables,
            "rows": self.rows,
            "scope": scope.label(),
            "access": self.access,
            "data_version": self.data_version,
            "duration_ms": u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "ending": ending.as_str(),
            "statement": self.statement,
        });
        Entry {
            origin: self.origin.clone(),
            action: ACTION.to_owned(),
            target_type: "sql".to_owned(),
            target_id: if self.tables.is_empty() { "-".to_owned() } else { self.tables.join(",") },
            after: Some(after),
            result: match ending {
                Ending::Done | Ending::Partial => Outcome::Done,
                _ => Outcome::Refused,
            },
            ..Entry::of(&self.principal)
        }
    }
}
