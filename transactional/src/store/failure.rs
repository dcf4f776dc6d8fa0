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

impl StoreError {
    pub(crate) fn open(source: sqlx::Error) -> Self {
        StoreError::Open { source }
    }

    /// Whether trying again later may help.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, StoreError::Unavailable { .. } | StoreError::Open { .. })
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
            _ if is_passing(database.code().as_deref()) => StoreError::Unavailable { source },
            _ => StoreError::Refused { source },
        }
    }
}

fn is_passing(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    // SQLite: primary code 5 (busy) or 6 (locked) in the low byte. PostgreSQL: connection, resources, operator
    // intervention, serialization, deadlock, lock not available.
    if let Ok(number) = code.parse::<u32>()
        && code.len() < 5
    {
        return matches!(number & 0xff, 5 | 6);
    }
    ["08", "53", "57"].iter().any(|class| code.starts_with(class))
        || matches!(code, "40001" | "40P01" | "55P03")
}

#[cfg(test)]
mod tests {
    use super::is_passing;

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
