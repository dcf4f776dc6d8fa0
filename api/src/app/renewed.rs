//! The application for a newly applied set of definitions. What is made of definitions is made again; what the process has
//! once (store, accounts, audit log, stored tables, memory bounds, counters) is shared with the one before. Whoever asks is
//! looked up again: a role that was taken away or changed works no more with the first request of the new one.

use std::sync::Arc;

use pujiang_ingest::IngestEngine;
use pujiang_metrics::MetricsEngine;
use pujiang_security::PrincipalIssuer;
use pujiang_transactional::ResourceEngine;

use super::recipients::StoredRecipients;
use super::{App, OpenError};
use crate::boards::KeptBoards;
use crate::definitions::{DefinitionSet, InUse};
use crate::openapi;

impl App {
    /// Makes the application for another set. This one goes on as it is, also if that fails.
    pub(super) async fn renewed(&self, in_use: InUse) -> Result<Arc<Self>, OpenError> {
        let InUse { number, edition, definitions } = in_use;
        let DefinitionSet {
            roles, resources, tables, feeds, indicators, comparisons, reports, boards, ..
        } = definitions;
        let openapi = openapi::rendered(&resources).map_err(OpenError::OpenApi)?;
        let records = ResourceEngine::new(self.store.clone(), resources, roles.clone(), self.cipher.clone());
        records.migrate().await.map_err(OpenError::Migrate)?;
        let lake = self.lake.redefined(tables).await.map_err(OpenError::Lake)?;
        let metrics = MetricsEngine::new(lake.door(), indicators).with_comparisons(comparisons);
        let metrics = Arc::new(metrics.with_edition(edition));
        let (pool, cipher) = (self.store.pool().clone(), self.cipher.clone());
        let feeds = Box::pin(IngestEngine::new(lake.clone(), pool, cipher, &self.data, feeds));
        let feeds = feeds.await.map_err(OpenError::Ingest)?;
        let accounts = self.accounts.with_roles(roles.clone());
        let issuer = Arc::new(PrincipalIssuer::new(roles.clone()));
        let recipients = Arc::new(StoredRecipients::new(accounts.clone(), issuer.clone()));
        let reports = Arc::new(self.reports.redefined(metrics.clone(), reports, recipients));
        Ok(Arc::new(Self {
            store: self.store.clone(),
            roles,
            accounts,
            records,
            sql: self.sql.through(lake.door()),
            lake,
            audit: self.audit.clone(),
            board_answers: KeptBoards::new(&boards, &metrics),
            metrics,
            reports,
            feeds,
            boards,
            telemetry: self.telemetry.clone(),
            limits: self.limits.clone(),
            space: self.space.clone(),
            openapi,
            stop: self.stop.clone(),
            written: self.written.clone(),
            desk: self.desk.clone(),
            applied: number,
            live: self.live.clone(),
            data: self.data.clone(),
            cipher: self.cipher.clone(),
            reach: self.reach,
            issuer,
            // Those kept before are principals of the roles before; a request under way may still put one there.
            known: Arc::default(),
        }))
    }
}
