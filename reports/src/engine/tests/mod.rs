//! Runs end to end on SQLite with figures from the fixture. Here is what they share: people, figures, a bench.

mod faults;
mod sending;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Sync};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, FixedOffset};
use pujiang_security::{Principal, RoleId};
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;

use super::recipients::tests::account;
use super::{Recipients, RecipientsError, ReportEngine};
use crate::clock::FixedClock;
use crate::data::source::{FigureSource, chart_facts, scope_facts};
use crate::data::{ReportData, fixture};
use crate::definition::{Format, ReportDefinition, ReportDefinitions};
use crate::error::{ErrorKind, ReportError};
use crate::ledger::{Cause, RunState, stamp};
use crate::period::Period;

/// Hands out the fixture for the scope asked; fails the first `failing` times for 徐汇区.
#[derive(Default)]
struct Figures {
    failing: AtomicUsize,
    asked: Sync<Vec<String>>,
}

#[async_trait]
impl FigureSource for Figures {
    async fn collect(
        &self,
        report: &ReportDefinition,
        period: Period,
        principal: &Principal,
        now: DateTime<FixedOffset>,
    ) -> Result<ReportData, ReportError> {
        let scope = scope_facts(principal);
        self.asked.lock().expect("not poisoned").push(scope.short.clone());
        let fail = |left: usize| left.checked_sub(1);
        if scope.short == "徐汇区"
            && self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fail).is_ok()
        {
            return Err(ReportError::Figures {
                report: report.id.clone(),
                source: "the lake is away".into(),
            });
        }
        let mut data = if scope.districts.is_empty() { fixture::city() } else { fixture::district() };
        (data.scope, data.data_time, data.period.value) = (scope, now, period.to_string());
        (data.report, data.title, data.sentences) =
            (report.id.clone(), report.title.clone(), report.sentences.clone());
        let known = pujiang_metrics::IndicatorDefinitions::builtin().expect("indicators");
        data.charts = chart_facts(report, known.all());
        Ok(data)
    }

    fn access(&self, principal: &Principal) -> String {
        format!("{}|clear", principal.scope().fingerprint())
    }
}

struct Accounts(Vec<Principal>);

#[async_trait]
impl Recipients for Accounts {
    async fn recipients(&self, _report: &str, roles: &[RoleId]) -> Result<Vec<Principal>, RecipientsError> {
        Ok(self.0.iter().filter(|p| p.has_any_of(roles)).cloned().collect())
    }
}

fn people() -> Vec<Principal> {
    vec![
        account("city", "city_analyst", &["city"]),
        account("city2", "city_analyst", &["city"]),
        account("d310104", "district_clerk", &["310104"]),
        account("d310105", "district_clerk", &["310105"]),
        account("nobody", "district_clerk", &[]),
        account("leader", "leader", &["city"]),
        account("auditor", "auditor", &["city"]),
    ]
}

struct Bench {
    dir: tempfile::TempDir,
    pool: AnyPool,
    figures: Arc<Figures>,
}

const MONTHLY: &str = "benefit_monthly";
static NEXT: AtomicUsize = AtomicUsize::new(0);

impl Bench {
    /// A bench on SQLite and, when `PUJIANG_TEST_PG` names a server, one on PostgreSQL.
    async fn each() -> Vec<Self> {
        let mut benches = vec![Self::sqlite().await];
        if let Ok(server) = std::env::var("PUJIANG_TEST_PG") {
            benches.push(Self::postgres(&server).await);
        }
        benches
    }

    async fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("store.db").display());
        Self::open(dir, &url).await
    }

    async fn postgres(server: &str) -> Self {
        sqlx::any::install_default_drivers();
        let admin = AnyPoolOptions::new().max_connections(1).connect(server).await.expect("a server");
        let name = format!("pj_reports_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&admin).await.expect("a database");
        let (base, _) = server.rsplit_once('/').expect("a URL");
        Self::open(tempfile::tempdir().expect("a folder"), &format!("{base}/{name}")).await
    }

    async fn open(dir: tempfile::TempDir, url: &str) -> Self {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(4).connect(url).await.expect("a store");
        Self { dir, pool, figures: Arc::default() }
    }

    /// An engine as a freshly started process has it. Workbooks only: most tests do not look at the PDF.
    fn engine(&self, now: &str) -> Arc<ReportEngine> {
        let mut definitions = ReportDefinitions::builtin().expect("correct");
        definitions.reports_for_test().iter_mut().for_each(|report| report.formats = vec![Format::Xlsx]);
        self.engine_with(now, definitions)
    }

    fn engine_with(&self, now: &str, definitions: ReportDefinitions) -> Arc<ReportEngine> {
        let now = DateTime::parse_from_rfc3339(now).expect("a time");
        let engine = ReportEngine::with_source(
            self.figures.clone(),
            self.pool.clone(),
            self.out(),
            definitions,
            Arc::new(Accounts(people())),
        );
        Arc::new(engine.with_clock(Arc::new(FixedClock(now))).with_retry_pause(Duration::ZERO))
    }

    fn out(&self) -> std::path::PathBuf {
        self.dir.path().join("out")
    }

    async fn messages(&self, engine: &ReportEngine, account: usize) -> Vec<String> {
        engine.inbox(&people()[account]).await.expect("an inbox").into_iter().map(|m| m.title).collect()
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

const NOVEMBER: &str = "2026-11-22T03:00:00+08:00";
