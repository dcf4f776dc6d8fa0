//! Logging in, with the lock after five failures. A failure is counted before the password is checked, so that many
//! tries at the same moment get no more than five.

use chrono::Duration;
use pujiang_security::password::{self, Lockout};
use pujiang_security::token::SessionToken;

use super::reading::read;
use super::session::{SESSION_HOURS, Session};
use super::{Accounts, begin, commit, is_login_name};
use crate::audit::{self, Outcome};
use crate::clock::{self, Moment, parse_stored};
use crate::error::Error;
use crate::store::{Bind, Dialect, WriteTransaction, execute, fetch_optional, text_at};

/// What became of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// A session was opened.
    Granted {
        /// What the client must show from now on; it is not stored anywhere.
        token: String,
        /// The opened session.
        session: Session,
    },
    /// No such account, wrong password, or the account is frozen: not told which.
    Refused,
    /// Too many failures.
    Locked {
        /// When trying again makes sense.
        until: Moment,
    },
}

/// An active account somebody tries to log in to.
pub(super) struct Attempt {
    pub(super) id: String,
    hash: String,
    /// The sealed SCRAM verifier.
    scram: Option<String>,
    /// Failures before this attempt.
    pub(super) lockout: Lockout,
}

/// What a password was worth.
pub(super) enum Checked {
    /// The right one, of this account.
    Right(Attempt),
    /// A wrong one, or of no active account.
    Wrong,
    /// Too many wrong ones before.
    Locked {
        /// When trying again makes sense.
        until: Moment,
    },
}

/// A counted attempt.
pub(super) struct Counted {
    /// The account; none when the name is no active one.
    account: Option<Attempt>,
    /// Failures of the name before this attempt.
    pub(super) lockout: Lockout,
}

impl Attempt {
    /// Reads the account and, on PostgreSQL, holds it until the transaction ends.
    pub(super) async fn read(tx: &mut WriteTransaction, login_name: &str) -> Result<Option<Self>, Error> {
        let lock = match tx.dialect() {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE",
        };
        let sql = format!(
            "SELECT id, password_hash, CAST(fail_count AS TEXT), locked_until, scram FROM account \
             WHERE login_name = $1 AND state = 'active'{lock}"
        );
        let row = fetch_optional(tx.connection(), &sql, vec![Bind::text(login_name)])
            .await
            .map_err(Error::store("read an account for a login"))?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Self {
            id: text_at(&row, 0)?.unwrap_or_default(),
            hash: text_at(&row, 1)?.unwrap_or_default(),
            scram: text_at(&row, 4)?,
            lockout: Lockout {
                failures: text_at(&row, 2)?.and_then(|t| t.parse().ok()).unwrap_or(0),
                locked_until: text_at(&row, 3)?.and_then(|t| parse_stored(&t)).map(|m| m.to_utc()),
            },
        }))
    }
}

impl Accounts {
    /// Logs in. `origin` is the address the call came from, for the audit log.
    pub async fn login(
        &self,
        login_name: &str,
        password: &str,
        origin: Option<&str>,
    ) -> Result<Login, Error> {
        let now = self.clock.now();
        match self.check_password(login_name, password, origin, now).await? {
            Checked::Locked { until } => {
                self.note(login_name, origin, "locked", now).await?;
                Ok(Login::Locked { until })
            }
            Checked::Wrong => {
                self.note(login_name, origin, "wrong", now).await?;
                Ok(Login::Refused)
            }
            Checked::Right(found) => {
                // An account of an earlier version gets its verifier here, where its password is known once.
                let missing = !self.is_usable(&found.id, found.scram.as_deref());
                let sealed = match missing {
                    true => Some(self.sealed_verifier(&found.id, login_name, password).await?),
                    false => None,
                };
                self.open_session(&found.id, login_name, sealed, origin, now).await
            }
        }
    }

