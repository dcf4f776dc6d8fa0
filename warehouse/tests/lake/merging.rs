//! What an upsert does to the table.

use crate::support::*;

async fn rows(t: &TestLake) -> String {
    let rows =
        ask(&t.lake, &["city"], "select no, district_code, amount, version from pay order by no").await;
    rows.iter().map(|r| r.join(" ")).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn later_versions_win_whatever_their_order() {
    let t = lake().await;
    let w = t.lake.writer("pay").unwrap();
    let o = w
        .upsert(
            upserts(
                &t.lake,
                &[
                    ("a", "310104", 0, "文旅", "p", 100, 2),
                    ("a", "310104", 0, "文旅", "p", 90, 1),
                    ("b", "310105", 0, "文旅", "p", 5, 1),
                ],
            ),
            None,
        )
        .await
        .unwrap();
    assert_eq!((o.inserted, o.older), (2, 1));
    assert_eq!(rows(&t).await, "a 310104 1.00 2; b 310105 0.05 1");
    let o = w
        .upsert(
            upserts(
                &t.lake,
                &[("a", "310104", 0, "文旅", "p", 70, 1), ("b", "310106", 0, "文旅", "p", 6, 3)],
            ),
            None,
        )
        .await
        .unwrap();
    assert_eq!((o.older, o.updated), (1, 1));
    assert_eq!(
        rows(&t).await,
        "a 310104 1.00 2; b 310106 0.06 3",
        "a late older version is ignored, a row may change its district"
    );
    let o = w
        .upsert(
            upserts(
                &t.lake,
                &[("a", "310104", 0, "文旅", "p", 100, 2), ("b", "310106", 0, "文旅", "p", 7, 3)],
            ),
            None,
        )
        .await
        .unwrap();
    assert_eq!(
        (o.identical, o.updated),
        (1, 1),
        "the same row again is identical, another one of the same version replaces"
    );
}

#[tokio::test]
async fn a_deleted_row_stays_away() {
    let t = lake().await;
    let w = t.lake.writer("pay").unwrap();
    w.upsert(
        upserts(&t.lake, &[("a", "310104", 0, "文旅", "p", 100, 1), ("b", "310104", 0, "文旅", "p", 1, 1)]),
        None,
    )
    .await
    .unwrap();
    let o = w
        .upsert(
            deletes(&t.lake, &[("a", "310104", 0, "", "", 0, 2), ("ghost", "310104", 0, "", "", 0, 2)]),
            None,
        )
        .await
        .unwrap();
    assert_eq!((o.deleted, o.removed), (2, 1));
    assert_eq!(rows(&t).await, "b 310104 0.01 1");
    let o = w
        .upsert(
            upserts(
                &t.lake,
                &[("a", "310104", 0, "文旅", "p", 100, 1), ("ghost", "310104", 0, "文旅", "p", 100, 1)],
            ),
            None,
        )
        .await
        .unwrap();
    assert_eq!(o.older, 2, "older than the tombstone");
    let o = w.upsert(upserts(&t.lake, &[("a", "310104", 0, "文旅", "p", 300, 3)]), None).await.unwrap();
    assert_eq!(o.inserted, 1);
    assert_eq!(rows(&t).await, "a 310104 3.00 3; b 310104 0.01 1");
    assert_eq!(
        ask(&t.lake, &["city"], "select count(*) from pay").await,
        [["2"]],
        "tombstones are not counted from statistics"
    );
}

#[tokio::test]
async fn a_mark_is_committed_once() {
    let t = lake().await;
    let w = t.lake.writer("pay").unwrap();
    let change = || upserts(&t.lake, &[("a", "310104", 0, "文旅", "p", 100, 1)]);
    let first = w.upsert(change(), mark(7)).await.unwrap();
    assert_eq!(w.committed("feed/test").await.unwrap(), Some(7));
    let lake = reopen(t.dir.path()).await;
    let again = lake.writer("pay").unwrap().upsert(change(), mark(7)).await.unwrap();
    assert!(again.already);
    assert_eq!(again.inserted, first.inserted, "the counts of the first time come from the log");
    assert_eq!(lake.writer("pay").unwrap().committed("feed/other").await.unwrap(), None);
}

#[tokio::test]
async fn two_processes_do_not_double_a_key() {
    let t = lake().await;
    let other = reopen(t.dir.path()).await;
    for round in 0..10_i64 {
        let key = format!("k{round}");
        let a = t.lake.writer("pay").unwrap();
        let b = other.writer("pay").unwrap();
        let (x, y) = tokio::join!(
            a.upsert(upserts(&t.lake, &[(&key, "310104", 0, "文旅", "p", 1, 1)]), None),
            b.upsert(upserts(&other, &[(&key, "310105", 0, "文旅", "p", 2, 2)]), None),
        );
        x.unwrap();
        y.unwrap();
    }
    t.lake.refresh().await.unwrap();
    assert_eq!(
        ask(&t.lake, &["city"], "select count(*), count(distinct no), min(version) from pay").await,
        [["10", "10", "2"]]
    );
}

#[tokio::test]
async fn small_files_are_folded() {
    let t = lake().await;
    let w = t.lake.writer("pay").unwrap();
    for i in 0..40 {
        w.upsert(upserts(&t.lake, &[(&format!("k{i}"), "310104", i, "文旅", "p", 1, 1)]), None)
            .await
            .unwrap();
    }
    let files = t.lake.status()[0].files;
    assert!(files <= 7, "{files} files after 40 writes of one row");
    t.lake.maintain().await.unwrap();
    assert_eq!(ask(&t.lake, &["310104"], "select count(*), sum(amount) from pay").await, [["40", "0.40"]]);
}

#[tokio::test]
async fn a_batch_that_does_not_fit_is_refused_whole() {
    let t = lake().await;
    let w = t.lake.writer("pay").unwrap();
    let error = w
        .upsert(
            upserts(&t.lake, &[("a", "310104", 0, "文旅", "p", 1, 1), ("b", "310108", 0, "文旅", "p", 1, 1)]),
            None,
        )
        .await
        .unwrap_err();
    assert!(error.to_string().contains("310108"), "{error}");
    assert_eq!(ask(&t.lake, &["city"], "select count(*) from pay").await, [["0"]]);
}
