//! Errors of this crate, named by the operation that failed, with a transport-free kind for `api`.

use crate::definition::DefinitionError;
use crate::pdf::PdfError;
use crate::period::PeriodError;
use crate::xlsx::XlsxError;

/// Transport-free kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is wrong.
    Invalid,
    /// There is no such report, run or file for this caller.
    NotFound,
    /// The caller may not do this.
    Forbidden,
    /// Try again later.
    Unavailable,
    /// Our fault.
    Internal,
}

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// No report of that id.
    #[error("没有报表“{0}”")]
    UnknownReport(String),
    /// No such run or file within the caller's scope.
    #[error("没有找到该报表文件或运行记录")]
    NotFound,
    /// The period is no period.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// The period lies in the future.
    #[error("{0}尚未开始，没有数据可报")]
    NotYet(String),
    /// The caller may see no rows at all.
    #[error("账号没有数据范围，请联系管理员分配")]
    NoScope,
    /// A definition is wrong.
    #[error("report definitions are wrong: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Definitions(Vec<DefinitionError>),
    /// Asking for the figures failed.
    #[error("computing the figures of report {report} failed")]
    Figures {
        /// Report id.
        report: String,
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer does not have the form asked for.
    #[error("the answer for report {report} lacks column {column}")]
    Answer {
        /// Report id.
        report: String,
        /// Column.
        column: String,
    },
    /// The workbook failed.
    #[error(transparent)]
    Xlsx(#[from] XlsxError),
    /// The PDF failed.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// A rendering thread died.
    #[error("rendering report {report} stopped: {reason}")]
    Render {
        /// Report id.
        report: String,
        /// Why.
        reason: String,
    },
    /// A file could not be written or read.
    #[error("{operation} {path} failed")]
    File {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: String,
        /// Cause.
        #[source]
        source: std::io::Error,
    },
    /// The ledger could not be read or written.
    #[error("{operation} in the report ledger failed")]
    Ledger {
        /// What was tried.
        operation: &'static str,
        /// Cause.
        #[source]
        source: sqlx::Error,
    },
    /// The recipients could not be listed.
    #[error("listing the recipients of report {report} failed")]
    Recipients {
        /// Report id.
        report: String,
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The scheduler could not be started.
    #[error("starting the report schedules failed: {0}")]
    Schedule(String),
}

impl ReportError {
    /// Kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownReport(_) | Self::NotFound => ErrorKind::NotFound,
            Self::Period(_) | Self::NotYet(_) | Self::Definitions(_) => ErrorKind::Invalid,
            Self::NoScope => ErrorKind::Forbidden,
            Self::Ledger { .. } | Self::Figures { .. } | Self::Recipients { .. } => ErrorKind::Unavailable,
            Self::Pdf(PdfError::Font(_)) => ErrorKind::Unavailable,
            _ => ErrorKind::Internal,
        }
    }

    /// Stable code for HTTP.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownReport(_) => "report_unknown",
            Self::NotFound => "report_not_found",
            Self::Period(_) => "report_bad_period",
            Self::NotYet(_) => "report_period_not_begun",
            Self::Definitions(_) => "report_bad_definition",
            Self::NoScope => "report_no_scope",
            Self::Ledger { .. } => "report_ledger_unavailable",
            Self::Figures { .. } => "report_figures_unavailable",
            Self::Recipients { .. } => "report_recipients_unavailable",
            Self::Pdf(PdfError::Font(_)) => "report_font_missing",
            _ => "report_failed",
        }
    }

    /// The message with its causes, for the ledger.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(next) = cause {
            text.push_str(": ");
            text.push_str(&next.to_string());
            cause = next.source();
        }
        text
    }
}
