//! `POST /api/v1/resources/{resource}/import`: records from a CSV file, row by row through the same checks as by hand.
//! Good rows are kept; bad ones come back with their reasons.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header;
use pujiang_transactional::{ErrorKind, FieldDef, FieldKind, ResourceDef};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, read_body};
use crate::problem::{FieldProblem, Problem};

/// Most rows of one file: each is a transaction of its own.
const MOST_ROWS: usize = 10_000;

/// What became of a file.
#[derive(Debug, Serialize)]
pub struct Imported {
    accepted: usize,
    failed: Vec<FailedRow>,
}

/// A row that was not taken.
#[derive(Debug, Serialize)]
struct FailedRow {
    /// Line of the file as a spreadsheet counts: the header is 1.
    row: usize,
    errors: Vec<FieldProblem>,
}

/// Imports a CSV file, sent as `text/csv` or as the first file of a form.
pub async fn import_records(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(resource): ApiPath<String>,
    request: Request,
) -> Result<Json<Imported>, Problem> {
    let def = app.records.definitions().get(&resource).ok_or_else(Problem::not_found)?.clone();
    if !app.records.capabilities(caller.principal(), &def).create {
        return Err(Problem::forbidden("forbidden", format!("您的角色不能登记{}。", def.title)));
    }
    let bytes = sent_file(&app, request).await?;
    let rows = rows(&def, &bytes)?;
    let mut imported = Imported { accepted: 0, failed: Vec::new() };
    for (row, body) in rows {
        match Box::pin(app.records.create(caller.principal(), &resource, &body)).await {
            Ok(_) => imported.accepted += 1,
            Err(error)
                if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::NotFound) =>
            {
                imported.failed.push(FailedRow { row, errors: reasons(&error) });
            }
            // What is wrong with the caller or the store is wrong with every row.
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(imported))
}

fn reasons(error: &pujiang_transactional::Error) -> Vec<FieldProblem> {
    let fields = error.field_errors();
    if fields.is_empty() {
        return vec![FieldProblem {
            field: String::new(),
            code: "refused".to_owned(),
            message: error.to_string(),
        }];
    }
    fields
        .iter()
        .map(|field| FieldProblem {
            field: field.field.clone(),
            code: field.code.to_string(),
            message: field.message.clone(),
        })
        .collect()
}

async fn sent_file(app: &Arc<App>, request: Request) -> Result<Vec<u8>, Problem> {
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/csv") {
        return read_body(request, app).await.map(|bytes| bytes.to_vec());
    }
    if !kind.starts_with("multipart/form-data") {
        return Err(Problem::unsupported_media_type("text/csv 或 multipart/form-data"));
    }
    let broken = || Problem::invalid("unreadable_body", "上传的表单不完整或过大，请重新选择文件上传。");
    let mut form = Multipart::from_request(request, app).await.map_err(|_| broken())?;
    while let Some(part) = form.next_field().await.map_err(|_| broken())? {
        if part.file_name().is_some() {
            return part.bytes().await.map(|bytes| bytes.to_vec()).map_err(|_| broken());
        }
    }
    Err(Problem::invalid("no_file", "表单中没有文件，请选择一个 CSV 文件。"))
}

/// A line of the file and the body made of it.
type Row = (usize, Map<String, Value>);

/// The rows of a file as bodies, each with its line.
fn rows(def: &ResourceDef, bytes: &[u8]) -> Result<Vec<Row>, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Problem::invalid("bad_encoding", "文件不是 UTF-8 编码，请另存为“CSV UTF-8”后再上传。")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let broken = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        Problem::invalid("bad_csv", format!("CSV 第 {line} 行附近列数不对或引号未闭合，请检查后重试。"))
    };
    let headers = reader.headers().map_err(broken)?.clone();
    let fields = headers.iter().map(|heading| column(def, heading)).collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::new();
    let mut lines = Lines { text, at: 0, line: 1 };
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let start = record.position().map_or(0, csv::Position::byte);
        let line = lines.line_of(usize::try_from(start).unwrap_or(text.len()));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(Problem::invalid(
                "too_many_rows",
                format!("一次最多导入 {MOST_ROWS} 行，请分成几个文件。"),
            ));
        }
        let cells = fields.iter().zip(record.iter()).filter(|(_, cell)| !cell.trim().is_empty());
        let body = cells.map(|(field, cell)| (field.name.clone(), value(field, cell.trim()))).collect();
        rows.push((line, body));
    }
    Ok(rows)
}

/// Finds the line a row stands on. The reader says where it began to look, which is before blank lines.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn line_of(&mut self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        let begin = start + (rest.len() - rest.trim_start_matches(['\r', '\n']).len());
        self.line += self.text.get(self.at..begin).unwrap_or_default().matches('\n').count();
        self.at = begin.max(self.at);
        self.line
    }
}

/// A heading is the name or the title of a field that people fill in.
fn column<'d>(def: &'d ResourceDef, heading: &str) -> Result<&'d FieldDef, Problem> {
    let heading = heading.trim();
    let found = def.fields.values().find(|field| field.name == heading || field.title == heading);
    found.filter(|field| !field.readonly).ok_or_else(|| {
        let known: Vec<&str> =
            def.fields.values().filter(|field| !field.readonly).map(|field| field.title.as_str()).collect();
        let shown: String = heading.chars().filter(|c| !c.is_control()).take(40).collect();
        let detail = format!("表头“{shown}”不是可填的字段，可用的有：{}。", known.join("、"));
        Problem::invalid("unknown_column", detail).with_field(shown)
    })
}

/// A cell in the form the checks expect; what does not fit stays text and is refused there, with its field.
fn value(field: &FieldDef, cell: &str) -> Value {
    match &field.kind {
        FieldKind::Int | FieldKind::BigInt => {
            cell.parse::<i64>().map_or_else(|_| Value::from(cell), Value::from)
        }
        FieldKind::Bool => match cell {
            "是" | "true" | "1" => Value::Bool(true),
            "否" | "false" | "0" => Value::Bool(false),
            other => Value::from(other),
        },
        FieldKind::Enum(codes) => {
            let code = codes.iter().find(|code| code.label == cell).map_or(cell, |code| code.code.as_str());
            Value::from(code)
        }
        FieldKind::Json => serde_json::from_str(cell).unwrap_or_else(|_| Value::from(cell)),
        _ => Value::from(cell),
    }
}
