//! Ways of a report to its recipients. One file per way, one explicit list.
//!
//! A channel MUST record the delivery as sent itself, in one transaction with the sending where the target is the
//! operational store, right after it otherwise; it MUST be harmless to send the same delivery again after a crash
//! between the two; it MUST NOT send files of another scope than the recipient's.

mod folder;
mod inbox;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use pujiang_security::Principal;

use crate::data::ScopeFacts;
use crate::definition::{ChannelKind, ReportDefinition};
use crate::error::ReportError;
use crate::ledger::{DeliveryKey, Ledger, RunFile};
use crate::period::Period;

/// What is to be delivered to one recipient by one channel.
pub struct Dispatch<'a> {
    /// Key of the ledger row.
    pub key: DeliveryKey,
    /// The report.
    pub report: &'a ReportDefinition,
    /// Period covered.
    pub period: Period,
    /// Run that made the files.
    pub run_id: &'a str,
    /// Scope of the files.
    pub scope: &'a ScopeFacts,
    /// The recipient; one of those of the scope for a channel that serves the scope as a whole.
    pub recipient: &'a Principal,
    /// The files, all of this scope.
    pub files: &'a [RunFile],
    /// Folder the files lie in.
    pub source: &'a Path,
    /// Present time as stored.
    pub now: &'a str,
}

/// A way to a recipient.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Name in definitions and ledger.
    fn kind(&self) -> ChannelKind;

    /// Who the delivery is for: the account, or everybody of this access as a whole.
    fn recipient(&self, principal: &Principal, access: &str) -> String;

    /// Delivers. `false` when another process had delivered it already.
    async fn send(&self, dispatch: &Dispatch<'_>) -> Result<bool, ReportError>;
}

/// Every channel.
#[must_use]
pub fn all(ledger: &Ledger, out_root: &Path) -> Vec<Box<dyn Channel>> {
    vec![
        Box::new(folder::FolderChannel::new(ledger.clone(), PathBuf::from(out_root))),
        Box::new(inbox::InboxChannel::new(ledger.clone())),
    ]
}
