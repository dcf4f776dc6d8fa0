//! `GET /api/v1/logs`: the audit log, newest first, narrowed by who, what, to what, when and how it ended. Looking into it
//! is itself an entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use chrono::{Days, NaiveDate};
use pujiang_security::Permission;
use pujiang_transactional::audit::{self, Entry, Found, Outcome, Search};
use pujiang_transactional::clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::shown::{Shown, shown};
use super::words;
use crate::app::App;
use crate::auth::{Caller, Origin};
use crate::extract::ApiQuery;
use crate::problem::Problem;

/// Entries of a page unless asked otherwise.
const USUAL: usize = 50;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogQuery {
    actor: Option<String>,
    action: Option<String>,
    target_type: Option<String>,
    target_id: Option<String>,
    /// `done` or `refused`.
    result: Option<String>,
    /// First day in Shanghai.
    from: Option<NaiveDate>,
    /// Last day in Shanghai.
    to: Option<NaiveDate>,
    /// `next` of the page before.
    before: Option<i64>,
    size: Option<usize>,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogList {
    items: Vec<LogView>,
    /// `before` of the next page.
    next: Option<i64>,
}

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogView {
    seq: i64,
    at: String,
    actor: String,
    /// Name of the account, if there is such an account.
    actor_name: Option<String>,
    /// Who looked through the actor's eyes.
    viewer: Option<String>,
    origin: Option<String>,
    action: String,
    action_title: Option<String>,
    target_type: String,
    target_title: Option<String>,
    target_id: String,
    reason: Option<String>,
    /// How it ended, in words.
    result: String,
    /// Fields of a record whose values changed; the values are business data and not shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
    /// What else was noted, before and after.
    #[schema(value_type = Object)]
    before: Option<Value>,
    #[schema(value_type = Object)]
    after: Option<Value>,
}

/// A page of the audit log.
#[utoipa::path(get, path = "/api/v1/logs", tag = "audit",
    params(("actor" = Option<String>, Query, description = "登录名"), ("action" = Option<String>, Query, description = "操作"),
        ("target_type" = Option<String>, Query, description = "对象种类"), ("target_id" = Option<String>, Query, description = "对象编号"),
        ("result" = Option<String>, Query, description = "done 或 refused"), ("from" = Option<String>, Query, description = "起始日期"),
        ("to" = Option<String>, Query, description = "截止日期"), ("before" = Option<i64>, Query, description = "上一页的 next"),
        ("size" = Option<usize>, Query, description = "每页条数，最多 200")),
    responses((status = 200, body = LogList), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_logs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Origin(origin): Origin,
    ApiQuery(query): ApiQuery<LogQuery>,
) -> Result<([(HeaderName, &'static str); 1], Json<LogList>), Problem> {
    caller.require(Permission::AuditRead)?;
    let asked = asked(&query)?;
    let page = audit::search(&app.store, &asked).await?;
    // Later pages belong to the question of the first.
    if query.before.is_none() {
        app.audit.record(entry(&caller, origin, &query)).await?;
    }
    let names: BTreeMap<String, String> = app
        .accounts
        .list()
        .await?
        .into_iter()
        .map(|account| (account.identity.account, account.identity.name))
        .collect();
    let items = page.entries.into_iter().map(|found| view(&app, &names, found)).collect();
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(LogList { items, next: page.next })))
}

fn asked(query: &LogQuery) -> Result<Search, Problem> {
    let result = match query.result.as_deref() {
        None | Some("") => None,
        Some("done") => Some(Outcome::Done),
        Some("refused") => Some(Outcome::Refused),
        Some(_) => {
            return Err(Problem::invalid("invalid_query", "结果应为 done 或 refused。").with_field("result"));
        }
    };
    let text = |value: &Option<String>| {
        value.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let midnight = |day: NaiveDate| {
        day.and_hms_opt(0, 0, 0).and_then(|time| time.and_local_timezone(clock::offset()).single())
    };
    Ok(Search {
        actor: text(&query.actor),
        action: text(&query.action),
        target_type: text(&query.target_type),
        target_id: text(&query.target_id),
        result,
        from: query.from.and_then(midnight),
        until: query.to.and_then(|day| day.checked_add_days(Days::new(1))).and_then(midnight),
        before: query.before,
        size: query.size.unwrap_or(USUAL),
    })
}

fn entry(caller: &Caller, origin: Option<String>, query: &LogQuery) -> Entry {
    let looked_for = json!({
        "actor": query.actor, "action": query.action, "target_type": query.target_type,
        "target_id": query.target_id, "result": query.result, "from": query.from, "to": query.to,
    });
    Entry {
        origin,
        action: "read_audit".to_owned(),
        target_type: "audit_log".to_owned(),
        target_id: "-".to_owned(),
        after: Some(looked_for),
        ..Entry::of(caller.principal())
    }
}

fn view(app: &App, names: &BTreeMap<String, String>, found: Found) -> LogView {
    let definitions = app.records.definitions();
    let Shown { fields, before, after } = shown(definitions, &found);
    LogView {
        seq: found.seq,
        at: found.at,
        actor_name: names.get(&found.actor).cloned(),
        actor: found.actor,
        viewer: found.viewer,
        origin: found.origin,
        action_title: words::action(definitions, &found.target_type, &found.action),
        action: found.action,
        target_title: words::target(definitions, &found.target_type),
        target_type: found.target_type,
        target_id: found.target_id,
        reason: found.reason,
        result: found.result,
        fields,
        before,
        after,
    }
}
