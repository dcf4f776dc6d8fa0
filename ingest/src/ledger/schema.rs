//! Tables of the ledger.

pub(super) const TABLES: [&str; 6] = [
    "CREATE TABLE IF NOT EXISTS ingest_file (
        feed TEXT NOT NULL,
        sha TEXT NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        bytes BIGINT NOT NULL,
        rows_in BIGINT NOT NULL,
        quarantined BIGINT NOT NULL,
        inserted BIGINT NOT NULL,
        updated BIGINT NOT NULL,
        merged BIGINT NOT NULL,
        deleted BIGINT NOT NULL,
        removed BIGINT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        received_at TEXT NOT NULL,
        finished_at TEXT NOT NULL,
        PRIMARY KEY (feed, sha)
    )",
    "CREATE TABLE IF NOT EXISTS ingest_feed (
        feed TEXT PRIMARY KEY,
        last_run TEXT NOT NULL,
        rows_in BIGINT NOT NULL,
        inserted BIGINT NOT NULL,
        updated BIGINT NOT NULL,
        merged BIGINT NOT NULL,
        deleted BIGINT NOT NULL,
        removed BIGINT NOT NULL
    )",
    "CREATE TABLE IF NOT EXISTS ingest_push (
        feed TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        sha TEXT NOT NULL,
        PRIMARY KEY (feed, idempotency_key)
    )",
    "CREATE TABLE IF NOT EXISTS quarantine (
        id TEXT PRIMARY KEY,
        feed TEXT NOT NULL,
        sha TEXT NOT NULL,
        name TEXT NOT NULL,
        part BIGINT NOT NULL,
        row_no BIGINT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        raw TEXT NOT NULL,
        context TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at TEXT NOT NULL,
        replayed_at TEXT NOT NULL
    )",
    "CREATE INDEX IF NOT EXISTS ix_quarantine_feed ON quarantine (feed, state, created_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_quarantine_file ON quarantine (feed, sha)",
];
