//! `POST /api/v1/sql`: one read-only statement over the tables of the caller's scope; JSON, CSV or Arrow by `Accept`.

use std::sync::Arc;
use std::time::Duration;

use arrow::error::ArrowError;
use arrow::ipc::writer::StreamWriter;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use datafusion::error::DataFusionError;
use pujiang_metrics::ScopeView;
use pujiang_security::Permission;
use pujiang_warehouse::{Answer, WarehouseError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiJson;
use crate::problem::Problem;
use crate::rows::{SqlColumn, columns, rows};

/// Longest statement text; nobody types more, and parsing grows with it.
const LONGEST: usize = 64 * 1024;

/// A statement that runs longer holds memory others need.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Most rows of one answer; who needs more asks for an export or in parts.
const MOST_ROWS: usize = 100_000;

/// Memory of one answer: as JSON it is several times as large.
const MOST_BYTES: usize = 128 << 20;

const ARROW_STREAM: &str = "application/vnd.apache.arrow.stream";
const CSV: &str = "text/csv";

/// One statement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    /// One read-only statement.
    sql: String,
}

/// Rows of a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct SqlAnswer {
    columns: Vec<SqlColumn>,
    #[schema(value_type = Vec<Vec<Object>>)]
    rows: Vec<Vec<Value>>,
    data_version: String,
    #[schema(value_type = Object)]
    scope: ScopeView,
    /// Whether there were more rows than one answer takes.
    truncated: bool,
}

/// Answers one read-only statement.
#[utoipa::path(post, path = "/api/v1/sql", tag = "sql", request_body = SqlRequest,
    responses((status = 200, body = SqlAnswer), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody)))]
pub async fn query_sql(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    ApiJson(request): ApiJson<SqlRequest>,
) -> Result<Response, Problem> {
    caller.require(Permission::SqlQuery)?;
    if request.sql.trim().is_empty() || request.sql.len() > LONGEST {
        return Err(Problem::invalid("invalid_query", "请写一条查询语句，不超过 64 KiB。").with_field("sql"));
    }
    let session = app.lake.door().session(caller.principal()).await?;
    let scope = ScopeView::from(session.scope());
    let run = Box::pin(session.sql_up_to(&request.sql, MOST_ROWS + 1));
    let answer =
        tokio::time::timeout(TIME_LIMIT, run).await.map_err(|_| too_expensive())?.map_err(refusal)?;
    let bytes: usize = answer.batches.iter().map(|batch| batch.get_array_memory_size()).sum();
    if bytes > MOST_BYTES {
        return Err(too_expensive());
    }
    let (answer, cut) = cut(answer);
    respond(answer, scope, cut, &headers)
}

/// Whether an answer had to be cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Whole,
    Truncated,
}

fn cut(mut answer: Answer) -> (Answer, Cut) {
    let mut left = MOST_ROWS;
    let mut cut = Cut::Whole;
    for batch in &mut answer.batches {
        if batch.num_rows() > left {
            *batch = batch.slice(0, left);
            cut = Cut::Truncated;
        }
        left -= batch.num_rows();
    }
    (answer, cut)
}

/// What the caller's text caused is the caller's to change, even where the engine calls it a limit or a gap of its own.
fn refusal(error: WarehouseError) -> Problem {
    match error {
        WarehouseError::Limit(_) => too_expensive(),
        WarehouseError::Query(ref cause) if !is_ours(cause) => {
            tracing::warn!(error = %crate::problem::chain(&error), "statement the engine cannot run");
            Problem::invalid("unsupported_query", "这条语句的写法暂不支持，请换一种写法。").with_field("sql")
        }
        other => Problem::from(other).with_field("sql"),
    }
}

/// A disk, a store or a file of ours, as opposed to what the statement made the engine do.
fn is_ours(cause: &DataFusionError) -> bool {
    match cause.find_root() {
        DataFusionError::IoError(_) | DataFusionError::ObjectStore(_) | DataFusionError::ParquetError(_) => {
            true
        }
        DataFusionError::External(inner) => inner.is::<WarehouseError>() || inner.is::<std::io::Error>(),
        _ => false,
    }
}

fn too_expensive() -> Problem {
    Problem::invalid("query_too_expensive", "查询用时或用量超出限制，请缩小时间范围或先汇总。")
        .with_field("sql")
}

fn respond(answer: Answer, scope: ScopeView, cut: Cut, headers: &HeaderMap) -> Result<Response, Problem> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoding = |error: ArrowError| Problem::internal("encode rows", &error);
    let mut response = if accept.contains(ARROW_STREAM) {
        ([(header::CONTENT_TYPE, ARROW_STREAM)], stream(&answer).map_err(encoding)?).into_response()
    } else if accept.contains(CSV) {
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv(&answer).map_err(encoding)?).into_response()
    } else {
        Json(SqlAnswer {
            columns: columns(&answer.schema),
            rows: rows(&answer.batches).map_err(encoding)?,
            data_version: answer.data_version.clone(),
            scope: scope.clone(),
            truncated: cut == Cut::Truncated,
        })
        .into_response()
    };
    // Forms without a place for them inside still say what they were read from.
    let headers = response.headers_mut();
    if cut == Cut::Truncated {
        headers.insert("pujiang-truncated", HeaderValue::from_static("true"));
    }
    for (name, value) in [("pujiang-data-version", answer.data_version), ("pujiang-scope", scope.level)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

fn stream(answer: &Answer) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), &answer.schema)?;
    for batch in &answer.batches {
        writer.write(batch)?;
    }
    writer.into_inner()
}

fn csv(answer: &Answer) -> Result<Vec<u8>, ArrowError> {
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(Vec::new());
    if answer.batches.is_empty() {
        writer.write(&arrow::array::RecordBatch::new_empty(answer.schema.clone()))?;
    }
    for batch in &answer.batches {
        writer.write(batch)?;
    }
    Ok(writer.into_inner())
}
