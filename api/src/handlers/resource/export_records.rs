//! `GET /api/v1/resources/{resource}/export`: the filtered list as a file. A right of its own, and audited.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use pujiang_transactional::Record;
use pujiang_transactional::audit;
use pujiang_transactional::clock::{Clock, SystemClock};
use serde_json::json;

use super::{list_query, sheet};
use crate::app::App;
use crate::auth::Caller;
use crate::download::{counted, file};
use crate::extract::{ApiPath, QueryPairs};
use crate::problem::Problem;
use crate::provenance::Provenance;

/// Most rows of one file; larger ones are cut by filters.
const MOST_ROWS: i64 = 100_000;
const PAGE: usize = 500;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// All records of the filter as CSV or XLSX.
pub async fn export_records(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(resource): ApiPath<String>,
    QueryPairs(pairs): QueryPairs,
) -> Result<Response, Problem> {
    let asked = list_query::read(pairs)?;
    let def = app.records.definitions().get(&resource).ok_or_else(Problem::not_found)?.clone();
    if !app.records.capabilities(caller.principal(), &def).export {
        return Err(Problem::forbidden(
            "forbidden",
            format!("您的角色不能导出{}，如需要请联系安全管理员授权。", def.title),
        ));
    }
    let format = asked.format.as_deref().unwrap_or("csv");
    if !["csv", "xlsx"].contains(&format) {
        return Err(Problem::invalid("invalid_query", "format 应为 csv 或 xlsx。").with_field("format"));
    }
    let mut query = asked.query;
    query.size = Some(PAGE);
    query.after = None;
    let version = app.store_version().await?;
    let mut records: Vec<Record> = Vec::new();
    loop {
        let page = Box::pin(app.records.list(caller.principal(), &resource, &query)).await?;
        if page.total > MOST_ROWS {
            let detail = format!("共 {} 行，一次最多导出 {MOST_ROWS} 行，请增加筛选条件。", page.total);
            return Err(Problem::invalid("export_too_large", detail));
        }
        records.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    note(&app, &caller, &resource, records.len(), &asked.filters).await?;
    let fields: Vec<&str> = asked.filters.keys().map(String::as_str).collect();
    let filters = if fields.is_empty() { "无".to_owned() } else { fields.join("、") };
    let provenance = Provenance::of(&caller, version, records.len(), ("筛选字段", filters));
    let name = provenance.file_name(&def.title, format);
    let kind = if format == "csv" { CSV } else { XLSX };
    let made = tokio::task::spawn_blocking(move || {
        if kind == CSV {
            sheet::csv(&def, &records).map_err(|error| Problem::internal("write a CSV export", &error))
        } else {
            sheet::xlsx(&def, &records, &provenance)
                .map_err(|error| Problem::internal("write an XLSX export", &error))
        }
    });
    let bytes = made.await.map_err(|error| Problem::internal("write an export", &error))??;
    let bytes = counted(app.sql.unread(), caller.principal().account(), bytes)?;
    Ok(file(&name, kind, bytes))
}

/// Who took which rows out.
async fn note(
    app: &App,
    caller: &Caller,
    resource: &str,
    rows: usize,
    filters: &serde_json::Map<String, serde_json::Value>,
) -> Result<(), Problem> {
    let broken = |error| Problem::internal("audit an export", &error);
    let entry = audit::Entry {
        action: "export".to_owned(),
        target_type: resource.to_owned(),
        target_id: "-".to_owned(),
        // Which fields were filtered, not the values: they may be identity numbers.
        after: Some(json!({"rows": rows, "filters": filters.keys().collect::<Vec<_>>()})),
        ..audit::Entry::of(caller.principal())
    };
    let mut transaction = app.store.begin_write().await.map_err(broken)?;
    audit::append(&mut transaction, &SystemClock.now(), entry).await?;
    transaction.commit().await.map_err(broken)
}
