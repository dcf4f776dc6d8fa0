//! `POST /api/v1/resources/{resource}/import`: records from a CSV file, row by row through the same checks as by hand.
//! Good rows are kept; bad ones come back as they were read, with their reasons, so that nobody has to find them in the file
//! by another reading of it. `?preview=true` makes the checks and writes nothing. Cells go back to who sent them and nowhere
//! else: reasons repeat none, and neither does a log.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header;
use pujiang_security::identifier;
use pujiang_transactional::{Error, ErrorKind, FieldDef, FieldError, FieldKind, ResourceDef};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::csv_rows::{CsvRow, rows};
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiPath, ApiQuery, read_body};
use crate::problem::{FieldProblem, Problem};

/// Most rows of one file: each is a transaction of its own.
const MOST_ROWS: usize = 10_000;

/// How to import.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// Check, and write nothing.
    #[serde(default)]
    preview: bool,
}

/// What became of a file.
#[derive(Debug, Serialize)]
pub struct Imported {
    preview: bool,
    /// Rows of the file without the heading and blank lines.
    rows: usize,
    /// Rows that were stored; of a preview those that would be.
    accepted: usize,
    failed: Vec<FailedRow>,
    columns: Vec<ColumnView>,
}

/// Which field a heading was taken for.
#[derive(Debug, Serialize)]
struct ColumnView {
    heading: String,
    field: String,
    title: String,
}

/// A row that was not taken.
#[derive(Debug, Serialize)]
struct FailedRow {
    /// Line of the file as a spreadsheet counts: the heading is 1.
    row: usize,
    /// What was read, cell by cell; a row of another length than the heading keeps it.
    cells: Vec<String>,
    errors: Vec<FieldProblem>,
}

/// Imports a CSV file, sent as `text/csv` or as the first file of a form.
pub async fn import_records(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(resource): ApiPath<String>,
    ApiQuery(ImportQuery { preview }): ApiQuery<ImportQuery>,
    request: Request,
) -> Result<Json<Imported>, Problem> {
    let def = app.records.definitions().get(&resource).ok_or_else(Problem::not_found)?.clone();
    if !app.records.capabilities(caller.principal(), &def).create {
        return Err(Problem::forbidden("forbidden", format!("您的角色不能登记{}。", def.title)));
    }
    let bytes = sent_file(&app, request).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Problem::invalid("bad_encoding", "文件不是 UTF-8 编码，请另存为“CSV UTF-8”后再上传。")
    })?;
    let mut rows = rows(text.trim_start_matches('\u{feff}'));
    let fillable = |field: &&FieldDef| app.records.may_fill(caller.principal(), field);
    let heading = if rows.is_empty() { None } else { Some(rows.remove(0)) };
    let columns = columns(&def, heading, fillable)?;
    rows.retain(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()));
    if rows.len() > MOST_ROWS {
        let detail = format!("一次最多导入 {MOST_ROWS} 行，请分成几个文件。");
        return Err(Problem::invalid("too_many_rows", detail));
    }
    let mut imported = Imported {
        preview,
        rows: rows.len(),
        accepted: 0,
        failed: Vec::new(),
        columns: columns
            .iter()
            .map(|(heading, field)| ColumnView {
                heading: heading.clone(),
                field: field.name.clone(),
                title: field.title.clone(),
            })
            .collect(),
    };
    let mut numbers = Numbers::default();
    for CsvRow { line, cells, fault } in rows {
        let body = match fault {
            Some(fault) => Err(whole_row(fault.code(), fault.message())),
            None => body(&columns, &cells),
        };
        let body = body.and_then(|body| {
            if preview { numbers.first_time(&def, line, &body).map(|()| body) } else { Ok(body) }
        });
        let outcome = match body {
            Ok(mut body) => {
                let told = app.records.look_up(caller.principal(), &resource, &mut body).await?;
                match told.is_empty() {
                    true if !preview => store_row(&app, &caller, &resource, &body).await?,
                    _ => with(told, try_row(&app, &caller, &resource, &body).await?),
                }
            }
            Err(errors) => Err(errors),
        };
        match outcome {
            Ok(()) => imported.accepted += 1,
            Err(errors) => imported.failed.push(FailedRow { row: line, cells, errors }),
        }
    }
    Ok(Json(imported))
}

/// What a row came to: taken, or the reasons why not.
type Outcome = Result<(), Vec<FieldProblem>>;

async fn store_row(
    app: &App,
    caller: &Caller,
    resource: &str,
    body: &Map<String, Value>,
) -> Result<Outcome, Problem> {
    of_row(Box::pin(app.records.create(caller.principal(), resource, body)).await.map(|_| ()))
}

async fn try_row(
    app: &App,
    caller: &Caller,
    resource: &str,
    body: &Map<String, Value>,
) -> Result<Outcome, Problem> {
    of_row(Box::pin(app.records.try_create(caller.principal(), resource, body)).await)
}

