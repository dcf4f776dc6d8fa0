//! A data folder with lake, ledger and engine for tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, Utc};
use pujiang_ingest::{Clock, FeedDefinitions, IngestEngine};
use pujiang_security::{Assignment, FieldCipher, FileKeyStore, Identity, PrincipalIssuer, Roles};
use pujiang_transactional::Definitions;
use pujiang_warehouse::{Catalog, Lake};
use sqlx::AnyPool;

/// A clock that stands still after all given rows.
pub struct Standing;

impl Clock for Standing {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_320_000, 0).expect("2026-11-22")
    }
}

pub struct Bench {
    pub folder: PathBuf,
    pub lake: Arc<Lake>,
    pub pool: AnyPool,
    pub engine: IngestEngine,
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A file of `tests/cases`.
pub fn case(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)).expect("case")
}

pub const HEAD: &str =
    "交易流水号,交易时间,行政区,商户统一社会信用代码,优待证号,服务类别,原价(元),优惠金额(元),实付金额(元)\n";

pub fn row(key: &str, category: &str, paid: &str) -> String {
    format!("{key},2026/9/5 10:55:43,徐汇区,913157614035081808,3100608965573510,{category},{paid},0,{paid}\n")
}

pub const GIVEN: [(&str, &str); 6] = [
    ("bank", "bank_2026-09.csv"),
    ("tourism", "tourism_2026-09.xlsx"),
    ("museum", "museum_2026-09.csv"),
    ("transit", "transit_2026-09.ndjson"),
    ("hospital", "hospital_2026-09.csv"),
    ("clearing", "clearing_2026-09.parquet"),
];

impl Bench {
    pub async fn open(folder: &Path) -> Self {
        Self::with(folder, FeedDefinitions::builtin().expect("feeds")).await
    }

    pub async fn with(folder: &Path, definitions: FeedDefinitions) -> Self {
        std::fs::create_dir_all(folder).expect("folder");
        let url = format!("sqlite://{}?mode=rwc", folder.join("test.db").display());
        Self::on(folder, definitions, &url).await
    }

    /// Over the given operational store.
    pub async fn on(folder: &Path, definitions: FeedDefinitions, url: &str) -> Self {
        sqlx::any::install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let mut options = sqlx::any::AnyPoolOptions::new().max_connections(4);
        if sqlite {
            options = options.after_connect(|connection, _| {
                Box::pin(async move {
                    for pragma in ["PRAGMA busy_timeout = 10000", "PRAGMA journal_mode = WAL"] {
                        sqlx::raw_sql(pragma).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            });
        }
        let pool = options.connect(url).await.expect("pool");
        let counter = if sqlite { "INTEGER PRIMARY KEY AUTOINCREMENT" } else { "BIGSERIAL PRIMARY KEY" };
        let outbox = format!(
            "CREATE TABLE IF NOT EXISTS outbox (seq {counter}, event_id TEXT NOT NULL, resource TEXT NOT NULL,
             record_id TEXT NOT NULL, op TEXT NOT NULL, version BIGINT NOT NULL, district_code TEXT NOT NULL, occurred_at TEXT NOT NULL,
             actor TEXT NOT NULL, before TEXT, after TEXT)"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(outbox)).execute(&pool).await.expect("outbox");
        let forms = Definitions::builtin().expect("resources").lake_forms();
        let tables = Catalog::builtin(&forms).expect("tables");
        // Without the file of the outbox a constant is missing; the tests that have their own feeds send no event.
        let (definitions, _) = definitions.streamed(&forms, &tables);
        let lake = Lake::open(&folder.join("lake"), tables).await.expect("lake");
        let cipher =
            FieldCipher::new(Arc::new(FileKeyStore::open_or_create(folder.join("keys")).expect("keys")));
        let clock = Arc::new(Standing);
        let engine = IngestEngine::with_clock(lake.clone(), pool.clone(), cipher, folder, definitions, clock);
        let engine = engine.await.expect("engine");
        Self { folder: folder.to_owned(), lake, pool, engine }
    }

    pub fn drop_file(&self, feed: &str, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.folder.join("inbox").join(feed).join(name), bytes).expect("write");
    }

    pub fn drop_given(&self) {
        for (feed, file) in GIVEN {
            self.drop_file(feed, file, std::fs::read(fixture(file)).expect("fixture"));
        }
    }

    /// Every row of an answer with its values as text, as the whole city sees it.
    pub async fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        let principal = PrincipalIssuer::new(Roles::builtin().expect("built-in roles")).issue(Identity {
            account_id: "1".into(),
            account: "city".into(),
            name: "市级".into(),
            roles: vec!["city_analyst".into()],
            assignments: vec![Assignment::City],
            viewer: None,
        });
        self.lake.refresh().await.expect("refresh");
        let session = self.lake.door().session(&principal).await.expect("session");
        let answer = session.sql(sql).await.expect("answer");
        let options = FormatOptions::default();
        let mut rows = Vec::new();
        for batch in &answer.batches {
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .map(|c| ArrayFormatter::try_new(c, &options).expect("formatter"))
                .collect();
            rows.extend(
                (0..batch.num_rows()).map(|row| columns.iter().map(|c| c.value(row).to_string()).collect()),
            );
        }
        rows
    }

    pub async fn one(&self, sql: &str) -> String {
        self.ask(sql).await.concat().join(" ")
    }

    pub async fn status(&self, feed: &str) -> serde_json::Value {
        serde_json::to_value(self.engine.feed_status(feed).await.expect("status")).expect("json")
    }

    /// Lake and status against the expected file.
    pub async fn assert_given(&self) {
        let expected: serde_json::Value =
            serde_json::from_slice(&std::fs::read(fixture("expected_2026-09.json")).expect("expected"))
                .expect("json");
        for (feed, file) in GIVEN {
            let wanted = &expected[file];
            let status = self.status(feed).await;
            for key in ["rows_stored", "duplicates_merged", "quarantined"] {
                assert_eq!(status[key], wanted[key], "{feed} {key}: {status}");
            }
            assert_eq!(status["files"], 1, "{feed}");
            let n = |key: &str| status[key].as_u64().expect("count");
            let quarantined: u64 = status["quarantined"]
                .as_object()
                .expect("object")
                .values()
                .filter_map(serde_json::Value::as_u64)
                .sum();
            assert_eq!(
                n("rows_in"),
                n("rows_stored") + n("superseded") + n("duplicates_merged") + n("deleted") + quarantined,
                "{feed}: {status}"
            );
            let of = |select: &str| format!("select {select} from benefit_transaction where feed = '{feed}'");
            let totals = self.one(&of("count(*), count(distinct txn_no), sum(amount)")).await;
            let rows = wanted["rows_stored"].as_u64().expect("rows");
            assert_eq!(
                totals,
                format!("{rows} {rows} {}", wanted["paid_total"].as_str().expect("text")),
                "{feed}"
            );
            for (key, column) in
                [("by_district", "district_code"), ("by_shanghai_day", "cast(pay_time as date)")]
            {
                let rows =
                    self.ask(&format!("{} group by 1 order by 1", of(&format!("{column}, count(*)")))).await;
                let got: serde_json::Map<String, serde_json::Value> = rows
                    .into_iter()
                    .map(|r| (r[0].clone(), r[1].parse::<u64>().expect("count").into()))
                    .collect();
                assert_eq!(&serde_json::Value::Object(got), &wanted[key], "{feed} {key}");
            }
        }
    }
}
