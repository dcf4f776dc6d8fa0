//! Opens every room over a data folder: keys, operational store, lake, indicators, feeds, reports, boards.

use std::path::Path;
use std::sync::Arc;

use axum::http::Uri;
use pujiang_ingest::IngestEngine;
use pujiang_metrics::MetricsEngine;
use pujiang_reports::ReportEngine;
use pujiang_security::{FieldCipher, FileKeyStore, KeyStore, PrincipalIssuer};
use pujiang_transactional::accounts::Accounts;
use pujiang_transactional::audit::AuditWriter;
use pujiang_transactional::clock::SystemClock;
use pujiang_transactional::keys::{self, KeyMatch};
use pujiang_transactional::{ResourceEngine, Store};
use pujiang_warehouse::Lake;
use tokio_util::sync::CancellationToken;

use super::recipients::StoredRecipients;
use super::{App, OpenError, Space};
use crate::auth::KnownSessions;
use crate::boards::KeptBoards;
use crate::config::{Config, StoreConfig};
use crate::definitions::{DefinitionSet, Desk, InUse};
use crate::openapi;
use crate::sql::SqlService;
use crate::telemetry::Telemetry;

impl App {
    /// Opens a data folder, making what is missing. Starts nothing.
    pub async fn open(config: &Config) -> Result<Arc<Self>, OpenError> {
        let paths = &config.store;
        make_folder(&paths.data)?;
        let url = paths.url();
        let store = Store::open(&url).await.map_err(|source| OpenError::Store { at: place(&url), source })?;
        let keys = open_keys(paths, &store).await?;
        let names = keys.names();
        let cipher = FieldCipher::new(Arc::new(keys));
        let desk = Desk::open(store.clone(), paths).await.map_err(OpenError::Migrate)?;
        let InUse { number, edition, definitions } = Box::pin(desk.in_use()).await?;
        let DefinitionSet {
            roles, resources, tables, feeds, indicators, comparisons, reports, boards, ..
        } = definitions;
        let openapi = openapi::rendered(&resources).map_err(OpenError::OpenApi)?;
        let records = ResourceEngine::new(store.clone(), resources, roles.clone(), cipher.clone());
        records.migrate().await.map_err(OpenError::Migrate)?;
        if let KeyMatch::Missing(missing) =
            keys::recognise(&store, &names).await.map_err(OpenError::Migrate)?
        {
            return Err(OpenError::OtherKeys { path: paths.keys(), missing: missing.join("、") });
        }
        let accounts = Accounts::new(store.clone(), cipher.clone(), roles.clone());
        let folder = paths.lake();
        let opened = Lake::open_with_pseudonyms(&folder, tables, cipher.pseudonymizer());
        let lake = Box::pin(opened).await.map_err(OpenError::Lake)?;
        let audit = AuditWriter::start(store.clone(), Arc::new(SystemClock));
        let sql = SqlService::new(lake.door(), audit.clone(), config.limits.unread);
        let metrics = MetricsEngine::new(lake.door(), indicators).with_comparisons(comparisons);
        let metrics = Arc::new(metrics.with_edition(edition));
        let feeds = Box::pin(IngestEngine::new(
            lake.clone(),
            store.pool().clone(),
            cipher.clone(),
            &paths.data,
            feeds,
        ))
        .await
        .map_err(OpenError::Ingest)?;
        if let Some((cursor, top)) = Box::pin(feeds.lake_ahead()).await.map_err(OpenError::Ingest)? {
            return Err(OpenError::OlderStore { at: place(&url), cursor, top });
        }
        let issuer = Arc::new(PrincipalIssuer::new(roles.clone()));
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
            roles,
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
            telemetry: Arc::new(Telemetry::default()),
            limits: config.limits.clone(),
            space: Space::of(&paths.data),
            openapi,
            stop: CancellationToken::new(),
            written: Arc::default(),
            desk,
            applied: number,
            live: Arc::default(),
            data: paths.data.clone(),
            cipher,
            reach: config.server.reach(),
            issuer,
            known: Arc::new(KnownSessions::default()),
        }))
    }
}

/// The keys. They are made only where nothing can have been sealed yet: with new ones, what is sealed could never be read
/// again, and every person would become a second one in the lake.
async fn open_keys(paths: &StoreConfig, store: &Store) -> Result<FileKeyStore, OpenError> {
    let path = paths.keys();
    if !path.exists() {
        let expected = keys::are_expected(store).await.map_err(OpenError::Migrate)?;
        if expected || has_district_rows(&paths.lake()) {
            return Err(OpenError::KeysMissing { path });
        }
    }
    FileKeyStore::open_or_create(&path).map_err(|source| OpenError::Keys { path, source })
}

/// Whether some table of a lake has partitions of districts.
fn has_district_rows(lake: &Path) -> bool {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries(lake)
        .flat_map(|table| entries(&table.path()))
        .any(|entry| entry.file_name().to_string_lossy().starts_with(concat!("district_code", "=")))
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    std::fs::create_dir_all(path).map_err(|source| OpenError::Folder { path: path.to_path_buf(), source })
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
