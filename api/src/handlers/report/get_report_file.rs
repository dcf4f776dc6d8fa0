//! `GET /api/v1/reports/{report}/runs/{run}/files/{name}`: one file of the caller's own scope.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use pujiang_security::Permission;

use crate::app::App;
use crate::auth::Caller;
use crate::download;
use crate::extract::ApiPath;
use crate::problem::Problem;

/// A file; one of another scope does not exist for the caller.
#[utoipa::path(get, path = "/api/v1/reports/{report}/runs/{run}/files/{name}", tag = "reports",
    params(("report" = String, Path, description = "Id of the report"), ("run" = String, Path, description = "Id of the run"),
        ("name" = String, Path, description = "Name of the file")),
    responses((status = 200, description = "PDF or XLSX"), (status = 404, body = crate::problem::ProblemBody)))]
pub async fn get_report_file(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((report, run, name)): ApiPath<(String, String, String)>,
) -> Result<Response, Problem> {
    caller.require(Permission::ReportView)?;
    let (path, file) = app.reports.file_path(&report, &run, &name, caller.principal()).await?;
    let bytes = match tokio::fs::read(&path).await {
        Ok(bytes) => bytes,
        // Somebody tidied the folder: the run is on record, the file is gone.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Problem::not_found()),
        Err(error) => return Err(Problem::internal("read a report file", &error)),
    };
    let media_type = match file.format.as_str() {
        "pdf" => "application/pdf",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    Ok(download::file(&file.name, media_type, bytes))
}
