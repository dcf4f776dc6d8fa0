//! Open sessions: found by the hash of the token a client shows.

use pujiang_security::{Identity, token};

use super::{AccountKind, Accounts, begin, commit, read};
use crate::clock;
use crate::error::Error;
use crate::store::{Bind, execute, fetch_optional, text_at};

/// How long a session lasts.
pub(super) const SESSION_HOURS: i64 = 12;

/// An open session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is, with the roles and rows of this moment.
    pub identity: Identity,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// When it ends, RFC 3339.
    pub expires_at: String,
}

impl Accounts {
    /// The session of a token; none when it is unknown, over, or its account is no longer active.
    pub async fn resolve(&self, secret: &str) -> Result<Option<Session>, Error> {
        let failed = || Error::store("find a session");
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        let sql = "SELECT session.account_id, session.expires_at FROM session \
                   WHERE session.token_hash = $1 AND session.expires_at > $2";
        let binds = vec![Bind::text(token::hash(secret)), Bind::text(clock::stored(&self.clock.now()))];
        let Some(row) = fetch_optional(&mut connection, sql, binds).await.map_err(failed())? else {
            return Ok(None);
        };
        let account_id = text_at(&row, 0)?.unwrap_or_default();
        let ends = text_at(&row, 1)?.and_then(|t| clock::parse_stored(&t));
        let condition = "WHERE account.id = $1 AND account.state = 'active'";
        let account = read(&mut connection, condition, vec![Bind::text(account_id)]).await?.pop();
        Ok(account.map(|account| Session {
            identity: account.identity,
            kind: account.kind,
            expires_at: ends.map(|m| clock::shown(&m)).unwrap_or_default(),
        }))
    }

    /// Ends a session. Ending one that does not exist is no error.
    pub async fn logout(&self, secret: &str) -> Result<(), Error> {
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let sql = "DELETE FROM session WHERE token_hash = $1";
        execute(tx.connection(), sql, vec![Bind::text(token::hash(secret))])
            .await
            .map_err(Error::store("end a session"))?;
        tx.commit().await.map_err(commit)
    }
}
