//! Runs end to end on SQLite with figures from the fixture: who gets what, nothing twice, failures recorded.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Sync};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, FixedOffset};
use pujiang_security::{Assignment, Identity, Principal, PrincipalIssuer, Role};
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;

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
    async fn recipients(&self, _report: &str, roles: &[Role]) -> Result<Vec<Principal>, RecipientsError> {
        Ok(self.0.iter().filter(|p| p.roles().iter().any(|role| roles.contains(role))).cloned().collect())
    }
}

fn account(name: &str, role: Role, scope: &[&str]) -> Principal {
    PrincipalIssuer::new().issue(Identity {
        account_id: name.into(),
        account: name.into(),
        name: name.into(),
        roles: vec![role],
        assignments: scope.iter().map(|s| Assignment::parse(s).expect("a scope")).collect(),
        viewer: None,
    })
}

fn people() -> Vec<Principal> {
    vec![
        account("city", Role::CityAnalyst, &["city"]),
        account("city2", Role::CityAnalyst, &["city"]),
        account("d310104", Role::DistrictClerk, &["310104"]),
        account("d310105", Role::DistrictClerk, &["310105"]),
        account("nobody", Role::DistrictClerk, &[]),
        account("leader", Role::Leader, &["city"]),
        account("auditor", Role::Auditor, &["city"]),
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

#[tokio::test]
async fn a_run_renders_each_scope_once_and_reaches_everybody_once() {
    for bench in Bench::each().await {
        let engine = bench.engine(NOVEMBER);
        let summary = engine.run(MONTHLY, "2026-10", None).await.expect("run");
        assert_eq!((summary.run.state, summary.failures.len()), (RunState::Done, 0));
        assert_eq!(summary.run.due_at, "2026-11-01T08:00:00+08:00");
        // Three scopes: two accounts of the city share one; no rows, no permission or another role gets nothing.
        let mut asked = bench.figures.asked.lock().expect("not poisoned").clone();
        asked.sort();
        assert_eq!(asked, ["全市", "徐汇区", "长宁区"]);
        assert_eq!(summary.sent, 3 + 4, "three folders, four inboxes");
        let expected = [
            "社会优待月报_2026-10_全市.xlsx",
            "社会优待月报_2026-10_徐汇区.xlsx",
            "社会优待月报_2026-10_长宁区.xlsx",
        ];
        assert_eq!(names(&bench.out().join(MONTHLY).join("2026-10")), expected);
        for (at, title) in [
            (0, "社会优待月报（2026年10月，全市）"),
            (1, "社会优待月报（2026年10月，全市）"),
            (2, "社会优待月报（2026年10月，徐汇区）"),
        ] {
            assert_eq!(bench.messages(&engine, at).await, [title]);
        }
        for at in [4, 5, 6] {
            assert!(bench.messages(&engine, at).await.is_empty());
        }
    }
}

#[tokio::test]
async fn callers_get_only_files_of_their_own_scope() {
    for bench in Bench::each().await {
        let engine = bench.engine(NOVEMBER);
        let run = engine.run(MONTHLY, "2026-10", None).await.expect("run").run;
        for (at, name) in [
            (0, "社会优待月报_2026-10_全市.xlsx"),
            (2, "社会优待月报_2026-10_徐汇区.xlsx"),
            (3, "社会优待月报_2026-10_长宁区.xlsx"),
        ] {
            let files = engine.run_files(&run.run_id, &people()[at]).await.expect("listed");
            assert_eq!(files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), [name]);
            let (path, file) =
                engine.file_path(MONTHLY, &run.run_id, name, &people()[at]).await.expect("there");
            assert_eq!(std::fs::metadata(path).expect("a file").len(), file.bytes);
            assert_eq!(file.sm3.len(), 64);
        }
        assert!(engine.run_files(&run.run_id, &people()[4]).await.expect("listed").is_empty());
        for name in [
            "社会优待月报_2026-10_全市.xlsx",
            "社会优待月报_2026-10_长宁区.xlsx",
            "../../store.db",
            "nothing",
        ] {
            let refused = engine.file_path(MONTHLY, &run.run_id, name, &people()[2]).await.expect_err(name);
            assert_eq!(refused.kind(), ErrorKind::NotFound);
        }
    }
}

#[tokio::test]
async fn running_again_sends_nothing_twice() {
    for bench in Bench::each().await {
        let first = bench.engine(NOVEMBER).run(MONTHLY, "2026-10", None).await.expect("run");
        let engine = bench.engine("2026-11-23T03:00:00+08:00");
        let again = engine.run(MONTHLY, "2026-10", None).await.expect("run");
        assert_eq!((again.sent, again.skipped, again.files.len()), (0, first.sent, 3));
        assert_eq!(bench.messages(&engine, 2).await.len(), 1);
        assert_eq!(engine.runs(MONTHLY).await.expect("listed").len(), 2);
        // The schedule of the same due time finds everything sent and does not even render.
        let asked = bench.figures.asked.lock().expect("not poisoned").len();
        engine.catch_up().await;
        assert_eq!(bench.figures.asked.lock().expect("not poisoned").len(), asked);
    }
}

#[tokio::test]
async fn a_month_still_running_does_not_use_up_its_due_delivery() {
    for bench in Bench::each().await {
        let early = bench.engine(NOVEMBER).run(MONTHLY, "2026-11", None).await.expect("run");
        assert_eq!(early.run.due_at, NOVEMBER);
        let engine = bench.engine("2026-12-01T08:00:00+08:00");
        engine.catch_up().await;
        assert_eq!(bench.messages(&engine, 2).await.len(), 2);
    }
}

#[tokio::test]
async fn only_the_latest_missed_due_time_is_made_up_for() {
    for bench in Bench::each().await {
        bench.engine("2026-08-02T09:00:00+08:00").catch_up().await;
        let engine = bench.engine(NOVEMBER);
        engine.catch_up().await;
        engine.catch_up().await;
        let runs = engine.runs(MONTHLY).await.expect("listed");
        let periods: Vec<(&str, Cause)> = runs.iter().map(|r| (r.period.as_str(), r.cause)).collect();
        assert_eq!(periods, [("2026-10", Cause::CatchUp), ("2026-07", Cause::CatchUp)]);
    }
}

#[tokio::test]
async fn a_passing_fault_is_retried_and_a_lasting_one_recorded_and_made_up_for_later() {
    for bench in Bench::each().await {
        bench.figures.failing.store(2, Ordering::SeqCst);
        let passed = bench.engine(NOVEMBER).run(MONTHLY, "2026-09", None).await.expect("run");
        assert_eq!((passed.run.state, passed.sent), (RunState::Done, 7));

        bench.figures.failing.store(3, Ordering::SeqCst);
        let engine = bench.engine(NOVEMBER);
        let failed = engine.run(MONTHLY, "2026-10", None).await.expect("run");
        assert_eq!((failed.run.state, failed.sent, failed.files.len()), (RunState::Failed, 5, 2));
        assert!(
            failed
                .run
                .reason
                .as_deref()
                .is_some_and(|r| r.contains("仅徐汇区") && r.contains("the lake is away")),
            "{:?}",
            failed.run.reason
        );
        let key = crate::ledger::DeliveryKey {
            report: MONTHLY.into(),
            due_at: failed.run.due_at.clone(),
            recipient: "d310104".into(),
            channel: crate::ChannelKind::Inbox,
        };
        let row = crate::ledger::Ledger::new(bench.pool.clone())
            .delivery(&key)
            .await
            .expect("read")
            .expect("announced before sending");
        assert!(row.reason.is_some_and(|r| r.contains("the lake is away")));

        engine.catch_up().await;
        assert_eq!(bench.messages(&engine, 2).await.len(), 2, "made up for");
        assert_eq!(bench.messages(&engine, 3).await.len(), 2, "and nobody else got it twice");
    }
}

#[tokio::test]
async fn a_run_cut_off_by_a_crash_is_closed_and_made_up_for() {
    for bench in Bench::each().await {
        let due = DateTime::parse_from_rfc3339("2026-11-01T08:00:00+08:00").expect("a time");
        let dead = bench.engine(NOVEMBER);
        dead.admit(MONTHLY, "2026-10", Some(due), Cause::Schedule).await.expect("admitted");
        drop(dead);
        let engine = bench.engine(NOVEMBER);
        engine.catch_up().await;
        let states: Vec<RunState> =
            engine.runs(MONTHLY).await.expect("listed").iter().map(|r| r.state).collect();
        assert!(
            states.contains(&RunState::Failed)
                && states.contains(&RunState::Done)
                && !states.contains(&RunState::Running)
        );
        assert_eq!(bench.messages(&engine, 0).await.len(), 1);
    }
}

#[tokio::test]
async fn messages_are_read_by_their_owner_only() {
    for bench in Bench::each().await {
        let engine = bench.engine(NOVEMBER);
        let run = engine.run(MONTHLY, "2026-10", None).await.expect("run").run;
        let (xuhui, changning) = (&people()[2], &people()[3]);
        let message = engine.inbox(xuhui).await.expect("an inbox").remove(0);
        assert_eq!(message.created_at, stamp(DateTime::parse_from_rfc3339(NOVEMBER).expect("a time")));
        assert_eq!(message.links.len(), 1);
        assert!(
            message.links[0]
                .href
                .starts_with(&format!("/api/v1/reports/{MONTHLY}/runs/{}/files/%E7%A4%BE", run.run_id)),
            "{:?}",
            message.links
        );
        assert_eq!(engine.unread(xuhui).await.expect("counted"), 1);
        assert_eq!(
            engine.mark_read(changning, &message.id).await.expect_err("not theirs").kind(),
            ErrorKind::NotFound
        );
        engine.mark_read(xuhui, &message.id).await.expect("read");
        assert_eq!(engine.unread(xuhui).await.expect("counted"), 0);
    }
}

#[tokio::test]
async fn wrong_requests_say_what_is_wrong() {
    for bench in Bench::each().await {
        let engine = bench.engine(NOVEMBER);
        for (report, period, kind) in [
            ("nothing", "2026-10", ErrorKind::NotFound),
            (MONTHLY, "October", ErrorKind::Invalid),
            (MONTHLY, "2026-13", ErrorKind::Invalid),
            (MONTHLY, "2026-12", ErrorKind::Invalid),
        ] {
            assert_eq!(
                engine.run(report, period, None).await.expect_err(period).kind(),
                kind,
                "{report} {period}"
            );
        }
        let nobody =
            engine.render_to(MONTHLY, "2026-10", &[people()[4].clone()], &bench.out(), &|_| {}).await;
        assert_eq!(nobody.expect_err("no rows").kind(), ErrorKind::Forbidden);
    }
}

#[tokio::test]
async fn the_command_line_renders_both_formats_and_leaves_no_trace_in_the_ledger() {
    let bench = Bench::sqlite().await;
    let engine = bench.engine_with(NOVEMBER, ReportDefinitions::builtin().expect("correct"));
    let steps = Sync::new(vec![]);
    let files = engine
        .render_to(MONTHLY, "2026-10", &people(), &bench.out(), &|p| {
            steps.lock().expect("not poisoned").push((p.done, p.total))
        })
        .await
        .expect("rendered");
    assert_eq!(files.len(), 6);
    assert_eq!(*steps.lock().expect("not poisoned"), [(1, 3), (2, 3), (3, 3)]);
    assert_eq!(names(&bench.out()).len(), 6);
    assert!(engine.runs(MONTHLY).await.expect("listed").is_empty());
}

/// The whole city as its recipients get it: 17 scopes, 34 files, within the minute the platform promises.
#[tokio::test(flavor = "multi_thread")]
async fn all_scopes_of_the_city_are_rendered_within_a_minute() {
    let bench = Bench::sqlite().await;
    let engine = bench.engine_with(NOVEMBER, ReportDefinitions::builtin().expect("correct"));
    let districts = pujiang_security::district::DISTRICTS
        .iter()
        .map(|d| account(d.code.as_str(), Role::DistrictClerk, &[d.code.as_str()]));
    let everybody: Vec<Principal> =
        districts.chain([account("city", Role::CityAnalyst, &["city"])]).collect();
    let begun = std::time::Instant::now();
    let files =
        engine.render_to(MONTHLY, "2026-10", &everybody, &bench.out(), &|_| {}).await.expect("rendered");
    assert_eq!(files.len(), 34);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

/// The guide for a new report, followed: its files load and render.
#[tokio::test]
async fn the_guide_leads_to_a_report() {
    let guide =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/how-to/add-a-report.md"));
    let root = tempfile::tempdir().expect("a folder");
    let guide = guide.expect("the guide is there");
    let mut fences = guide.split("\n```");
    fences.next();
    while let (Some(shown), Some(_)) = (fences.next(), fences.next()) {
        let (info, text) = shown.split_once('\n').expect("a fence");
        let Some(path) = info.split_whitespace().find_map(|word| word.strip_prefix("path=reports/")) else {
            continue;
        };
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, format!("{text}\n")).expect("written");
    }
    let definitions = ReportDefinitions::load_from(&root.path().join("definitions")).expect("correct");
    assert_eq!(definitions.all().len(), 1, "the guide shows one report");
    let indicators = pujiang_metrics::IndicatorDefinitions::builtin().expect("correct");
    assert_eq!(definitions.check_against(indicators.all()), []);
    let id = definitions.all()[0].id.clone();
    let bench = Bench::sqlite().await;
    let engine = bench.engine_with(NOVEMBER, definitions);
    let files = engine.render_to(&id, "2026-10", &people(), &bench.out(), &|_| {}).await.expect("rendered");
    assert_eq!(files.len(), 6);
}
