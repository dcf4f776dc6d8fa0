//! `POST /api/v1/sql/export`: the rows of a statement as a file. A right of its own; the question goes through the same
//! service as any other, so scope, treatments, limits and audit are the same.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::Response;
use pujiang_security::Permission;
use pujiang_warehouse::AnswerLimit;
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::{csv::csv, sheet};
use crate::app::App;
use crate::auth::{Caller, Origin};
use crate::download::{counted, file};
use crate::extract::ApiJson;
use crate::problem::Problem;
use crate::provenance::Provenance;
use crate::sql::{Channel, Question};

/// Most rows of one file. A file that silently lacks rows would be taken for the whole.
const MOST_ROWS: usize = 100_000;

/// Memory of the rows of one file before they are written.
const MOST_BYTES: usize = 128 << 20;

/// Files written at the same time: a workbook stands in memory cell by cell until it is packed.
static WRITERS: Semaphore = Semaphore::const_new(2);

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A statement and the form of the file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// One read-only statement.
    sql: String,
    format: ExportFormat,
}

/// Form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A workbook.
    Xlsx,
    /// UTF-8 text with a mark.
    Csv,
}

/// The rows of one read-only statement as a file.
#[utoipa::path(post, path = "/api/v1/sql/export", tag = "sql", request_body = ExportRequest,
    responses((status = 200, description = "文件", content_type = "application/octet-stream"),
        (status = 400, body = crate::problem::ProblemBody), (status = 403, body = crate::problem::ProblemBody),
        (status = 503, body = crate::problem::ProblemBody)))]
pub async fn export_sql(
    State(app): State<Arc<App>>,
    caller: Caller,
    Origin(origin): Origin,
    ApiJson(request): ApiJson<ExportRequest>,
) -> Result<Response, Problem> {
    caller.require(Permission::SqlQuery)?;
    caller.require(Permission::Export)?;
    let question = Question { text: &request.sql, channel: Channel::Export, origin: origin.as_deref() };
    let limit = AnswerLimit { rows: MOST_ROWS + 1, bytes: MOST_BYTES };
    let answer = app.sql.ask(caller.principal(), question, limit).await?;
    let rows: usize = answer.batches.iter().map(|batch| batch.num_rows()).sum();
    if answer.cut || rows > MOST_ROWS {
        let detail = format!("结果超过一次导出的上限（{MOST_ROWS} 行或 128 MiB），请缩小范围或分几次导出。");
        return Err(Problem::invalid("export_too_large", detail).with_field("sql"));
    }
    let scope = caller.principal().scope().level().as_str();
    let (extension, media_type) = match request.format {
        ExportFormat::Xlsx => ("xlsx", XLSX),
        ExportFormat::Csv => ("csv", CSV),
    };
    let version = answer.data_version.clone();
    let provenance = Provenance::of(&caller, version.clone(), rows, ("查询语句", request.sql));
    let name = provenance.file_name("查询结果", extension);
    // Rows that wait for a writer are held like rows nobody reads. Batches may share memory: together they hold no more
    // than the bound of an answer.
    let size: usize = answer.batches.iter().map(|batch| batch.get_array_memory_size()).sum();
    let account = caller.principal().account();
    let waiting = app.sql.unread().take(account, size.min(MOST_BYTES))?;
    let _writer = WRITERS
        .acquire()
        .await
        .map_err(|error| Problem::internal("wait to write a file of a query", &error))?;
    // Writing a big workbook takes seconds: never on a thread that serves requests.
    let made = tokio::task::spawn_blocking(move || match request.format {
        ExportFormat::Xlsx => sheet::xlsx(&answer, &provenance)
            .map_err(|error| Problem::internal("write an XLSX of a query", &error)),
        ExportFormat::Csv => {
            csv(&answer).map_err(|error| Problem::internal("write a CSV of a query", &error))
        }
    });
    let bytes = made.await.map_err(|error| Problem::internal("write a file of a query", &error))??;
    drop(waiting);
    let bytes = counted(app.sql.unread(), account, bytes)?;
    let mut response = file(&name, media_type, bytes);
    for (header, value) in [("pujiang-data-version", version.as_str()), ("pujiang-scope", scope)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(header, value);
        }
    }
    Ok(response)
}
