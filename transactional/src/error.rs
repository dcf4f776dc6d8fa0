//! What can go wrong in a call of this crate, with one transport-free kind that `api` turns into a status.

use std::borrow::Cow;

use crate::store::StoreError;

/// What a caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no such thing, or it lies outside the caller's scope.
    NotFound,
    /// The request must be corrected; see the field errors.
    Invalid,
    /// The caller's roles do not allow this.
    Forbidden,
    /// It clashes with what is stored.
    Conflict,
    /// The caller must say which version it changes.
    PreconditionRequired,
    /// Someone else changed the record first.
    PreconditionFailed,
    /// The database cannot answer now; trying again may help.
    Unavailable,
    /// A defect or a damaged database; the detail is for the log only.
    Internal,
}

/// One thing to correct in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field, or of the request part.
    pub field: String,
    /// Stable code.
    pub code: Cow<'static, str>,
    /// Chinese sentence that names the field and the remedy.
    pub message: String,
}

impl FieldError {
    /// An error of a field.
    pub fn new(
        field: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// Error of a call.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such record in the caller's scope.
    #[error("没有找到该{title}")]
    NotFound {
        /// Chinese name of the resource.
        title: String,
    },
    /// The values need correcting.
    #[error("有 {} 处需要更正：{}", errors.len(), joined(errors))]
    Invalid {
        /// Everything that is wrong, at once.
        errors: Vec<FieldError>,
    },
    /// The roles do not allow it.
    #[error("{detail}")]
    Forbidden {
        /// What is not allowed, and who may.
        detail: String,
    },
    /// It clashes with stored data.
    #[error("{}", .0.message)]
    Conflict(FieldError),
    /// No version was given.
    #[error("请先读取最新内容，再带版本号提交修改")]
    PreconditionRequired,
    /// The version is not the stored one.
    #[error("记录已被他人修改（当前版本 {current}），请刷新后重试")]
    PreconditionFailed {
        /// The stored version.
        current: i64,
    },
    /// The database failed.
    #[error("{operation}")]
    Store {
        /// What was being done.
        operation: &'static str,
        /// What the store said.
        source: StoreError,
    },
    /// The table of a definition cannot be made to fit.
    #[error("数据表 {table} 与定义不符：{reason}")]
    Migration {
        /// The table.
        table: String,
        /// What differs and what to do.
        reason: String,
    },
    /// Stored data cannot be read as its definition says.
    #[error("read {place}: {reason}")]
    Damaged {
        /// Table and column.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A password could not be hashed.
    #[error("hash a password")]
    Password {
        /// The cause.
        source: pujiang_security::password::PasswordError,
    },
    /// Too many log in at this moment.
    #[error("登录的人太多，请稍后再试")]
    Crowded,
    /// Background work died.
    #[error("{operation}: background work was stopped")]
    Stopped {
        /// What was being done.
        operation: &'static str,
    },
}

impl Error {
    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::NotFound { .. } => ErrorKind::NotFound,
            Error::Invalid { .. } => ErrorKind::Invalid,
            Error::Forbidden { .. } => ErrorKind::Forbidden,
            Error::Conflict(_) => ErrorKind::Conflict,
            Error::PreconditionRequired => ErrorKind::PreconditionRequired,
            Error::PreconditionFailed { .. } => ErrorKind::PreconditionFailed,
            Error::Crowded => ErrorKind::Unavailable,
            Error::Store { source, .. } if source.is_unavailable() => ErrorKind::Unavailable,
            Error::Store { .. }
            | Error::Migration { .. }
            | Error::Damaged { .. }
            | Error::Password { .. }
            | Error::Stopped { .. } => ErrorKind::Internal,
        }
    }

    /// Whether the disk of the store is full.
    pub fn is_full(&self) -> bool {
        matches!(self, Error::Store { source, .. } if source.is_full())
    }

    /// The fields at fault, for `Invalid` and `Conflict`.
    pub fn field_errors(&self) -> &[FieldError] {
        match self {
            Error::Invalid { errors } => errors,
            Error::Conflict(error) => std::slice::from_ref(error),
            _ => &[],
        }
    }

    /// One field that must be corrected.
    pub fn invalid(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Error::Invalid { errors: vec![FieldError::new(field, code, message)] }
    }

    pub(crate) fn store(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
        move |source| Error::Store { operation, source: StoreError::from(source) }
    }
}

fn joined(errors: &[FieldError]) -> String {
    errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("；")
}
