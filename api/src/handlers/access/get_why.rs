//! `GET /api/v1/access/why?table=&id=&account=`: which grant shows or hides a row, and by which rule of which role each
//! column is shown. Says where the row belongs, never what stands in it; every question is in the audit log.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use pujiang_security::Permission;
use pujiang_transactional::audit::Entry;
use pujiang_warehouse::{Verdict, WhyColumn};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::grant_words;
use crate::app::{App, Subject};
use crate::auth::{Caller, Origin};
use crate::extract::ApiQuery;
use crate::handlers::session::ScopeBody;
use crate::problem::Problem;

/// Longest key anybody may ask about.
const LONGEST: usize = 200;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhyQuery {
    /// Name of the table.
    table: String,
    /// Key of the row.
    id: String,
    /// Login name of the account.
    account: String,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhyView {
    table: WhyTable,
    account: WhyAccount,
    row: WhyRow,
    columns: Vec<WhyColumnView>,
    data_version: String,
}

/// The table asked about.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhyTable {
    name: String,
    title: String,
}

/// The account asked about.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhyAccount {
    account: String,
    name: String,
    /// Roles in words; of a role that there is no more, that it gives nothing.
    roles: Vec<String>,
    /// Grants in words.
    assignments: Vec<String>,
    scope: ScopeBody,
}

/// Whether the account sees the row.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhyRow {
    /// `shown`, `hidden` or `absent`.
    state: &'static str,
    /// The reasons in words.
    sentence: String,
    /// The reasons one by one.
    reasons: Vec<String>,
}

/// How the account sees a column.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhyColumnView {
    name: String,
    title: String,
    /// `clear`, `masked`, `pseudonymised` or `hidden`.
    treatment: &'static str,
    treatment_label: &'static str,
    /// The rule of the roles in words.
    sentence: String,
}

/// Why an account sees a row or not.
#[utoipa::path(get, path = "/api/v1/access/why", tag = "access",
    params(("table" = String, Query, description = "表名"), ("id" = String, Query, description = "记录编号"),
        ("account" = String, Query, description = "登录名")),
    responses((status = 200, body = WhyView), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody), (status = 404, body = crate::problem::ProblemBody)))]
pub async fn get_why(
    State(app): State<Arc<App>>,
    caller: Caller,
    Origin(origin): Origin,
    ApiQuery(query): ApiQuery<WhyQuery>,
) -> Result<([(HeaderName, &'static str); 1], Json<WhyView>), Problem> {
    caller.require(Permission::AccessExplain)?;
    let WhyQuery { table, id, account } = query;
    let id = id.trim();
    if id.is_empty() || id.len() > LONGEST {
        let detail = format!("请填写记录的编号，最多 {LONGEST} 个字节。");
        return Err(Problem::invalid("invalid_query", detail).with_field("id"));
    }
    let door = app.lake.door();
    let def =
        door.catalog().table(&table).ok_or_else(|| unknown("table", "没有这张数据表，请从列表中选择。"))?;
    let subject = app.subject(&account).await?;
    let subject = subject.ok_or_else(|| unknown("account", "没有这个账号，请从列表中选择。"))?;
    let mut why = door.why(caller.principal(), &subject.principal, &table, id).await?;
    if !subject.active {
        why.reasons.push("账号已停用，现在不能登录".to_owned());
    }
    let state = state_of(why.verdict);
    let entry = Entry {
        origin,
        action: "explain_access".to_owned(),
        target_type: table.clone(),
        target_id: id.to_owned(),
        after: Some(json!({"account": account, "answer": state})),
        ..Entry::of(caller.principal())
    };
    app.audit.record(entry).await?;
    let view = WhyView {
        table: WhyTable { name: table.clone(), title: def.title.clone() },
        account: WhyAccount::from(&subject),
        row: WhyRow { state, sentence: format!("{}。", why.reasons.join("；")), reasons: why.reasons },
        columns: why.columns.into_iter().map(WhyColumnView::from).collect(),
        data_version: door.data_version(&[&table]),
    };
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(view)))
}

fn unknown(field: &str, detail: &str) -> Problem {
    Problem::new(axum::http::StatusCode::NOT_FOUND, "not_found", "未找到", detail).with_field(field)
}

fn state_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Shown => "shown",
        Verdict::NotShown => "hidden",
        Verdict::Absent => "absent",
    }
}

impl From<&Subject> for WhyAccount {
    fn from(Subject { principal, assignments, .. }: &Subject) -> Self {
        Self {
            account: principal.account().to_owned(),
            name: principal.name().to_owned(),
            roles: principal.role_titles(),
            assignments: assignments.iter().map(grant_words).collect(),
            scope: ScopeBody::from(principal),
        }
    }
}

impl From<WhyColumn> for WhyColumnView {
    fn from(column: WhyColumn) -> Self {
        Self {
            name: column.name,
            title: column.title,
            treatment: column.treatment.as_str(),
            treatment_label: column.treatment.title(),
            sentence: column.reason,
        }
    }
}
