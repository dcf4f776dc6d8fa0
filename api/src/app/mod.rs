//! The composition: every room opened once over one data folder and handed to whoever serves or asks. It works by one set of
//! definitions; for another set there is another one beside it (`renewed.rs`, `live.rs`). Background work is in
//! `services.rs`; HTTP is in `router.rs`.

mod current;
mod error;
mod first_start;
mod live;
mod lost_roles;
mod open;
mod recipients;
mod renewed;
mod services;
mod sessions;
mod space;
mod subjects;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};

use axum::body::Bytes;
use pujiang_ingest::IngestEngine;
use pujiang_metrics::MetricsEngine;
use pujiang_reports::ReportEngine;
use pujiang_security::{FieldCipher, PrincipalIssuer, Roles};
use pujiang_transactional::accounts::Accounts;
use pujiang_transactional::audit::AuditWriter;
use pujiang_transactional::{ResourceEngine, Store};
use pujiang_warehouse::Lake;
use tokio_util::sync::CancellationToken;

use crate::auth::KnownSessions;
use crate::boards::{BoardDefinitions, KeptBoards};
use crate::config::{LimitsConfig, Reach};
use crate::definitions::Desk;
use crate::handlers::system::Written;
use crate::problem::Problem;
use crate::sql::SqlService;
use crate::telemetry::Telemetry;

pub use current::Current;
pub use error::OpenError;
pub use first_start::FirstStart;
pub use live::Live;
pub use services::Services;
pub use sessions::{ACTIVE, is_session_open};
pub use space::{Room, Space};
pub use subjects::Subject;

/// Everything a request or a command may need.
pub struct App {
    /// The operational store.
    pub store: Store,
    /// Roles there are.
    pub roles: Arc<Roles>,
    /// Accounts and sessions.
    pub accounts: Accounts,
    /// Records of all resources.
    pub records: ResourceEngine,
    /// The lake.
    pub lake: Arc<Lake>,
    /// SQL.
    pub sql: SqlService,
    /// The audit log, for what is only read.
    pub audit: AuditWriter,
    /// Indicators.
    pub metrics: Arc<MetricsEngine>,
    /// Reports and inboxes.
    pub reports: Arc<ReportEngine>,
    /// Feeds and quarantine.
    pub feeds: IngestEngine,
    /// Boards.
    pub boards: BoardDefinitions,
    /// Evaluated boards.
    pub board_answers: KeptBoards,
    /// Counters of this process.
    pub telemetry: Arc<Telemetry>,
    /// Upper bounds of requests.
    pub limits: LimitsConfig,
    /// Room on the disk.
    pub space: Space,
    /// The OpenAPI document.
    pub openapi: Bytes,
    /// Cancelled when the process is to end.
    pub stop: CancellationToken,
    /// What the last look at readiness could write.
    pub written: Arc<tokio::sync::Mutex<Option<Written>>>,
    /// Where definitions are looked at and applied.
    pub desk: Desk,
    /// Number of the applied set it works by.
    pub applied: i64,
    /// The server that puts one application in the place of another; none in a command.
    live: Arc<OnceLock<Weak<Live>>>,
    data: PathBuf,
    cipher: FieldCipher,
    reach: Reach,
    issuer: Arc<PrincipalIssuer>,
    known: Arc<KnownSessions>,
}

impl App {
    /// The running server, to have a newly applied set taken up at once; none in a command.
    pub fn live(&self) -> Option<Arc<Live>> {
        self.live.get()?.upgrade()
    }

    /// Version of the operational store: the number of its last event. Read before the rows, so that an answer never
    /// claims to be newer than it is.
    pub async fn store_version(&self) -> Result<String, Problem> {
        let sql = "SELECT CAST(COALESCE(MAX(seq), 0) AS TEXT) FROM outbox";
        let last: Result<String, sqlx::Error> = sqlx::query_scalar(sql).fetch_one(self.store.pool()).await;
        match last {
            Ok(last) => Ok(format!("outbox@{last}")),
            Err(error) => Err(Problem::internal("read the version of the store", &error)),
        }
    }
}
