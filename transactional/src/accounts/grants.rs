//! Roles and rows of an account.

use pujiang_security::{Assignment, GrantProblem, RoleId};
use serde_json::{Value as Json, json};

use super::{Accounts, begin, commit, entry};
use crate::audit;
use crate::clock::{self, Moment};
use crate::error::{Error, FieldError};
use crate::store::{Bind, WriteTransaction, execute};

impl Accounts {
    /// Replaces an account's roles and rows. Sessions go on and see the new ones at once. Roles that there are not, that
    /// do not go together or do not go with the rows are refused.
    pub async fn set_grants(
        &self,
        actor: &str,
        login_name: &str,
        roles: &[RoleId],
        assignments: &[Assignment],
    ) -> Result<(), Error> {
        let account = self.existing(login_name).await?;
        let errors = self.grant_errors(roles, assignments);
        if !errors.is_empty() {
            return Err(Error::Invalid { errors });
        }
        let now = self.clock.now();
        let _raised = self.raise_epoch();
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let sql = "DELETE FROM role_assignment WHERE account_id = $1";
        let binds = vec![Bind::text(&account.identity.account_id)];
        execute(tx.connection(), sql, binds).await.map_err(Error::store("revoke roles"))?;
        write(&mut tx, &account.identity.account_id, roles, assignments, &now).await?;
        let after = described(&account.identity.name, roles, assignments);
        let before =
            described(&account.identity.name, &account.identity.roles, &account.identity.assignments);
        let entry =
            audit::Entry { before: Some(before), ..entry(actor, "set_grants", login_name, Some(after)) };
        audit::append(&mut tx, &now, entry).await?;
        tx.commit().await.map_err(commit)
    }

    /// Everything wrong with granting these roles and rows together.
    pub(super) fn grant_errors(&self, roles: &[RoleId], assignments: &[Assignment]) -> Vec<FieldError> {
        let told = |problem: GrantProblem| {
            let (field, code) = match problem {
                GrantProblem::UnknownRole { .. } => ("roles", "unknown_role"),
                GrantProblem::SeparateRoles { .. } => ("roles", "separate_roles"),
                GrantProblem::UnfitAssignment { .. } => ("assignments", "unfit_assignment"),
            };
            FieldError::new(field, code, problem.to_string())
        };
        self.roles.grant_problems(roles, assignments).into_iter().map(told).collect()
    }
}

pub(super) async fn write(
    tx: &mut WriteTransaction,
    account_id: &str,
    roles: &[RoleId],
    assignments: &[Assignment],
    now: &Moment,
) -> Result<(), Error> {
    let roles = roles.iter().map(|r| ("role", r.as_str().to_owned()));
    let scopes = assignments.iter().map(|a| ("scope", a.to_string()));
    for (kind, value) in roles.chain(scopes) {
        let sql = "INSERT INTO role_assignment (account_id, kind, value, granted_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING";
        let binds = [account_id, kind, &value, &clock::stored(now)].map(Bind::text).to_vec();
        execute(tx.connection(), sql, binds).await.map_err(Error::store("grant a role"))?;
    }
    Ok(())
}

pub(super) fn described(name: &str, roles: &[RoleId], assignments: &[Assignment]) -> Json {
    json!({
        "name": name,
        "roles": roles.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
        "assignments": assignments.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
