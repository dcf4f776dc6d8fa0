//! Why a command did not come to its end; the exit code follows from it.

use std::path::Path;
use std::process::ExitCode;

use crate::app::OpenError;
use crate::config::ConfigError;
use crate::postgres::WireError;
use crate::problem::chain;

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Usage(String),
    /// A setting is wrong.
    #[error("{}", chain(.0))]
    Config(#[from] ConfigError),
    /// The data folder cannot be opened.
    #[error("{}{}", chain(.0), full(.0))]
    Open(#[from] OpenError),
    /// The PostgreSQL protocol cannot be served.
    #[error("{}", chain(.0))]
    Wire(#[from] WireError),
    /// A file could not be read or written.
    #[error("{operation}失败：{source}")]
    Io {
        /// What was being done.
        operation: String,
        /// Why.
        source: std::io::Error,
    },
    /// A room refused or failed.
    #[error("{operation}失败：{cause}")]
    Failed {
        /// What was being done.
        operation: &'static str,
        /// Why, with all causes.
        cause: String,
    },
}

/// A full disk, said in a sentence where the cause is deep in a chain of our own.
fn full(error: &OpenError) -> &'static str {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|error| error.kind() == std::io::ErrorKind::StorageFull) {
            return "。磁盘空间已满，请清理磁盘后重试；数据没有损坏";
        }
        cause = error.source();
    }
    ""
}

impl CliError {
    /// The command line must be changed.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// A file operation failed.
    pub fn io(operation: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { operation: operation.into(), source }
    }

    /// A file operation on a path failed.
    pub fn path(operation: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let operation = format!("{operation} {} ", path.display());
        move |source| Self::Io { operation, source }
    }

    /// A call of a room failed.
    pub fn failed<E: std::error::Error + 'static>(operation: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Failed { operation, cause: chain(&error) }
    }

    /// The demonstration data could not be made.
    pub fn from_demo(error: anyhow::Error) -> Self {
        Self::Failed { operation: "生成演示数据", cause: format!("{error:#}") }
    }

    /// 2 for what the caller typed, 1 for everything else.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) | Self::Config(_) => ExitCode::from(2),
            _ => ExitCode::from(1),
        }
    }
}
