//! Tables of the ledger. Only what SQLite and PostgreSQL both read the same way.

use sqlx::AnyPool;

use super::during;
use crate::error::ReportError;

const TABLES: [&str; 6] = [
    "CREATE TABLE IF NOT EXISTS report_run (
        run_id TEXT PRIMARY KEY,
        report TEXT NOT NULL,
        period TEXT NOT NULL,
        due_at TEXT NOT NULL,
        cause TEXT NOT NULL,
        state TEXT NOT NULL,
        started_at TEXT NOT NULL,
        finished_at TEXT,
        data_version TEXT,
        reason TEXT
    )",
    "CREATE INDEX IF NOT EXISTS report_run_by_report ON report_run (report, started_at)",
    "CREATE TABLE IF NOT EXISTS report_file (
        run_id TEXT NOT NULL REFERENCES report_run (run_id),
        name TEXT NOT NULL,
        scope TEXT NOT NULL,
        scope_label TEXT NOT NULL,
        format TEXT NOT NULL,
        bytes BIGINT NOT NULL,
        sm3 TEXT NOT NULL,
        PRIMARY KEY (run_id, name)
    )",
    "CREATE TABLE IF NOT EXISTS report_delivery (
        report TEXT NOT NULL,
        due_at TEXT NOT NULL,
        recipient TEXT NOT NULL,
        channel TEXT NOT NULL,
        run_id TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        reason TEXT,
        created_at TEXT NOT NULL,
        sent_at TEXT,
        PRIMARY KEY (report, due_at, recipient, channel)
    )",
    "CREATE TABLE IF NOT EXISTS inbox_message (
        id TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        report TEXT NOT NULL,
        run_id TEXT NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        links TEXT NOT NULL,
        created_at TEXT NOT NULL,
        read_at TEXT
    )",
    "CREATE INDEX IF NOT EXISTS inbox_message_by_account ON inbox_message (account, id)",
];

/// Makes the tables that are not there yet.
///
/// # Errors
/// The store refuses.
pub async fn ensure_schema(pool: &AnyPool) -> Result<(), ReportError> {
    for statement in TABLES {
        sqlx::query(statement).execute(pool).await.map_err(during("making the tables"))?;
    }
    Ok(())
}
