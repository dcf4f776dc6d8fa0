//! The operations that do not depend on definitions, collected from their handlers.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::handlers::{
    access, account, audit, board, comparison, definition, event, feed, inbox, metric, place, report,
    resource, session, sql, system, workflow,
};
use crate::problem::ProblemBody;

/// Fixed operations.
#[derive(OpenApi)]
#[openapi(
    info(title = "浦江 Pujiang", description = "退役军人事务数据平台接口。错误为 application/problem+json，含稳定的 code。"),
    paths(
        system::get_about,
        system::get_openapi,
        system::get_health,
        system::get_ready,
        system::get_prometheus,
        session::create_session,
        session::get_session,
        session::delete_session,
        session::change_password,
        session::create_view,
        access::list_subjects,
        access::get_why,
        account::list_accounts,
        account::list_roles,
        audit::list_logs,
        definition::get_plan,
        definition::apply_definitions,
        definition::list_history,
        definition::get_definition_set,
        definition::revert_definitions,
        event::stream_events,
        resource::list_resources,
        place::list_streets,
        workflow::list_todo,
        workflow::list_started,
        workflow::list_done,
        workflow::decide_task,
        metric::list_metrics,
        metric::query_metrics,
        board::list_boards,
        board::get_board_data,
        comparison::list_comparisons,
        comparison::query_comparison,
        sql::query_sql,
        sql::get_catalog,
        sql::export_sql,
        report::list_reports,
        report::list_report_runs,
        report::create_report_run,
        report::get_report_run,
        report::get_report_file,
        inbox::list_messages,
        inbox::read_message,
        feed::list_feeds,
        feed::list_quarantine,
        feed::replay_quarantine,
        feed::create_batch,
    ),
    components(schemas(ProblemBody, resource::HistoryView, resource::ChangeRequest)),
    modifiers(&BearerToken),
    security(("bearer" = []))
)]
pub struct FixedApi;

/// Tells that a token from `POST /session` opens the rest.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        openapi.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}
