//! Opens every room over a data folder: keys, operational store, lake, indicators, feeds, reports, boards.

use std::path::Path;
use std::sync::Arc;

use axum::http::Uri;
use pujiang_ingest::{FeedDefinitions, IngestEngine};
use pujiang_metrics::{ComparisonDefinitions, IndicatorDefinitions, MetricsEngine};
use pujiang_reports::{ReportDefinitions, ReportEngine};
use pujiang_security::{FieldCipher, FileKeyStore, PrincipalIssuer};
use pujiang_transactional::accounts::Accounts;
use pujiang_transactional::audit::AuditWriter;
use pujiang_transactional::clock::SystemClock;
use pujiang_transactional::{Definitions, ResourceEngine, Store};
use pujiang_warehouse::{Catalog, Lake};
use tokio_util::sync::CancellationToken;

use super::recipients::StoredRecipients;
use super::{App, OpenError};
use crate::auth::KnownSessions;
use crate::boards::{BoardDefinitions, KeptBoards};
use crate::config::Config;
use crate::openapi;
use crate::sql::SqlService;
use crate::telemetry::Telemetry;

impl App {
    /// Opens a data folder, making what is missing. Starts nothing.
    pub async fn open(config: &Config) -> Result<Arc<Self>, OpenError> {
        let paths = &config.store;
        make_folder(&paths.data)?;
        let resources = Arc::new(Definitions::builtin().map_err(listed)?);
        let catalog = Catalog::builtin().map_err(listed)?;
        let indicators = IndicatorDefinitions::builtin().map_err(listed)?;
        let comparisons = ComparisonDefinitions::builtin().map_err(listed)?;
        comparisons.check_against(&indicators, &catalog).map_err(listed)?;
        let reports = ReportDefinitions::builtin().map_err(listed)?;
        let boards = BoardDefinitions::builtin().map_err(listed)?.named(indicators.all());
        let feeds = FeedDefinitions::builtin().map_err(listed)?;
        let openapi = openapi::rendered(&resources).map_err(OpenError::OpenApi)?;

        let keys = FileKeyStore::open_or_create(paths.keys())
            .map_err(|source| OpenError::Keys { path: paths.keys(), source })?;
        let cipher = FieldCipher::new(Arc::new(keys));
        let url = paths.url();
        let store = Store::open(&url).await.map_err(|source| OpenError::Store { at: place(&url), source })?;
        let records = ResourceEngine::new(store.clone(), resources, cipher.clone());
        records.migrate().await.map_err(OpenError::Migrate)?;
        let accounts = Accounts::new(store.clone(), cipher.clone());
        let folder = paths.lake();
        let opened = Lake::open_with_pseudonyms(&folder, catalog, cipher.pseudonymizer());
        let lake = Box::pin(opened).await.map_err(OpenError::Lake)?;
        let audit = AuditWriter::start(store.clone(), Arc::new(SystemClock));
        let sql = SqlService::new(lake.door(), audit.clone());
        let metrics = Arc::new(MetricsEngine::new(lake.door(), indicators).with_comparisons(comparisons));
        let feeds =
            Box::pin(IngestEngine::new(lake.clone(), store.pool().clone(), cipher, &paths.data, feeds))
                .await
                .map_err(OpenError::Ingest)?;
        let issuer = Arc::new(PrincipalIssuer::new());
        let recipients = StoredRecipients::new(accounts.clone(), issuer.clone());
        let reports = Arc::new(ReportEngine::new(
            metrics.clone(),
            store.pool().clone(),
            paths.reports(),
            reports,
            Arc::new(recipients),
        ));
        let board_answers = KeptBoards::new(&boards, &metrics);
        Ok(Arc::new(Self {
            store,
            accounts,
            records,
            lake,
            sql,
            audit,
            metrics,
            reports,
            feeds,
            board_answers,
            boards,
            telemetry: Telemetry::default(),
            limits: config.limits.clone(),
            openapi,
            stop: CancellationToken::new(),
            reach: config.server.reach(),
            issuer,
            known: KnownSessions::default(),
        }))
    }
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    std::fs::create_dir_all(path).map_err(|source| OpenError::Folder { path: path.to_path_buf(), source })
}

fn listed<E: std::fmt::Debug>(errors: Vec<E>) -> OpenError {
    // Definitions built in are checked by tests; this text is for whoever changed them and reads code.
    OpenError::Definitions(errors.iter().map(|error| format!("{error:?}")).collect::<Vec<_>>().join("\n"))
}

/// The place a database URL names, without user, password and options; of a URL that is none, only how it begins.
fn place(url: &str) -> String {
    if let Some(file) = url.strip_prefix("sqlite:") {
        return file.split('?').next().unwrap_or_default().trim_start_matches("//").to_owned();
    }
    let parsed = url.parse::<Uri>().ok();
    match parsed.as_ref().and_then(|uri| Some((uri.host()?, uri))) {
        Some((host, uri)) => {
            let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{host}{port}{}", uri.path())
        }
        None => url.split("://").next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_told_without_its_password() {
        assert_eq!(place("postgres://u:p%40@db:5432/pujiang?password=x"), "db:5432/pujiang");
        assert_eq!(place("postgres://db/pujiang"), "db/pujiang");
        assert_eq!(place("sqlite:///var/lib/pujiang.db?mode=rwc"), "/var/lib/pujiang.db");
        assert_eq!(place("postgres://u:p w@db/x"), "postgres");
    }
}
