//! What can go wrong in the lake, named by the operation that failed. Causes stay in `source`.

use thiserror::Error;

use crate::complaint;

/// Transport-free kind of an error; `api` turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller asked for something that is not there (or lies outside the scope).
    NotFound,
    /// The caller's text or batch is wrong.
    Invalid,
    /// The caller may not do this.
    Forbidden,
    /// Someone else changed the same thing first.
    Conflict,
    /// A resource limit or a store that does not answer.
    Unavailable,
    /// A defect or a broken disk.
    Internal,
}

/// Errors of this crate.
#[derive(Debug, Error)]
pub enum WarehouseError {
    /// A table id that no definition declares.
    #[error("表 {0} 不存在")]
    UnknownTable(String),
    /// A batch that does not fit the table definition.
    #[error("写入表 {table} 的数据不合定义：{detail}")]
    BadBatch {
        /// Table id.
        table: String,
        /// What does not fit.
        detail: String,
    },
    /// Opening or creating a Delta table failed.
    #[error("cannot open Delta table {table}")]
    Open {
        /// Table id.
        table: String,
        /// Cause.
        #[source]
        source: Box<deltalake::DeltaTableError>,
    },
    /// The stored schema and the definition cannot be reconciled.
    #[error("数据表 {table} 与已存的结构不符：{detail}")]
    SchemaDrift {
        /// Table id.
        table: String,
        /// What cannot be reconciled and what to do.
        detail: String,
    },
    /// Reading the state of a Delta table failed.
    #[error("cannot read the state of table {table}")]
    Snapshot {
        /// Table id.
        table: String,
        /// Cause.
        #[source]
        source: Box<deltalake::DeltaTableError>,
    },
    /// The commit could not be written.
    #[error("cannot commit to table {table}")]
    Commit {
        /// Table id.
        table: String,
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Other processes kept committing first.
    #[error("table {table}: {attempts} commits in a row were overtaken by another process")]
    Overtaken {
        /// Table id.
        table: String,
        /// How often it was tried.
        attempts: usize,
    },
    /// A data file could not be read.
    #[error("cannot read data file {path}")]
    ReadFile {
        /// Path below the table.
        path: String,
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A data file could not be written.
    #[error("cannot write data file {path}")]
    WriteFile {
        /// Path below the table.
        path: String,
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The folder of the lake cannot be used.
    #[error("cannot use lake folder {path}")]
    Folder {
        /// The folder.
        path: String,
        /// Cause.
        #[source]
        source: std::io::Error,
    },
    /// A query text or plan was refused.
    #[error("查询不能执行：{0}")]
    BadQuery(String),
    /// Statement kinds that are never allowed.
    #[error("只能执行一条只读查询：{0}")]
    ReadOnly(String),
    /// A statement was prepared in one session and run in another.
    #[error("a prepared statement belongs to the session that prepared it")]
    ForeignStatement,
    /// An aggregate needs values of a column that the person does not see in clear.
    #[error("您无权以原值使用表 {table} 的列 {column}")]
    HiddenColumn {
        /// Table id.
        table: String,
        /// The column.
        column: String,
    },
    /// The caller may not ask this.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// A query failed while running.
    #[error("query failed")]
    Query(#[source] Box<datafusion::error::DataFusionError>),
    /// A query ran out of memory or time.
    #[error("查询超出资源限制，请缩小范围后重试")]
    Limit(#[source] Box<datafusion::error::DataFusionError>),
    /// An Arrow kernel refused its input.
    #[error("arrow kernel failed while {doing}")]
    Arrow {
        /// What was being done.
        doing: &'static str,
        /// Cause.
        #[source]
        source: arrow::error::ArrowError,
    },
    /// A rollup asks for what its table does not have.
    #[error("rollup over {table} is impossible: {detail}")]
    BadRollup {
        /// Table id.
        table: String,
        /// Why.
        detail: String,
    },
    /// A blocking task was lost.
    #[error("background task lost while {0}")]
    Task(&'static str),
}

impl WarehouseError {
    /// The transport-free kind.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownTable(_) => ErrorKind::NotFound,
            Self::BadBatch { .. } | Self::BadQuery(_) | Self::BadRollup { .. } => ErrorKind::Invalid,
            Self::ReadOnly(_) | Self::HiddenColumn { .. } | Self::NotAllowed(_) => ErrorKind::Forbidden,
            Self::Overtaken { .. } => ErrorKind::Conflict,
            Self::Limit(_) => ErrorKind::Unavailable,
            _ => ErrorKind::Internal,
        }
    }

    pub(crate) fn arrow(doing: &'static str) -> impl FnOnce(arrow::error::ArrowError) -> Self {
        move |source| Self::Arrow { doing, source }
    }

    /// Sorts engine errors into the caller's fault, limits and defects. For the errors of an `AnswerStream`, too.
    pub fn from_engine(error: datafusion::error::DataFusionError) -> Self {
        use datafusion::error::DataFusionError as E;
        if let Some(said) = failure_of_filter(&error) {
            return Self::BadQuery(said);
        }
        if is_of_pattern(&error) {
            return Self::BadQuery("正则表达式不成立，或者太大；请写短一些".to_owned());
        }
        match error.find_root() {
            E::ResourcesExhausted(_) => Self::Limit(Box::new(error)),
            // What a query may put on disk is a limit like its memory.
            _ if error.to_string().contains("max_temp_directory_size") => Self::Limit(Box::new(error)),
            E::SQL(..)
            | E::Plan(_)
            | E::SchemaError(..)
            | E::NotImplemented(_)
            | E::Execution(_)
            | E::ArrowError(..)
            | E::Diagnostic(..) => Self::BadQuery(complaint::said(&error)),
            _ => Self::Query(Box::new(error)),
        }
    }
}

/// A regular expression the engine does not compile. What it says of that is in English and about its own writing of it.
fn is_of_pattern(error: &datafusion::error::DataFusionError) -> bool {
    const SAID: [&str; 4] = [
        "Invalid regex",
        "regex parse error",
        "Regular expression did not compile",
        "Compiled regex exceeds",
    ];
    let text = error.to_string();
    SAID.iter().any(|said| text.contains(said))
}

/// Where no row is held back a statement's filter runs inside the scan of a file, and the scan reports its failure as
/// one of the file. It is the statement's all the same.
fn failure_of_filter(error: &datafusion::error::DataFusionError) -> Option<String> {
    let text = error.to_string();
    let (_, cause) = text.split_once("Error evaluating filter predicate: ")?;
    Some(match cause.contains("DivideByZero") {
        true => complaint::plain("Divide by zero error"),
        false => complaint::plain(cause),
    })
}
