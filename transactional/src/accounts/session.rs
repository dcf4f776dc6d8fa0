//! Open sessions: found by the hash of the token a client shows. A session may be of an account that looks through the
//! eyes of another one; `view` opens those.

use chrono::Duration;
use pujiang_security::{Identity, Permission, token};
use sqlx::AnyConnection;

use super::reading::{Found, Question, find, read};
use super::{Account, AccountKind, Accounts, begin, commit};
use crate::clock;
use crate::error::Error;
use crate::store::{Bind, execute};

/// How far a clock that is set right may go back under an open session.
const CLOCK_SLACK_MINUTES: i64 = 5;

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
    /// The session of a token; none when it is unknown, over, or its account is no longer active. A look through other
    /// eyes ends with the viewer's right to it.
    pub async fn resolve(&self, secret: &str) -> Result<Option<Session>, Error> {
        let failed = || Error::store("find a session");
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        let now = self.clock.now();
        let question = Question {
            extra: &["session.expires_at", "session.viewer_account_id"],
            source: "session JOIN account ON account.id = session.account_id",
            condition: "WHERE session.token_hash = $1 AND session.expires_at > $2 AND session.created_at <= $3 \
                        AND account.state = 'active'",
            binds: vec![
                Bind::text(token::hash(secret)),
                Bind::text(clock::stored(&now)),
                // A clock that was set back must not give sessions of later a second life.
                Bind::text(clock::stored(&(now + Duration::minutes(CLOCK_SLACK_MINUTES)))),
            ],
        };
        let Some(Found { account, mut extra }) = find(&mut connection, question).await?.pop() else {
            return Ok(None);
        };
        let (viewer, ends) = (extra.pop().flatten(), extra.pop().flatten());
        let ends = ends.and_then(|text| clock::parse_stored(&text));
        let mut session = Session {
            identity: account.identity,
            kind: account.kind,
            expires_at: ends.map(|moment| clock::shown(&moment)).unwrap_or_default(),
        };
        if let Some(viewer) = viewer {
            let Some(viewer) = self.present_viewer(&mut connection, viewer).await? else { return Ok(None) };
            session.look_as(&viewer);
        }
        Ok(Some(session))
    }

    /// Ends a session. Ending one that does not exist is no error.
    pub async fn logout(&self, secret: &str) -> Result<(), Error> {
        let _raised = self.raise_epoch();
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let sql = "DELETE FROM session WHERE token_hash = $1";
        execute(tx.connection(), sql, vec![Bind::text(token::hash(secret))])
            .await
            .map_err(Error::store("end a session"))?;
        tx.commit().await.map_err(commit)
    }

    /// The viewer's account while it is active and may still look through other eyes.
    async fn present_viewer(
        &self,
        connection: &mut AnyConnection,
        account_id: String,
    ) -> Result<Option<Account>, Error> {
        let condition = "WHERE account.id = $1 AND account.state = 'active'";
        let viewer = read(connection, condition, vec![Bind::text(account_id)]).await?.pop();
        Ok(viewer.filter(|viewer| self.roles.may(&viewer.identity.roles, Permission::ViewAs)))
    }
}

impl Session {
    /// Makes it the session of an account that looks through these eyes.
    pub(super) fn look_as(&mut self, viewer: &Account) {
        self.identity.viewer = Some(viewer.identity.account.clone());
        if viewer.kind == AccountKind::Demonstration {
            self.kind = AccountKind::Demonstration;
        }
    }
}
