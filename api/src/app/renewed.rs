//! The application for a newly applied set of definitions. What is made of definitions is made again; what the process has
//! once (store, accounts, sessions, audit log, stored tables, memory bounds, counters) is shared with the one before.

use std::sync::Arc;

use pujiang_ingest::IngestEngine;
use pujiang_metrics::MetricsEngine;
use pujiang_transactional::ResourceEngine;

use super::{App, OpenError};
use crate::boards::KeptBoards;
use crate::definitions::{DefinitionSet, InUse};
use crate::openapi;

impl App {
    /// Makes the application for another set. This one goes on as it is, also if that fails.
    pub(super) async fn renewed(&self, in_use: InUse) -> Result<Arc<Self>, OpenError> {
        let InUse { number, edition, definitions } = in_use;
        let DefinitionSet { resources, tables, feeds, indicators, comparisons, reports, boards, .. } =
            definitions;
        let openapi = openapi::rendered(&resources).map_err(OpenError::OpenApi)?;
        let records = ResourceEngine::new(self.store.clone(), resources, self.cipher.clone());
        records.migrate().await.map_err(OpenError::Migrate)?;
        let lake = self.lake.redefined(tables).await.map_err(OpenError::Lake)?;
        let metrics = MetricsEngine::new(lake.door(), indicators).with_comparisons(comparisons);
        let metrics = Arc::new(metrics.with_edition(edition));
        let (pool, cipher) = (self.store.pool().clone(), self.cipher.clone());
        let feeds = Box::pin(IngestEngine::new(lake.clone(), pool, cipher, &self.data, feeds));
        let feeds = feeds.await.map_err(OpenError::Ingest)?;
        let reports = Arc::new(self.reports.redefined(metrics.clone(), reports));
        Ok(Arc::new(Self {
            store: self.store.clone(),
            accounts: self.accounts.clone(),
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
            issuer: self.issuer.clone(),
            known: self.known.clone(),
        }))
    }
}
