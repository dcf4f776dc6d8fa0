//! Who gets what, nothing twice, and who may read it.

use pujiang_definition::{INDICATORS, Known, Layers};

use super::*;

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
        .map(|d| account(d.code.as_str(), "district_clerk", &[d.code.as_str()]));
    let everybody: Vec<Principal> = districts.chain([account("city", "city_analyst", &["city"])]).collect();
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
        let shown = info.split_whitespace().find_map(|word| word.strip_prefix("path="));
        let Some(path) = shown.filter(|path| path.starts_with("reports/")) else { continue };
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, format!("{text}\n")).expect("written");
    }
    let loaded = ReportDefinitions::load(&Layers::tree(root.path()));
    let indicators = pujiang_metrics::IndicatorDefinitions::load(&Layers::builtin());
    let mut known = Known::default();
    known.add(&INDICATORS, &indicators.ids);
    assert_eq!(known.dangling(&loaded.references).collect::<Vec<_>>(), []);
    let definitions = loaded.finished().expect("correct");
    assert_eq!(definitions.all().len(), 1, "the guide shows one report");
    assert_eq!(definitions.check_against(indicators.definitions.all()), []);
    let id = definitions.all()[0].id.clone();
    let bench = Bench::sqlite().await;
    let engine = bench.engine_with(NOVEMBER, definitions);
    let files = engine.render_to(&id, "2026-10", &people(), &bench.out(), &|_| {}).await.expect("rendered");
    assert_eq!(files.len(), 6);
}