    /// Checks a password when it is its turn; a failure is counted in advance, and only a success of the caller takes it back.
    pub(super) async fn check_password(
        &self,
        login_name: &str,
        password: &str,
        origin: Option<&str>,
        now: Moment,
    ) -> Result<Checked, Error> {
        // Before it counts as a failure: whoever is sent away has not guessed.
        let place = self.counter.enter(origin).ok_or(Error::Crowded)?;
        let counted =
            if is_login_name(login_name) { Some(self.count_attempt(login_name, now).await?) } else { None };
        if let Some(Counted { lockout, .. }) = &counted
            && lockout.is_locked(now.to_utc())
            && let Some(until) = lockout.locked_until
        {
            return Ok(Checked::Locked { until: clock::in_shanghai(until) });
        }
        let found = counted.and_then(|counted| counted.account);
        let stored = found.as_ref().map(|f| f.hash.clone());
        let given = password.to_owned();
        let stopped = || Error::Stopped { operation: "check a password" };
        let _turn = place.turn().await.map_err(|_| stopped())?;
        let right = tokio::task::spawn_blocking(move || match stored {
            Some(hash) => password::verify(&given, &hash),
            None => {
                // As slow as a real check, so that time does not tell which accounts exist.
                let _ = password::hash(&given);
                false
            }
        })
        .await
        .map_err(|_| stopped())?;
        Ok(found.filter(|_| right).map_or(Checked::Wrong, Checked::Right))
    }

    /// Counts a failure in advance, of an active account or of a name that is none.
    pub(super) async fn count_attempt(&self, login_name: &str, now: Moment) -> Result<Counted, Error> {
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let account = Attempt::read(&mut tx, login_name).await?;
        let lockout = match &account {
            Some(found) => {
                if !found.lockout.is_locked(now.to_utc()) {
                    let next = found.lockout.after_failure(now.to_utc());
                    let until = next.locked_until.map(|t| clock::stored(&clock::in_shanghai(t)));
                    let sql = "UPDATE account SET fail_count = $1, locked_until = $2 WHERE id = $3";
                    let binds = vec![Bind::int(next.failures), Bind::Text(until), Bind::text(&found.id)];
                    execute(tx.connection(), sql, binds).await.map_err(Error::store("count a login"))?;
                }
                found.lockout
            }
            None => self.count_stranger(&mut tx, login_name, now).await?,
        };
        tx.commit().await.map_err(commit)?;
        Ok(Counted { account, lockout })
    }

    async fn open_session(
        &self,
        account_id: &str,
        login_name: &str,
        verifier: Option<String>,
        origin: Option<&str>,
        now: Moment,
    ) -> Result<Login, Error> {
        let failed = || Error::store("open a session");
        let token = SessionToken::generate();
        let expires = now + Duration::hours(SESSION_HOURS);
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let sql = "UPDATE account SET fail_count = 0, locked_until = NULL, last_login_at = $1, \
                   scram = COALESCE($2, scram) WHERE id = $3";
        let binds = vec![Bind::text(clock::stored(&now)), Bind::Text(verifier), Bind::text(account_id)];
        execute(tx.connection(), sql, binds).await.map_err(failed())?;
        // Old sessions go when new ones come: no job is needed to keep the table small.
        let sql = "DELETE FROM session WHERE expires_at <= $1";
        execute(tx.connection(), sql, vec![Bind::text(clock::stored(&now))]).await.map_err(failed())?;
        let sql =
            "INSERT INTO session (token_hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
        let binds = [&token.hash, account_id, &clock::stored(&now), &clock::stored(&expires)]
            .map(Bind::text)
            .to_vec();
        execute(tx.connection(), sql, binds).await.map_err(failed())?;
        let condition = "WHERE account.id = $1";
        let account = read(tx.connection(), condition, vec![Bind::text(account_id)]).await?.pop();
        let Some(account) = account else { return Ok(Login::Refused) };
        let entry = audit::Entry {
            actor_account_id: Some(account_id.to_owned()),
            actor: login_name.to_owned(),
            origin: origin.map(str::to_owned),
            action: "login".into(),
            target_type: "session".into(),
            target_id: account_id.to_owned(),
            ..Default::default()
        };
        audit::append(&mut tx, &now, entry).await?;
        tx.commit().await.map_err(commit)?;
        let session =
            Session { identity: account.identity, kind: account.kind, expires_at: clock::shown(&expires) };
        Ok(Login::Granted { token: token.secret, session })
    }

    pub(super) async fn note(
        &self,
        login_name: &str,
        origin: Option<&str>,
        why: &str,
        now: Moment,
    ) -> Result<(), Error> {
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        // People type passwords into the name field: what is no login name is not kept.
        let shown = if is_login_name(login_name) { login_name } else { "-" };
        let entry = audit::Entry {
            actor: shown.to_owned(),
            origin: origin.map(str::to_owned),
            action: "login".into(),
            target_type: "session".into(),
            target_id: shown.to_owned(),
            reason: Some(why.to_owned()),
            result: Outcome::Refused,
            ..Default::default()
        };
        audit::append(&mut tx, &now, entry).await?;
        tx.commit().await.map_err(commit)
    }
}
