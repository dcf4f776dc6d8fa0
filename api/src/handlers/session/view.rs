//! The caller as the portal sees it.

use pujiang_metrics::ScopeView;
use pujiang_security::{Permission, Principal};
use serde::Serialize;
use utoipa::ToSchema;

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrincipalView {
    account: String,
    name: String,
    /// Ids of the roles.
    roles: Vec<String>,
    permissions: Vec<&'static str>,
    scope: ScopeBody,
    /// Login name of the account that looks through these eyes, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer: Option<String>,
}

/// The rows somebody may see.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScopeBody {
    level: String,
    districts: Vec<String>,
    /// Streets beyond them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    streets: Vec<String>,
    label: String,
}

impl From<&Principal> for PrincipalView {
    fn from(principal: &Principal) -> Self {
        Self {
            account: principal.account().to_owned(),
            name: principal.name().to_owned(),
            roles: principal.roles().iter().map(|role| role.id().to_string()).collect(),
            permissions: principal.permissions().iter().copied().map(Permission::as_str).collect(),
            scope: ScopeBody::from(principal),
            viewer: principal.viewer().map(str::to_owned),
        }
    }
}

impl From<&Principal> for ScopeBody {
    fn from(principal: &Principal) -> Self {
        let ScopeView { level, districts, streets, label } = ScopeView::from(principal.scope());
        Self { level, districts, streets, label }
    }
}
