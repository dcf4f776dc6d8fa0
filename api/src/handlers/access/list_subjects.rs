//! `GET /api/v1/access/subjects`: accounts and tables one may ask about. Names and grants, no rows.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, Subject};
use crate::auth::Caller;
use crate::problem::Problem;

/// Whom and what one may ask about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Subjects {
    accounts: Vec<SubjectAccount>,
    tables: Vec<SubjectTable>,
    /// The table to begin with: most indicators count its rows.
    first: Option<String>,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectAccount {
    account: String,
    name: String,
    /// Roles in words; of a role that there is no more, that it gives nothing.
    roles: Vec<String>,
    /// Rows in words.
    scope: String,
    active: bool,
}

/// A table.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectTable {
    name: String,
    title: String,
    /// Column that identifies a row.
    key: String,
    key_title: String,
}

/// Accounts and tables for the page of permissions.
#[utoipa::path(get, path = "/api/v1/access/subjects", tag = "access",
    responses((status = 200, body = Subjects), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_subjects(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Subjects>, Problem> {
    caller.require(Permission::AccessExplain)?;
    let accounts = app.subjects().await?.into_iter().map(SubjectAccount::from).collect();
    let door = app.lake.door();
    let tables = door.catalog().tables().map(|def| SubjectTable {
        name: def.id.clone(),
        title: def.title.clone(),
        key: def.key.clone(),
        key_title: def.column(&def.key).map_or_else(|| def.key.clone(), |column| column.title.clone()),
    });
    let first = app.metrics.most_counted().map(str::to_owned);
    Ok(Json(Subjects { accounts, tables: tables.collect(), first }))
}

impl From<Subject> for SubjectAccount {
    fn from(Subject { principal, active, .. }: Subject) -> Self {
        Self {
            account: principal.account().to_owned(),
            name: principal.name().to_owned(),
            roles: principal.role_titles(),
            scope: principal.scope().label(),
            active,
        }
    }
}
