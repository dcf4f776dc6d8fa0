//! Faults, crashes and missed times: recorded, and made up for.

use super::*;

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
