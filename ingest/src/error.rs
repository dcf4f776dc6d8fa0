//! Errors of this room: each names the operation that failed; the cause stays in `source`.

use std::path::PathBuf;

use crate::reason::Refusal;

/// What kind of failure it is, free of any transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// No such feed or row.
    NotFound,
    /// The caller's input cannot be used.
    Invalid,
    /// Another request or process got there first.
    Conflict,
    /// A defect or a broken machine.
    Internal,
}

/// Why a feed could not be run.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// No feed has this id.
    #[error("没有编号为“{0}”的数据通道")]
    UnknownFeed(String),
    /// The feed does not take files.
    #[error("通道“{0}”不接收文件")]
    NotAFileFeed(String),
    /// A pushed batch was refused as a whole.
    #[error("{0}")]
    Refused(Refusal),
    /// An idempotency key came again with other content.
    #[error("幂等键“{0}”已用于另一批数据，请换一个键")]
    KeyReused(String),
    /// A definition and the lake do not fit.
    #[error("feed {feed}: {detail}")]
    Definition {
        /// Feed id.
        feed: String,
        /// What does not fit.
        detail: String,
    },
    /// A file of the inbox could not be read, moved or locked.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Cause.
        #[source]
        source: std::io::Error,
    },
    /// The ledger could not be read or written.
    #[error("cannot {doing} in the ingest ledger")]
    Ledger {
        /// What was being done.
        doing: &'static str,
        /// Cause.
        #[source]
        source: sqlx::Error,
    },
    /// The lake refused or failed.
    #[error("cannot write feed {feed} to the lake")]
    Lake {
        /// Feed id.
        feed: String,
        /// Cause.
        #[source]
        source: pujiang_warehouse::WarehouseError,
    },
    /// Rows could not be put into columns.
    #[error("cannot build rows of table {table}")]
    Rows {
        /// Table id.
        table: String,
        /// Cause.
        #[source]
        source: arrow::error::ArrowError,
    },
    /// Quarantined bytes could not be decrypted.
    #[error("cannot decrypt a quarantined row")]
    Quarantine(#[source] pujiang_security::CryptoError),
    /// A blocking task was lost.
    #[error("background task lost while {0}")]
    Task(&'static str),
}

impl IngestError {
    /// The transport-free kind.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownFeed(_) => ErrorKind::NotFound,
            Self::NotAFileFeed(_) | Self::Refused(_) => ErrorKind::Invalid,
            Self::KeyReused(_) => ErrorKind::Conflict,
            _ => ErrorKind::Internal,
        }
    }

    pub(crate) fn ledger(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Ledger { doing, source }
    }

    pub(crate) fn file(doing: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { doing, path, source }
    }
}
