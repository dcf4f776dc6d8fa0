//! The guide for adding a feed, followed: its definition loads its file as it says.

use crate::support::{Bench, fixture};
use pujiang_definition::{FEEDS, Sources};
use pujiang_ingest::FeedDefinitions;

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_feed_loads_the_guides_file() {
    let guide = std::fs::read_to_string(fixture("../../../docs/how-to/add-a-feed.md")).expect("guide");
    let shown = |fence: &str| {
        let (_, rest) = guide.split_once(&format!("{fence}\n")).expect("fence");
        rest.split("```").next().expect("text").to_owned()
    };
    let folder = tempfile::tempdir().expect("folder");
    let feed = shown("```toml path=ingest/feeds/library.toml");
    let feeds = FeedDefinitions::read(&Sources::texts(&FEEDS, [("library.toml", feed.as_str())]));
    let bench = Bench::with(folder.path(), feeds.finished().expect("feeds")).await;
    bench.drop_file("library", "2026-09.csv", shown("```csv path=ingest/tests/fixtures/library_2026-09.csv"));
    bench.engine.run(None).await.expect("run");
    let status = bench.status("library").await;
    assert_eq!(
        (&status["rows_in"], &status["rows_stored"], &status["quarantined"]),
        (&3.into(), &2.into(), &serde_json::json!({"bad_code": 1}))
    );
    let rows = "select txn_no, district_code, category, amount, pay_time from benefit_transaction order by 1";
    assert_eq!(
        bench.one(rows).await,
        "LB1 310104 教育 0.00 2026-09-05T10:55:00 LB2 310106 教育 12.50 2026-09-06T14:44:00"
    );
}
