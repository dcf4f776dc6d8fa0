//! The one place where errors of the other crates become statuses: each crate says a kind, this file says HTTP.
//! Texts of refusals come from the crates and are meant for people; texts of defects go to the log only.

use pujiang_ingest::{ErrorKind as IngestKind, IngestError};
use pujiang_metrics::{ErrorKind as MetricsKind, MetricsError};
use pujiang_reports::{ErrorKind as ReportKind, ReportError};
use pujiang_transactional::{Error as StoreError, ErrorKind as StoreKind};
use pujiang_warehouse::{ErrorKind as LakeKind, WarehouseError};

use super::{FieldProblem, Problem};
use crate::boards::BoardError;
use crate::definitions::DeskError;

const BUSY: &str = "服务繁忙，请稍后重试。";

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let fields: Vec<FieldProblem> = error
            .field_errors()
            .iter()
            .map(|field| FieldProblem {
                field: field.field.clone(),
                code: field.code.to_string(),
                message: field.message.clone(),
            })
            .collect();
        match error.kind() {
            StoreKind::NotFound => Self::not_found(),
            StoreKind::Invalid => Self::invalid("invalid_fields", error.to_string()).with_errors(fields),
            StoreKind::Forbidden => Self::forbidden("forbidden", error.to_string()),
            StoreKind::Conflict => {
                let code = fields.first().map_or("conflict", |field| field.code.as_str()).to_owned();
                Self::conflict(&code, error.to_string()).with_errors(fields)
            }
            StoreKind::PreconditionRequired => Self::precondition_required(),
            StoreKind::PreconditionFailed => Self::precondition_failed(error.to_string()),
            StoreKind::Unavailable if error.is_full() => {
                log_unavailable("operational store", &error);
                Self::disk_full()
            }
            StoreKind::Unavailable if matches!(error, StoreError::Crowded) => {
                Self::unavailable("too_many_logins", "登录的人太多，请稍后再试。").with_retry_after(2)
            }
            StoreKind::Unavailable => {
                log_unavailable("operational store", &error);
                Self::unavailable("store_unavailable", BUSY).with_retry_after(2)
            }
            StoreKind::Internal => Self::internal("operational store", &error),
        }
    }
}

impl From<MetricsError> for Problem {
    fn from(error: MetricsError) -> Self {
        match error.kind() {
            MetricsKind::Invalid => {
                let fields = error
                    .problems()
                    .iter()
                    .map(|problem| FieldProblem {
                        field: problem.field.clone(),
                        code: problem.code.to_owned(),
                        message: problem.message.clone(),
                    })
                    .collect();
                Self::invalid(error.code(), error.to_string()).with_errors(fields)
            }
            MetricsKind::NotFound => Self::not_found(),
            MetricsKind::Forbidden => Self::forbidden(error.code(), error.to_string()),
            MetricsKind::Unavailable => {
                log_unavailable("metrics", &error);
                Self::unavailable(error.code(), BUSY).with_retry_after(2)
            }
            MetricsKind::Internal => Self::internal("metrics", &error),
        }
    }
}

impl From<WarehouseError> for Problem {
    fn from(error: WarehouseError) -> Self {
        match error.kind() {
            LakeKind::NotFound => Self::not_found(),
            LakeKind::Invalid => Self::invalid("invalid_query", error.to_string()),
            LakeKind::Forbidden => Self::forbidden("read_only", error.to_string()),
            LakeKind::Conflict => Self::conflict("overtaken", BUSY),
            LakeKind::Unavailable => {
                log_unavailable("lake", &error);
                Self::unavailable("lake_unavailable", BUSY).with_retry_after(2)
            }
            LakeKind::Internal => Self::internal("lake", &error),
        }
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error.kind() {
            ReportKind::NotFound => Self::not_found(),
            ReportKind::Invalid => Self::invalid(error.code(), error.to_string()).with_field("period"),
            ReportKind::Forbidden => Self::forbidden(error.code(), error.to_string()),
            ReportKind::Unavailable => {
                log_unavailable("reports", &error);
                Self::unavailable(error.code(), BUSY).with_retry_after(5)
            }
            ReportKind::Internal => Self::internal("reports", &error),
        }
    }
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        match error.kind() {
            IngestKind::NotFound => Self::not_found(),
            IngestKind::Invalid => Self::invalid("batch_refused", error.to_string()),
            IngestKind::Conflict => Self::conflict("idempotency_key_reused", error.to_string()),
            IngestKind::Internal => Self::internal("ingest", &error),
        }
    }
}

impl From<BoardError> for Problem {
    fn from(error: BoardError) -> Self {
        let text = error.to_string();
        match error {
            BoardError::Forbidden => Self::forbidden("forbidden", text),
            BoardError::Period(_) => Self::invalid("invalid_period", text).with_field("period"),
            BoardError::Filter { field, .. } => Self::invalid("invalid_filter", text).with_field(field),
            error @ BoardError::Write { .. } => Self::internal("board", &error),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let wrong =
            |field: String, message: String| FieldProblem { field, code: "definition".to_owned(), message };
        match error {
            DeskError::Mistakes(errors) => {
                let detail = format!("定义有 {} 处错误，没有启用，正在使用的定义不变。", errors.len());
                let place = |one: &pujiang_definition::DefinitionError| {
                    format!("{}:{}:{}: {}", one.file, one.line, one.col, one.key)
                };
                let errors = errors.iter().map(|one| wrong(place(one), one.message.clone())).collect();
                Self::invalid("invalid_definitions", detail).with_errors(errors)
            }
            DeskError::Impossible(problems) => {
                let detail = "有变更无法在已有数据上执行，没有启用，正在使用的定义不变。";
                let errors = problems.into_iter().map(|problem| wrong("definitions".to_owned(), problem));
                Self::conflict("impossible_definitions", detail).with_errors(errors.collect())
            }
            DeskError::Edited => Self::conflict("edited_definitions", error.to_string()),
            DeskError::NoSuchSet(_) => Self::not_found(),
            DeskError::Store(error) => error.into(),
            DeskError::Lake(error) => error.into(),
            error @ (DeskError::Folder { .. } | DeskError::Stopped(_)) => {
                Self::internal("definitions", &error)
            }
        }
    }
}

fn log_unavailable(room: &str, error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(room, error = %super::chain(error), "cannot answer now");
}
