//! What can go wrong when a question is asked. Texts for people are Chinese and say what to do; causes stay in
//! `source` for the log.

use datafusion::error::DataFusionError;
use pujiang_warehouse::WarehouseError;
use serde::Serialize;
use thiserror::Error;

/// Transport-free kind of an error; `api` turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The question has problems; see [`MetricsError::problems`].
    Invalid,
    /// What was asked for is not there.
    NotFound,
    /// The caller may not ask this.
    Forbidden,
    /// The lake does not answer at present.
    Unavailable,
    /// A defect.
    Internal,
}

/// One problem of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Path of the field: `time.from`, `filters.district`.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What to do, in Chinese.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// Errors of this crate.
#[derive(Debug, Error)]
pub enum MetricsError {
    /// The question cannot be answered as it stands; every problem is listed.
    #[error("查询有 {} 处需要修改：{}", problems.len(), summary(problems))]
    Invalid {
        /// Everything that is wrong with it.
        problems: Vec<Problem>,
    },
    /// The principal lacks the permission for this purpose.
    #[error("当前账号无权查询指标，请联系安全管理员授权")]
    Forbidden,
    /// The caller has no whole district that could stand beside the others.
    #[error("区间对比以整个区为单位；当前账号的数据范围不含完整的区，请使用区级或市级账号")]
    NoWholeDistrict,
    /// There is no such comparison.
    #[error("没有这个区间对比，可用的见对比目录")]
    UnknownComparison,
    /// The rows of an indicator carry nothing that the caller's grants could be compared with.
    #[error("指标“{indicator}”没有按街镇、单位或个人区分的数据，当前账号的数据范围内没有这项数字")]
    OutOfReach {
        /// Title of the indicator.
        indicator: String,
    },
    /// An indicator needs a column this principal may not see as it is: no figure rather than a wrong one.
    #[error(
        "指标“{indicator}”要用到当前账号不可见或已脱敏的内容，因此不给出数字；如工作需要请联系安全管理员"
    )]
    HiddenColumn {
        /// Title of the indicator.
        indicator: String,
        /// Cause.
        #[source]
        source: Box<WarehouseError>,
    },
    /// The lake could not be opened for this principal.
    #[error("cannot open the lake for a metrics query")]
    Session(#[source] Box<WarehouseError>),
    /// A rollup could not be built.
    #[error("cannot read the rollup of table {table}")]
    Rollup {
        /// Source table of the rollup.
        table: String,
        /// Cause.
        #[source]
        source: Box<WarehouseError>,
    },
    /// The members of a dimension could not be read from the table that lists them.
    #[error("cannot read the members of a dimension from table {table}")]
    Members {
        /// The table.
        table: String,
        /// Cause.
        #[source]
        source: Box<WarehouseError>,
    },
    /// Adding up a rollup failed.
    #[error("cannot aggregate the rollup of table {table}")]
    Aggregate {
        /// Source table of the rollup.
        table: String,
        /// Cause.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A rollup has another shape than agreed with the warehouse.
    #[error("the rollup of table {table} has no usable column {column}")]
    Shape {
        /// Source table of the rollup.
        table: String,
        /// The column.
        column: String,
    },
    /// A figure does not fit a decimal of 28 digits.
    #[error("the figure of indicator {indicator} is too large")]
    TooLarge {
        /// Its id.
        indicator: String,
    },
}

impl MetricsError {
    /// The transport-free kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        use pujiang_warehouse::ErrorKind as Lake;
        match self {
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Forbidden | Self::NoWholeDistrict | Self::OutOfReach { .. } | Self::HiddenColumn { .. } => {
                ErrorKind::Forbidden
            }
            Self::UnknownComparison => ErrorKind::NotFound,
            Self::Session(source) | Self::Rollup { source, .. } | Self::Members { source, .. } => {
                match source.kind() {
                    Lake::Unavailable => ErrorKind::Unavailable,
                    _ => ErrorKind::Internal,
                }
            }
            Self::Aggregate { source, .. } => match source.find_root() {
                DataFusionError::ResourcesExhausted(_) => ErrorKind::Unavailable,
                _ => ErrorKind::Internal,
            },
            Self::Shape { .. } | Self::TooLarge { .. } => ErrorKind::Internal,
        }
    }

    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoWholeDistrict => return "comparison_needs_district",
            Self::HiddenColumn { .. } => return "indicator_column_hidden",
            Self::OutOfReach { .. } => return "indicator_out_of_reach",
            _ => {}
        }
        match self.kind() {
            ErrorKind::Invalid => "metrics_query_invalid",
            ErrorKind::NotFound => "metrics_not_found",
            ErrorKind::Forbidden => "metrics_forbidden",
            ErrorKind::Unavailable => "metrics_unavailable",
            ErrorKind::Internal => "metrics_failed",
        }
    }

    /// What is wrong with the question, field by field.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid { problems } => problems,
            _ => &[],
        }
    }
}

fn summary(problems: &[Problem]) -> String {
    let one = |problem: &Problem| format!("{} {}", problem.field, problem.message);
    problems.iter().map(one).collect::<Vec<_>>().join("；")
}