/// What is wrong with the caller or the store is wrong with every row and ends the import.
fn of_row(done: Result<(), Error>) -> Result<Outcome, Problem> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(error)
            if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::NotFound) =>
        {
            Ok(Err(reasons(&error)))
        }
        Err(error) => Err(error.into()),
    }
}

fn reasons(error: &Error) -> Vec<FieldProblem> {
    let fields = error.field_errors();
    if fields.is_empty() {
        return whole_row("refused", &error.to_string());
    }
    fields.iter().map(problem).collect()
}

fn problem(error: &FieldError) -> FieldProblem {
    FieldProblem { field: error.field.clone(), code: error.code.to_string(), message: error.message.clone() }
}

/// What was not understood, said in its own words, before whatever else is wrong with the row.
fn with(told: Vec<FieldError>, outcome: Outcome) -> Outcome {
    if told.is_empty() {
        return outcome;
    }
    let others = outcome.err().unwrap_or_default().into_iter();
    let others = others.filter(|problem| told.iter().all(|error| error.field != problem.field));
    Err(told.iter().map(problem).chain(others).collect())
}

fn whole_row(code: &str, message: &str) -> Vec<FieldProblem> {
    vec![FieldProblem { field: String::new(), code: code.to_owned(), message: message.to_owned() }]
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

/// Headings as they were written, each with its field.
type Columns<'d> = Vec<(String, &'d FieldDef)>;

/// A heading is the name or the title of a field that the caller fills in; two headings of one field say two things.
fn columns<'d>(
    def: &'d ResourceDef,
    heading: Option<CsvRow>,
    fillable: impl Fn(&&FieldDef) -> bool,
) -> Result<Columns<'d>, Problem> {
    let cells = match heading {
        Some(CsvRow { fault: Some(fault), .. }) => {
            return Err(Problem::invalid("bad_csv", format!("表头有误：{}。", fault.message())));
        }
        Some(row) => row.cells,
        None => return Err(Problem::invalid("bad_csv", "文件是空的，第一行应为表头。")),
    };
    // A spreadsheet keeps columns that were emptied; what stands below them is beyond the heading.
    let named = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
    let mut columns: Columns<'d> = Vec::new();
    for cell in cells.iter().take(named) {
        let text: String = cell.chars().filter(|c| !identifier::is_invisible(*c)).collect();
        let text = text.trim();
        let shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
        let found = def.fields.values().find(|field| field.name == text || field.title == text);
        let Some(field) = found.filter(&fillable) else {
            let known = def.fields.values().filter(&fillable).map(|field| field.title.as_str());
            let known = known.collect::<Vec<_>>().join("、");
            let detail = format!("表头“{shown}”不是可填的字段，可用的有：{known}。");
            return Err(Problem::invalid("unknown_column", detail).with_field(shown));
        };
        if let Some((other, _)) = columns.iter().find(|(_, known)| known.name == field.name) {
            let detail = format!(
                "表头“{other}”和“{shown}”是同一个字段“{}”，无法判断取哪一列，请删去其中一列。",
                field.title
            );
            return Err(Problem::invalid("duplicate_column", detail).with_field(shown));
        }
        columns.push((shown, field));
    }
    Ok(columns)
}

/// A row as the body a form would send. Empty cells beyond the heading mean nothing; others may have slipped aside.
fn body(columns: &Columns<'_>, cells: &[String]) -> Result<Map<String, Value>, Vec<FieldProblem>> {
    let beyond = cells.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty());
    if beyond || cells.len() < columns.len() {
        let message = format!("这一行有 {} 列，表头有 {} 列，请核对逗号的个数", cells.len(), columns.len());
        return Err(whole_row("wrong_column_count", &message));
    }
    let filled = columns.iter().zip(cells).filter(|(_, cell)| !cell.trim().is_empty());
    Ok(filled.map(|((_, field), cell)| (field.name.clone(), value(field, cell.trim()))).collect())
}

/// A cell in the form the checks expect; what does not fit stays text and is refused there, with its field.
fn value(field: &FieldDef, cell: &str) -> Value {
    match &field.kind {
        FieldKind::Json => serde_json::from_str(cell).unwrap_or_else(|_| Value::from(cell)),
        _ => Value::from(cell),
    }
}

/// Unique values of the rows seen so far: a preview stores none of them and would not notice that two are the same.
#[derive(Default)]
struct Numbers(HashMap<(String, String), usize>);

impl Numbers {
    fn first_time(
        &mut self,
        def: &ResourceDef,
        line: usize,
        body: &Map<String, Value>,
    ) -> Result<(), Vec<FieldProblem>> {
        for field in def.fields.values().filter(|field| field.unique.is_some()) {
            let Some(text) = body.get(&field.name).and_then(Value::as_str) else { continue };
            let seen = self.0.entry((field.name.clone(), identifier::fold(text))).or_insert(line);
            if *seen != line {
                let message = format!("“{}”与第 {seen} 行相同，请核对是否重复", field.title);
                let (field, code) = (field.name.clone(), "duplicate_in_file".to_owned());
                return Err(vec![FieldProblem { field, code, message }]);
            }
        }
        Ok(())
    }
}
