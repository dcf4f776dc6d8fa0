//! Every route of the server, as a list grouped by who asks; handler name = operation id.
//! Around them, outermost first: request log, headers, panic fence, compression, room on the disk.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, patch, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::handlers::{
    access, account, audit, board, comparison, definition, event, feed, inbox, metric, place, report,
    resource, session, sql, system, workflow,
};
use crate::layers::{answer_panic, refuse_when_full, request_log, security_headers};
use crate::problem::Problem;
use crate::spa;

/// The whole server over an opened application.
pub fn router(app: Arc<App>) -> Router {
    let imports = DefaultBodyLimit::max(app.limits.import);
    let api = Router::new()
        // Everybody
        .route("/about", get(system::get_about))
        .route("/openapi.json", get(system::get_openapi))
        .route("/session", post(session::create_session))
        .route("/session", get(session::get_session))
        .route("/session", delete(session::delete_session))
        .route("/session/password", post(session::change_password))
        .route("/events", get(event::stream_events))
        // Security administrators
        .route("/session/view-as", post(session::create_view))
        .route("/access/subjects", get(access::list_subjects))
        .route("/access/why", get(access::get_why))
        // Administrators of accounts, auditors
        .route("/accounts", get(account::list_accounts))
        .route("/roles", get(account::list_roles))
        .route("/logs", get(audit::list_logs))
        // System administrators
        .route("/definitions/plan", get(definition::get_plan))
        .route("/definitions/apply", post(definition::apply_definitions))
        .route("/definitions/history", get(definition::list_history))
        .route("/definitions/history/{number}", get(definition::get_definition_set))
        .route("/definitions/revert", post(definition::revert_definitions))
        // Portal: records
        .route("/resources", get(resource::list_resources))
        .route("/resources/{resource}", get(resource::list_records))
        .route("/resources/{resource}", post(resource::create_record))
        .route("/resources/{resource}/export", get(resource::export_records))
        .route("/resources/{resource}/import", post(resource::import_records).layer(imports))
        .route("/resources/{resource}/{id}", get(resource::get_record))
        .route("/resources/{resource}/{id}", patch(resource::update_record))
        .route("/resources/{resource}/{id}", delete(resource::delete_record))
        .route("/resources/{resource}/{id}/actions/{action}", post(resource::run_action))
        .route("/resources/{resource}/{id}/changes", post(resource::create_change))
        .route("/resources/{resource}/{id}/history", get(resource::get_history))
        .route("/streets", get(place::list_streets))
        .route("/workflow/todo", get(workflow::list_todo))
        .route("/workflow/started", get(workflow::list_started))
        .route("/workflow/done", get(workflow::list_done))
        .route("/workflow/tasks/{id}/{decision}", post(workflow::decide_task))
        // Boards and analysts
        .route("/metrics", get(metric::list_metrics))
        .route("/metrics/query", post(metric::query_metrics))
        .route("/boards", get(board::list_boards))
        .route("/boards/{board}/data", post(board::get_board_data))
        .route("/comparisons", get(comparison::list_comparisons))
        .route("/comparisons/{comparison}/query", post(comparison::query_comparison))
        .route("/sql", post(sql::query_sql))
        .route("/sql/catalog", get(sql::get_catalog))
        .route("/sql/export", post(sql::export_sql))
        // Reports and messages
        .route("/reports", get(report::list_reports))
        .route("/reports/{report}/runs", get(report::list_report_runs))
        .route("/reports/{report}/runs", post(report::create_report_run))
        .route("/reports/{report}/runs/{run}", get(report::get_report_run))
        .route("/reports/{report}/runs/{run}/files/{name}", get(report::get_report_file))
        .route("/inbox", get(inbox::list_messages))
        .route("/inbox/{id}/read", post(inbox::read_message))
        // Partners and feed keepers
        .route("/feeds", get(feed::list_feeds))
        .route("/feeds/{feed}/quarantine", get(feed::list_quarantine))
        .route("/feeds/{feed}/quarantine/replay", post(feed::replay_quarantine))
        .route("/feeds/{feed}/batches", post(feed::create_batch).layer(imports));
    Router::new()
        .nest("/api/v1", api)
        // Operators
        .route("/healthz", get(system::get_health))
        .route("/readyz", get(system::get_ready))
        .route("/metrics", get(system::get_prometheus))
        .fallback(spa::get_web)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(app.limits.body))
        .layer(from_fn_with_state(app.clone(), refuse_when_full))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(app.clone(), request_log))
        .with_state(app)
}

async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
