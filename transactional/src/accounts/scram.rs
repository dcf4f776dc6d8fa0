//! Logging in through the PostgreSQL door. The server checks the client's proof against a stored verifier without ever
//! seeing the password; lock and audit are those of the other login.
//!
//! Nothing of a lookup tells whether an account exists: each name has one salt, made of the name and the pseudonym key,
//! and a name without a usable verifier gets one that no password matches.

use pujiang_security::ScramVerifier;
use pujiang_security::password::Lockout;

use super::login::Attempt;
use super::reading::read;
use super::{Account, Accounts, begin, commit, is_login_name};
use crate::audit::{self, Outcome};
use crate::clock::{self, Moment};
use crate::error::Error;
use crate::store::{Bind, execute, fetch_optional, text_at};

/// Where a sealed verifier belongs; the account's id follows.
const CONTEXT: &str = "account.scram";

/// What the server checks a proof with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScramLookup {
    /// The account's verifier, or a stable one that no password matches.
    pub verifier: ScramVerifier,
}

/// What became of a login whose proof was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScramLogin {
    /// The account, with the roles and rows of this moment.
    Granted(Account),
    /// The account is gone or frozen since the lookup.
    Refused,
    /// Too many failures, some of them perhaps since the lookup.
    Locked {
        /// When trying again makes sense.
        until: Moment,
    },
}

impl Accounts {
    /// The verifier of an active, unlocked account, or a stable fake.
    pub async fn scram(&self, login_name: &str) -> Result<ScramLookup, Error> {
        let fake = self.fake(login_name);
        if !is_login_name(login_name) {
            return Ok(ScramLookup { verifier: fake });
        }
        let mut connection = self.store.pool().acquire().await.map_err(Error::store("find a verifier"))?;
        let sql = "SELECT id, scram, locked_until FROM account WHERE login_name = $1 AND state = 'active'";
        let row = fetch_optional(&mut connection, sql, vec![Bind::text(login_name)])
            .await
            .map_err(Error::store("find a verifier"))?;
        let Some(row) = row else { return Ok(ScramLookup { verifier: fake }) };
        let locked_until = text_at(&row, 2)?.and_then(|t| clock::parse_stored(&t)).map(|m| m.to_utc());
        if (Lockout { failures: 0, locked_until }).is_locked(self.clock.now().to_utc()) {
            return Ok(ScramLookup { verifier: fake });
        }
        let (id, sealed) = (text_at(&row, 0)?.unwrap_or_default(), text_at(&row, 1)?);
        let verifier = sealed.and_then(|sealed| self.unsealed(&id, &sealed)).unwrap_or(fake);
        Ok(ScramLookup { verifier })
    }

    /// Counts and notes a wrong proof, whoever it was that had no right one: an account, a stranger, or an account that
    /// has no verifier yet.
    pub async fn scram_failed(&self, login_name: &str, origin: Option<&str>) -> Result<(), Error> {
        let now = self.clock.now();
        let locked = match is_login_name(login_name) {
            true => self.count_attempt(login_name, now).await?.lockout.is_locked(now.to_utc()),
            false => false,
        };
        self.note(login_name, origin, if locked { "locked" } else { "wrong" }, now).await
    }

    /// Opens the door after a right proof, unless enough wrong ones came before it: proofs are checked at the same
    /// moment by many connections, and only here they stand in a row.
    pub async fn scram_succeeded(&self, login_name: &str, origin: Option<&str>) -> Result<ScramLogin, Error> {
        let now = self.clock.now();
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let Some(attempt) = Attempt::read(&mut tx, login_name).await? else {
            drop(tx);
            self.note(login_name, origin, "wrong", now).await?;
            return Ok(ScramLogin::Refused);
        };
        let locked = attempt.lockout.is_locked(now.to_utc());
        if let Some(until) = attempt.lockout.locked_until.filter(|_| locked) {
            drop(tx);
            self.note(login_name, origin, "locked", now).await?;
            return Ok(ScramLogin::Locked { until: clock::in_shanghai(until) });
        }
        let sql = "UPDATE account SET fail_count = 0, locked_until = NULL, last_login_at = $1 WHERE id = $2";
        let binds = vec![Bind::text(clock::stored(&now)), Bind::text(&attempt.id)];
        execute(tx.connection(), sql, binds).await.map_err(Error::store("open the PostgreSQL door"))?;
        let condition = "WHERE account.id = $1";
        let account = read(tx.connection(), condition, vec![Bind::text(&attempt.id)]).await?.pop();
        let Some(account) = account else { return Ok(ScramLogin::Refused) };
        let entry = audit::Entry {
            actor_account_id: Some(attempt.id.clone()),
            actor: login_name.to_owned(),
            origin: origin.map(str::to_owned),
            action: "login".into(),
            target_type: "connection".into(),
            target_id: attempt.id,
            result: Outcome::Done,
            ..Default::default()
        };
        audit::append(&mut tx, &now, entry).await?;
        tx.commit().await.map_err(commit)?;
        Ok(ScramLogin::Granted(account))
    }

    /// The sealed verifier of a password, made where it may take its milliseconds.
    pub(super) async fn sealed_verifier(
        &self,
        account_id: &str,
        login_name: &str,
        password: &str,
    ) -> Result<String, Error> {
        let (salt, password) = (self.fake(login_name).salt, password.to_owned());
        let verifier = tokio::task::spawn_blocking(move || ScramVerifier::salted(&password, salt))
            .await
            .map_err(|_| Error::Stopped { operation: "make a verifier" })?;
        Ok(self.cipher.encrypt(&format!("{CONTEXT}:{account_id}"), &verifier.encode()))
    }

    /// Whether a stored verifier can be used. One sealed with a lost key cannot; the next password login replaces it.
    pub(super) fn is_usable(&self, account_id: &str, sealed: Option<&str>) -> bool {
        sealed.is_some_and(|sealed| self.unsealed(account_id, sealed).is_some())
    }

    fn unsealed(&self, account_id: &str, sealed: &str) -> Option<ScramVerifier> {
        let text = self.cipher.decrypt(&format!("{CONTEXT}:{account_id}"), sealed).ok()?;
        ScramVerifier::decode(&text).ok()
    }

    /// The verifier of a name that nobody can log in with. Its salt is the salt of the name.
    fn fake(&self, login_name: &str) -> ScramVerifier {
        ScramVerifier::fake(self.cipher.pseudonymizer().bytes(CONTEXT, login_name))
    }
}
