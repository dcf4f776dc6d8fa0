//! What somebody asks, and by which road.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use datafusion::common::ParamValues;
use datafusion::sql::sqlparser::ast::Statement;

use super::Interrupt;

/// Longest statement text.
pub const LONGEST: usize = pujiang_warehouse::LONGEST_STATEMENT;

/// A statement that works longer holds memory others need.
pub const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The road a question came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// `POST /api/v1/sql`.
    Http,
    /// `POST /api/v1/sql/export`.
    Export,
    /// `pujiang sql`.
    CommandLine,
    /// A client of the PostgreSQL protocol.
    Wire,
}

impl Channel {
    /// Stable name in the audit log and in counters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Export => "export",
            Self::CommandLine => "command_line",
            Self::Wire => "postgres",
        }
    }
}

/// One statement as text, to be answered whole.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The statement.
    pub text: &'a str,
    /// The road it came by.
    pub channel: Channel,
    /// Address it came from, for the audit log.
    pub origin: Option<&'a str>,
}

/// One parsed statement with its parameters, to be answered batch by batch.
#[derive(Debug)]
pub struct Inquiry {
    /// The text, for the audit log.
    pub text: String,
    /// The statement.
    pub statement: Statement,
    /// Values of its parameters.
    pub parameters: ParamValues,
    /// The road it came by.
    pub channel: Channel,
    /// Address it came from, for the audit log.
    pub origin: Option<String>,
    /// Settings of the connection, by name in small letters.
    pub settings: BTreeMap<String, String>,
    /// How long it may work; never more than [`TIME_LIMIT`].
    pub patience: Duration,
    /// Wished by whoever asked and no longer wants to know.
    pub interrupt: Interrupt,
    /// Kept as long as the answer has not come to its end: whoever asked counts them.
    pub open: Arc<()>,
}
