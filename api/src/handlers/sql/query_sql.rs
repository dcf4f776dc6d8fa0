//! `POST /api/v1/sql`: one read-only statement over the tables of the caller's scope; JSON, CSV or Arrow by
//! `Accept`. Turns, limits and the audit entry are the service's (`crate::sql`).

use std::sync::Arc;

use arrow::error::ArrowError;
use arrow::ipc::writer::StreamWriter;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use pujiang_metrics::ScopeView;
use pujiang_security::Permission;
use pujiang_warehouse::{Answer, AnswerLimit};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::csv::csv;
use crate::app::App;
use crate::auth::{Caller, Origin};
use crate::download::counted;
use crate::extract::ApiJson;
use crate::problem::Problem;
use crate::rows::{SqlColumn, columns, rows};
use crate::sql::{Channel, Question};

/// Most rows of one answer; who needs more asks for an export or in parts.
const MOST_ROWS: usize = 100_000;

/// Memory of one answer: as JSON it is several times as large.
const MOST_BYTES: usize = 128 << 20;

/// One row more than is given shows that there are more.
const LIMIT: AnswerLimit = AnswerLimit { rows: MOST_ROWS + 1, bytes: MOST_BYTES };

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
        (status = 403, body = crate::problem::ProblemBody), (status = 429, body = crate::problem::ProblemBody),
        (status = 503, body = crate::problem::ProblemBody)))]
pub async fn query_sql(
    State(app): State<Arc<App>>,
    caller: Caller,
    Origin(origin): Origin,
    headers: HeaderMap,
    ApiJson(request): ApiJson<SqlRequest>,
) -> Result<Response, Problem> {
    // As a file it leaves the platform: that is a permission of its own, whatever the form is called.
    if wanted(&headers) != Form::Json {
        caller.require(Permission::Export)?;
    }
    let question = Question { text: &request.sql, channel: Channel::Http, origin: origin.as_deref() };
    let answer = app.sql.ask(caller.principal(), question, LIMIT).await?;
    let (answer, cut) = cut(answer);
    let scope = ScopeView::from(caller.principal().scope());
    let version = answer.data_version.clone();
    let (media_type, bytes) = written(&answer, &scope, cut, wanted(&headers))
        .map_err(|error| Problem::internal("encode rows", &error))?;
    let bytes = counted(app.sql.unread(), caller.principal().account(), bytes)?;
    let mut response = ([(header::CONTENT_TYPE, media_type)], bytes).into_response();
    // Forms without a place for them inside still say what they were read from.
    let headers = response.headers_mut();
    if cut == Cut::Truncated {
        headers.insert("pujiang-truncated", HeaderValue::from_static("true"));
    }
    for (name, value) in [("pujiang-data-version", version), ("pujiang-scope", scope.level)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Csv,
    Arrow,
}

fn wanted(headers: &HeaderMap) -> Form {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains(ARROW_STREAM) {
        Form::Arrow
    } else if accept.contains(CSV) {
        Form::Csv
    } else {
        Form::Json
    }
}

/// Whether an answer had to be cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Whole,
    Truncated,
}

fn cut(mut answer: Answer) -> (Answer, Cut) {
    let mut left = MOST_ROWS;
    let mut cut = if answer.cut { Cut::Truncated } else { Cut::Whole };
    for batch in &mut answer.batches {
        if batch.num_rows() > left {
            *batch = batch.slice(0, left);
            cut = Cut::Truncated;
        }
        left -= batch.num_rows();
    }
    (answer, cut)
}

/// An answer cannot be written in the form that was asked for.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error("cannot read the rows of an answer")]
    Rows(#[from] ArrowError),
    #[error("cannot write an answer as JSON")]
    Json(#[from] serde_json::Error),
}

/// Media type and bytes.
fn written(
    answer: &Answer,
    scope: &ScopeView,
    cut: Cut,
    form: Form,
) -> Result<(&'static str, Vec<u8>), WriteError> {
    Ok(match form {
        Form::Arrow => (ARROW_STREAM, stream(answer)?),
        Form::Csv => ("text/csv; charset=utf-8", csv(answer)?),
        Form::Json => {
            let answer = SqlAnswer {
                columns: columns(&answer.schema),
                rows: rows(&answer.batches)?,
                data_version: answer.data_version.clone(),
                scope: scope.clone(),
                truncated: cut == Cut::Truncated,
            };
            ("application/json", serde_json::to_vec(&answer)?)
        }
    })
}

fn stream(answer: &Answer) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), &answer.schema)?;
    for batch in &answer.batches {
        writer.write(batch)?;
    }
    writer.into_inner()
}
