//! Passwords (Argon2id), the rule a new one must meet, and when an account locks itself. The verifier that PostgreSQL
//! clients need is in `scram`.

mod scram;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use chrono::{DateTime, Duration, Utc};

pub use scram::{MalformedVerifier, SCRAM_ITERATIONS, ScramVerifier};

/// Failures in a row after which an account locks.
pub const MAX_FAILURES: i64 = 5;

/// How long it stays locked.
pub const LOCK_MINUTES: i64 = 15;

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("hash a password with Argon2id: {reason}")]
pub struct PasswordError {
    reason: String,
}

/// Hash in PHC format with a fresh salt.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|h| h.to_string())
        .map_err(|e| PasswordError { reason: e.to_string() })
}

/// Whether the password belongs to the stored hash. A damaged hash matches nothing.
pub fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// Letters an account name must have to be worth looking for in a password.
const TELLING: usize = 3;

/// A longer piece that is repeated is as hard to guess as a password of its length.
const SHORT_PIECE: usize = 8;

/// What a new password of this account still lacks, as a sentence for its owner; `None` when it will do.
pub fn weakness(account: &str, password: &str) -> Option<&'static str> {
    let long = password.chars().count() >= 8;
    let letter = password.chars().any(char::is_alphabetic);
    let digit = password.chars().any(|c| c.is_ascii_digit());
    match (long, letter && digit) {
        (false, _) => Some("密码至少 8 位"),
        (true, false) => Some("密码须同时含字母和数字"),
        (true, true) if contains_name(password, account) => Some("密码不能含有账号名"),
        (true, true) if repeats(password) => Some("密码不能由同一小段反复组成"),
        (true, true) => None,
    }
}

fn contains_name(password: &str, account: &str) -> bool {
    account.chars().count() >= TELLING && password.to_lowercase().contains(&account.to_lowercase())
}

/// Whether a short piece makes up the whole, the last time perhaps not to its end.
fn repeats(password: &str) -> bool {
    let letters: Vec<char> = password.chars().collect();
    let longest = (letters.len() / 2).min(SHORT_PIECE - 1);
    (1..=longest).any(|piece| letters.iter().zip(&letters[piece..]).all(|(before, after)| before == after))
}

/// The stored login failures of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lockout {
    /// Failures in a row.
    pub failures: i64,
    /// Until when no login is tried.
    pub locked_until: Option<DateTime<Utc>>,
}

impl Lockout {
    /// Whether the account is locked now.
    pub fn is_locked(&self, now: DateTime<Utc>) -> bool {
        // No lock reaches further than a lock lasts: one that does is of a clock that was ahead.
        self.locked_until.is_some_and(|until| now < until && until <= now + Duration::minutes(LOCK_MINUTES))
    }

    /// State after one more failure. A lock that ran out starts a fresh count.
    #[must_use]
    pub fn after_failure(&self, now: DateTime<Utc>) -> Self {
        let before = if self.locked_until.is_some() && !self.is_locked(now) { 0 } else { self.failures };
        let failures = before + 1;
        let locked_until = (failures >= MAX_FAILURES).then(|| now + Duration::minutes(LOCK_MINUTES));
        Self { failures, locked_until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::minutes(minute)
    }

    #[test]
    fn hash_verifies_only_its_password() {
        let first = hash("Pujiang2026").unwrap();
        assert!(first.starts_with("$argon2id$"));
        assert_ne!(first, hash("Pujiang2026").unwrap());
        assert!(verify("Pujiang2026", &first));
        for (password, stored) in
            [("pujiang2026", first.as_str()), ("", &first), ("Pujiang2026", ""), ("a", "$argon2id$x")]
        {
            assert!(!verify(password, stored), "{password} {stored}");
        }
    }

    #[test]
    fn weak_passwords_are_named() {
        let account = "d310151";
        for (password, want) in [
            ("abc1", Some("密码至少 8 位")),
            ("abcdefgh", Some("密码须同时含字母和数字")),
            ("12345678", Some("密码须同时含字母和数字")),
            ("d310151d310151", Some("密码不能含有账号名")),
            ("xD310151y", Some("密码不能含有账号名")),
            ("abc1abc1abc1", Some("密码不能由同一小段反复组成")),
            ("abc12abc12ab", Some("密码不能由同一小段反复组成")),
            ("a1a1a1a1", Some("密码不能由同一小段反复组成")),
            ("abc1abc2", None),
            ("hofmauer7hofmauer7", None),
            ("浦江2026优待证", None),
        ] {
            assert_eq!(weakness(account, password), want, "{password}");
        }
        assert_eq!(weakness("ab", "abendlicht7"), None, "two letters tell nothing");
    }

    #[test]
    fn five_failures_lock_for_fifteen_minutes() {
        let mut state = Lockout::default();
        for n in 1..=4 {
            state = state.after_failure(at(0));
            assert_eq!((state.failures, state.is_locked(at(0))), (n, false));
        }
        state = state.after_failure(at(1));
        assert_eq!(state, Lockout { failures: 5, locked_until: Some(at(16)) });
        assert!(state.is_locked(at(15)));
        assert!(!state.is_locked(at(16)));
        assert!(!state.is_locked(at(-600_000)), "a clock that was ahead does not lock for a year");
        assert_eq!(state.after_failure(at(16)), Lockout { failures: 1, locked_until: None });
        assert_eq!(state.after_failure(at(10)).locked_until, Some(at(25)));
    }
}
