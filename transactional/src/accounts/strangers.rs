//! Failed logins of names that are no active account. They lock like accounts do, in a table of their own, or six tries
//! would tell which names are accounts; and they cost what an attempt on an account costs.

use chrono::Duration;
use pujiang_security::password::Lockout;

use super::Accounts;
use crate::clock::{self, Moment, parse_stored};
use crate::error::Error;
use crate::store::{Bind, Dialect, WriteTransaction, execute, fetch_optional, text_at};

/// How long a name is remembered after its last failure.
const DAYS: i64 = 30;

/// Most names that are remembered; whoever tries more of them makes us forget his oldest.
const MOST: usize = 10_000;

impl Accounts {
    /// Counts a failure of a stranger in advance; the state before.
    pub(super) async fn count_stranger(
        &self,
        tx: &mut WriteTransaction,
        login_name: &str,
        now: Moment,
    ) -> Result<Lockout, Error> {
        let failed = || Error::store("count a login of a stranger");
        // People type passwords into the name field: what is kept is a pseudonym.
        let name = self.cipher.pseudonym("login_stranger", login_name);
        let sql = "INSERT INTO login_stranger (name, fail_count, last_at) VALUES ($1, 0, $2) \
                   ON CONFLICT (name) DO UPDATE SET last_at = $2";
        let binds = [&name, &clock::stored(&now)].map(Bind::text).to_vec();
        execute(tx.connection(), sql, binds).await.map_err(failed())?;
        let lock = match tx.dialect() {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE",
        };
        let sql = format!(
            "SELECT CAST(fail_count AS TEXT), locked_until FROM login_stranger WHERE name = $1{lock}"
        );
        let row = fetch_optional(tx.connection(), &sql, vec![Bind::text(&name)]).await.map_err(failed())?;
        let Some(row) = row else { return Ok(Lockout::default()) };
        let before = Lockout {
            failures: text_at(&row, 0)?.and_then(|t| t.parse().ok()).unwrap_or(0),
            locked_until: text_at(&row, 1)?.and_then(|t| parse_stored(&t)).map(|m| m.to_utc()),
        };
        if !before.is_locked(now.to_utc()) {
            let next = before.after_failure(now.to_utc());
            let until = next.locked_until.map(|t| clock::stored(&clock::in_shanghai(t)));
            let sql = "UPDATE login_stranger SET fail_count = $1, locked_until = $2 WHERE name = $3";
            let binds = vec![Bind::int(next.failures), Bind::Text(until), Bind::text(&name)];
            execute(tx.connection(), sql, binds).await.map_err(failed())?;
        }
        let old = clock::stored(&(now - Duration::days(DAYS)));
        let sql = format!(
            "DELETE FROM login_stranger WHERE last_at < $1 OR last_at < (SELECT last_at FROM login_stranger \
             ORDER BY last_at DESC LIMIT 1 OFFSET {MOST})"
        );
        execute(tx.connection(), &sql, vec![Bind::text(old)]).await.map_err(failed())?;
        Ok(before)
    }
}
