//! Changing one's own password: with the old one, counted like a login, so that an open session is no way to guess it.

use pujiang_security::{Principal, password, token};

use super::login::Checked;
use super::{Accounts, begin, commit, entry, hash};
use crate::audit;
use crate::clock::Moment;
use crate::error::Error;
use crate::store::{Bind, execute};

/// Longest password; hashing cost grows with it.
const LONGEST: usize = 1024;

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// It was made; other sessions of the account are over.
    Made,
    /// The present password was not the right one.
    Wrong,
    /// Too many wrong ones.
    Locked {
        /// When trying again makes sense.
        until: Moment,
    },
}

impl Accounts {
    /// Replaces the password of the principal's own account; the session of `secret` goes on.
    pub async fn change_password(
        &self,
        principal: &Principal,
        secret: &str,
        current: &str,
        new: String,
    ) -> Result<PasswordChange, Error> {
        if principal.viewer().is_some() {
            let detail = "以他人身份查看时不能修改密码".to_owned();
            return Err(Error::Forbidden { detail });
        }
        if new.len() > LONGEST || current.len() > LONGEST {
            return Err(Error::invalid("new", "weak_password", "密码过长，请缩短"));
        }
        if let Some(weakness) = password::weakness(principal.account(), &new) {
            return Err(Error::invalid("new", "weak_password", weakness));
        }
        if new == current {
            return Err(Error::invalid("new", "same_password", "新密码与现在的相同，请另设一个"));
        }
        let now = self.clock.now();
        let login_name = principal.account();
        match self.check_password(login_name, current, None, now).await? {
            Checked::Locked { until } => {
                self.note_refused(principal, "locked", now).await?;
                return Ok(PasswordChange::Locked { until });
            }
            Checked::Wrong => {
                self.note_refused(principal, "wrong", now).await?;
                return Ok(PasswordChange::Wrong);
            }
            Checked::Right(_) => {}
        }
        let id = principal.account_id();
        let scram = self.sealed_verifier(id, login_name, &new).await?;
        let hash = hash(new).await?;
        let _raised = self.raise_epoch();
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let failed = || Error::store("change a password");
        let sql = "UPDATE account SET password_hash = $1, scram = $2, fail_count = 0, locked_until = NULL \
                   WHERE id = $3";
        let binds = [hash.as_str(), &scram, id].map(Bind::text).to_vec();
        execute(tx.connection(), sql, binds).await.map_err(failed())?;
        let sql =
            "DELETE FROM session WHERE (account_id = $1 OR viewer_account_id = $1) AND token_hash <> $2";
        let binds = vec![Bind::text(id), Bind::text(token::hash(secret))];
        execute(tx.connection(), sql, binds).await.map_err(failed())?;
        audit::append(&mut tx, &now, entry(login_name, "change_password", login_name, None)).await?;
        tx.commit().await.map_err(commit)?;
        Ok(PasswordChange::Made)
    }

    async fn note_refused(&self, principal: &Principal, why: &str, now: Moment) -> Result<(), Error> {
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let refused = audit::Entry {
            reason: Some(why.to_owned()),
            result: audit::Outcome::Refused,
            ..entry(principal.account(), "change_password", principal.account(), None)
        };
        audit::append(&mut tx, &now, refused).await?;
        tx.commit().await.map_err(commit)
    }
}
