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

/// What a new password still lacks, as a sentence for its owner; `None` when it will do.
pub fn weakness(password: &str) -> Option<&'static str> {
    let long = password.chars().count() >= 8;
    let letter = password.chars().any(char::is_alphabetic);
    let digit = password.chars().any(|c| c.is_ascii_digit());
    match (long, letter && digit) {
        (false, _) => Some("密码至少 8 位"),
        (true, false) => Some("密码须同时含字母和数字"),
        (true, true) => None,
    }
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
        assert_eq!(weakness("abc1"), Some("密码至少 8 位"));
        assert_eq!(weakness("abcdefgh"), Some("密码须同时含字母和数字"));
        assert_eq!(weakness("12345678"), Some("密码须同时含字母和数字"));
        assert_eq!(weakness("浦江2026优待证"), None);
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
