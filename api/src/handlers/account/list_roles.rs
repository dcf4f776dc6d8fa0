//! `GET /api/v1/roles`: the roles there are, with their rights in words. Made and changed as definitions, not here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::{Permission, Role};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// All roles.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleList {
    roles: Vec<RoleView>,
}

/// One role.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleView {
    id: String,
    title: String,
    description: String,
    rights: Vec<NamedView>,
    /// Kinds of rows that may be granted beside it.
    assignments: Vec<NamedView>,
    /// Ids of roles that another person must have, by this role's definition.
    separate_from: Vec<String>,
}

/// A name with its title.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedView {
    id: &'static str,
    title: &'static str,
}

/// Roles in the order of their definitions.
#[utoipa::path(get, path = "/api/v1/roles", tag = "accounts",
    responses((status = 200, body = RoleList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_roles(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<RoleList>, Problem> {
    caller.require(Permission::AccountManage)?;
    let roles = app.roles.all().into_iter().map(|role| RoleView::from(role.as_ref())).collect();
    Ok(Json(RoleList { roles }))
}

impl From<&Role> for RoleView {
    fn from(role: &Role) -> Self {
        let rights = role.permissions().iter();
        let kinds = role.assignments().iter();
        Self {
            id: role.id().to_string(),
            title: role.title().to_owned(),
            description: role.description().to_owned(),
            rights: rights.map(|one| NamedView { id: one.as_str(), title: one.title() }).collect(),
            assignments: kinds.map(|one| NamedView { id: one.as_str(), title: one.title() }).collect(),
            separate_from: role.separate_from().iter().map(ToString::to_string).collect(),
        }
    }
}
