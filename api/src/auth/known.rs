//! Sessions that were looked up a moment ago, so that a page with twenty requests does not ask the database twenty
//! times. A change of accounts in this process works at once: each entry is kept under the epoch of the accounts it was
//! read in, and every change raises the epoch. A change by another process (a second server, the command line) works
//! within [`FRESH`]. Tokens are kept as their hashes, as in the database.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use pujiang_security::{Principal, token};

/// How long an entry is used without asking again.
pub const FRESH: Duration = Duration::from_secs(1);
/// Entries beyond which the old ones are swept out.
const MOST: usize = 4_096;

struct Entry {
    epoch: u64,
    until: Instant,
    principal: Principal,
}

/// Recently looked up sessions of one process.
#[derive(Default)]
pub struct KnownSessions {
    by_token: Mutex<HashMap<String, Entry>>,
}

impl KnownSessions {
    /// The principal of a token, if it was looked up a moment ago and nothing has changed since. `epoch` is that of now.
    pub fn get(&self, secret: &str, epoch: u64) -> Option<Principal> {
        let hash = token::hash(secret);
        let entries = self.lock();
        let entry = entries.get(&hash)?;
        (entry.epoch == epoch && entry.until > Instant::now()).then(|| entry.principal.clone())
    }

    /// Keeps a principal. `epoch` is that of before it was looked up: a change during the look-up makes it worth nothing.
    /// `ends` is when the session is over.
    pub fn put(&self, secret: &str, epoch: u64, ends: Option<DateTime<Utc>>, principal: Principal) {
        let left = ends.and_then(|ends| (ends - Utc::now()).to_std().ok()).unwrap_or_default();
        let now = Instant::now();
        let mut entries = self.lock();
        if entries.len() >= MOST {
            entries.retain(|_, entry| entry.until > now);
        }
        // Still full: more sessions a second than are worth keeping.
        if entries.len() < MOST {
            entries.insert(token::hash(secret), Entry { epoch, until: now + left.min(FRESH), principal });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.by_token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pujiang_security::{Identity, PrincipalIssuer, Roles};

    fn principal() -> Principal {
        let identity = Identity {
            account_id: "1".into(),
            account: "a".into(),
            name: "甲".into(),
            roles: Vec::new(),
            assignments: Vec::new(),
            viewer: None,
        };
        PrincipalIssuer::new(Roles::builtin().expect("roles")).issue(identity)
    }

    #[test]
    fn an_entry_is_used_only_in_its_epoch_and_before_its_end() {
        let known = KnownSessions::default();
        let soon = Utc::now() + chrono::TimeDelta::hours(1);
        known.put("t", 7, Some(soon), principal());
        assert!(known.get("t", 7).is_some());
        assert!(known.get("t", 8).is_none(), "something changed");
        assert!(known.get("u", 7).is_none(), "another token");
        known.put("t", 7, Some(Utc::now() - chrono::TimeDelta::seconds(1)), principal());
        assert!(known.get("t", 7).is_none(), "over");
        known.put("t", 7, None, principal());
        assert!(known.get("t", 7).is_none(), "no end known");
    }

    #[test]
    fn an_entry_is_not_used_for_long() {
        let known = KnownSessions::default();
        known.put("t", 1, Some(Utc::now() + chrono::TimeDelta::milliseconds(30)), principal());
        assert!(known.get("t", 1).is_some());
        std::thread::sleep(Duration::from_millis(40));
        assert!(known.get("t", 1).is_none());
    }

    #[test]
    fn their_number_is_bounded() {
        let known = KnownSessions::default();
        let soon = Some(Utc::now() + chrono::TimeDelta::hours(1));
        (0..MOST + 10).for_each(|number| known.put(&number.to_string(), 1, soon, principal()));
        assert_eq!(known.lock().len(), MOST);
    }
}
