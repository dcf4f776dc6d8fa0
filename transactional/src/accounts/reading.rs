//! Reading accounts with their grants in one statement: a session is resolved on every request.

use pujiang_security::{Assignment, Identity, RoleId};
use sqlx::AnyConnection;

use super::{Account, AccountKind, Accounts};
use crate::error::Error;
use crate::store::{Bind, fetch_all, text_at};

const COLUMNS: &str = "account.id, account.login_name, account.name, account.kind, account.state, \
                       account.last_login_at, role_assignment.kind, role_assignment.value";
/// Position of the first column after `COLUMNS`.
const EXTRA: usize = 8;

/// What is read besides accounts, and which accounts.
pub(super) struct Question<'a> {
    /// Further columns.
    pub(super) extra: &'a [&'static str],
    /// `account`, or a join with it.
    pub(super) source: &'static str,
    /// The rest of the statement from WHERE on, without order.
    pub(super) condition: &'static str,
    pub(super) binds: Vec<Bind>,
}

/// An account with the further columns that were asked for.
pub(super) struct Found {
    pub(super) account: Account,
    pub(super) extra: Vec<Option<String>>,
}

/// Accounts of a condition by login name, with their grants. Rows this program does not know give nothing.
pub(super) async fn find(
    connection: &mut AnyConnection,
    question: Question<'_>,
) -> Result<Vec<Found>, Error> {
    let extra: String = question.extra.iter().map(|column| format!(", {column}")).collect();
    let sql = format!(
        "SELECT {COLUMNS}{extra} FROM {} LEFT JOIN role_assignment ON role_assignment.account_id = account.id \
         {} ORDER BY account.login_name, role_assignment.kind, role_assignment.value",
        question.source, question.condition
    );
    let rows = fetch_all(connection, &sql, question.binds).await.map_err(Error::store("read accounts"))?;
    let mut accounts: Vec<Found> = Vec::new();
    for row in &rows {
        let text = |position| text_at(row, position).map(Option::unwrap_or_default);
        let account_id = text(0)?;
        if accounts.last().is_none_or(|found| found.account.identity.account_id != account_id) {
            let identity = Identity {
                account_id,
                account: text(1)?,
                name: text(2)?,
                roles: Vec::new(),
                assignments: Vec::new(),
                viewer: None,
            };
            let extra = (EXTRA..EXTRA + question.extra.len()).map(|i| text_at(row, i));
            accounts.push(Found {
                account: Account {
                    identity,
                    kind: AccountKind::of(&text(3)?),
                    state: text(4)?,
                    last_login_at: text_at(row, 5)?,
                },
                extra: extra.collect::<Result<_, _>>()?,
            });
        }
        let Some(Found { account, .. }) = accounts.last_mut() else { continue };
        let value = text(7)?;
        match text_at(row, 6)?.as_deref() {
            // Also a role that no definition has any more: whoever looks after accounts must see it.
            Some("role") => account.identity.roles.push(RoleId::from(value)),
            Some("scope") => account.identity.assignments.extend(Assignment::parse(&value)),
            _ => {}
        }
    }
    Ok(accounts)
}

/// Accounts of a condition alone.
pub(super) async fn read(
    connection: &mut AnyConnection,
    condition: &'static str,
    binds: Vec<Bind>,
) -> Result<Vec<Account>, Error> {
    let question = Question { extra: &[], source: "account", condition, binds };
    Ok(find(connection, question).await?.into_iter().map(|found| found.account).collect())
}

impl Accounts {
    /// All accounts with their roles and rows, by login name.
    pub async fn list(&self) -> Result<Vec<Account>, Error> {
        let mut connection = self.store.pool().acquire().await.map_err(Error::store("list accounts"))?;
        read(&mut connection, "", vec![]).await
    }

    /// An account by its login name.
    pub async fn find(&self, login_name: &str) -> Result<Option<Account>, Error> {
        if !super::is_login_name(login_name) {
            return Ok(None);
        }
        let mut connection = self.store.pool().acquire().await.map_err(Error::store("find an account"))?;
        let condition = "WHERE account.login_name = $1";
        Ok(read(&mut connection, condition, vec![Bind::text(login_name)]).await?.pop())
    }

    /// An active account by its id, with the roles and rows of this moment; for doors that stay open and ask anew
    /// before each statement.
    pub async fn identity(&self, account_id: &str) -> Result<Option<Account>, Error> {
        let mut connection = self.store.pool().acquire().await.map_err(Error::store("find an account"))?;
        let condition = "WHERE account.id = $1 AND account.state = 'active'";
        Ok(read(&mut connection, condition, vec![Bind::text(account_id)]).await?.pop())
    }

    pub(super) async fn existing(&self, login_name: &str) -> Result<Account, Error> {
        self.find(login_name).await?.ok_or_else(|| Error::NotFound { title: "账号".into() })
    }
}
