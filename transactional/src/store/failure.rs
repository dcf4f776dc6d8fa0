//! Errors of the database, sorted by what can be done about them.

use sqlx::error::ErrorKind as DatabaseKind;

/// What the store said.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no database this program knows.
    #[error("the store must be sqlite://FILE?mode=rwc or postgres://…")]
    UnknownUrl,
    /// The store could not be opened.
    #[error("open the operational store")]
    Open {
        /// The cause.
        source: sqlx::Error,
    },
    /// A unique constraint was hit.
    #[error("a value exists already ({constraint})")]
    Duplicate {
        /// Name of the constraint, or `table.column` on SQLite.
        constraint: String,
    },
    /// A foreign key points nowhere, or is still pointed to.
    #[error("a reference does not hold")]
    Reference,
    /// There is no room on the disk.
    #[error("the disk of the operational store is full")]
    Full {
        /// The cause.
        source: sqlx::Error,
    },
    /// Busy, unreachable or out of connections.
    #[error("the operational store cannot answer now")]
    Unavailable {
        /// The cause.
        source: sqlx::Error,
    },
    /// Anything else.
    #[error("the operational store refused a statement")]
    Refused {
        /// The cause.
        source: sqlx::Error,
    },
}

/// Why a store does not open, as far as it tells what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenTrouble {
    /// There is no room on its disk.
    Full,
    /// The file is no database, or its pages are damaged.
    Damaged,
    /// The file may not be read or written.
    Denied,
    /// Anything else, such as a server that does not answer.
    Other,
}

impl StoreError {
    /// What kept it from opening.
    pub fn open_trouble(&self) -> OpenTrouble {
        let (StoreError::Open { source } | StoreError::Refused { source }) = self else {
            return if self.is_full() { OpenTrouble::Full } else { OpenTrouble::Other };
        };
        let code = source.as_database_error().and_then(|error| error.code());
        let code = code.as_deref();
        match code.and_then(sqlite) {
            _ if is_full(code) => OpenTrouble::Full,
            Some(11 | 26) => OpenTrouble::Damaged,
            Some(3 | 8 | 14 | 23) => OpenTrouble::Denied,
            _ => OpenTrouble::Other,
        }
    }

    pub(crate) fn open(source: sqlx::Error) -> Self {
        StoreError::Open { source }
    }

    /// Whether trying again later may help.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, StoreError::Unavailable { .. } | StoreError::Full { .. } | StoreError::Open { .. })
    }

    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        matches!(self, StoreError::Full { .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        let Some(database) = source.as_database_error() else {
            return match source {
                sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Io(_)
                | sqlx::Error::WorkerCrashed => StoreError::Unavailable { source },
                _ => StoreError::Refused { source },
            };
        };
        match database.kind() {
            DatabaseKind::UniqueViolation => {
                // SQLite names no constraint but says "UNIQUE constraint failed: person.id_no_token".
                let constraint = database
                    .constraint()
                    .map(str::to_owned)
                    .or_else(|| database.message().rsplit_once(": ").map(|(_, name)| name.to_owned()))
                    .unwrap_or_default();
                StoreError::Duplicate { constraint }
            }
            DatabaseKind::ForeignKeyViolation => StoreError::Reference,
            _ if is_full(database.code().as_deref()) => StoreError::Full { source },
            _ if is_passing(database.code().as_deref()) => StoreError::Unavailable { source },
            _ => StoreError::Refused { source },
        }
    }
}

/// The primary code of SQLite, in the low byte; PostgreSQL's codes have five letters.
fn sqlite(code: &str) -> Option<u32> {
    if code.len() < 5 { code.parse::<u32>().ok().map(|number| number & 0xff) } else { None }
}

/// SQLite: full. A file that cannot be extended is reported as an error of writing (10), with the same remedy.
fn is_full(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    matches!(sqlite(code), Some(10 | 13)) || code == "53100"
}

fn is_passing(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    // SQLite: busy or locked. PostgreSQL: connection, resources, operator intervention, serialization, deadlock, lock
    // not available.
    if let Some(number) = sqlite(code) {
        return matches!(number, 5 | 6);
    }
    ["08", "53", "57"].iter().any(|class| code.starts_with(class))
        || matches!(code, "40001" | "40P01" | "55P03")
}

#[cfg(test)]
mod tests {
    use super::{is_full, is_passing};

    #[test]
    fn full_disks() {
        for (code, full) in
            [("13", true), ("10", true), ("778", true), ("5", false), ("53100", true), ("53300", false)]
        {
            assert_eq!(is_full(Some(code)), full, "{code}");
        }
        assert!(!is_full(None));
    }

    #[test]
    fn passing_troubles() {
        for (code, passing) in [
            (Some("5"), true),
            (Some("517"), true),
            (Some("6"), true),
            (Some("2067"), false),
            (Some("1"), false),
            (Some("40001"), true),
            (Some("57P01"), true),
            (Some("23505"), false),
            (Some("22P02"), false),
            (None, false),
        ] {
            assert_eq!(is_passing(code), passing, "{code:?}");
        }
    }
}
