//! The running engine: takes files, batches and outbox events, and brings each to the lake exactly once.
//! Every action is a file of its own; what rows mean is decided in `mapping`.

mod accounting;
mod aside;
mod inbox;
mod load;
mod lock;
mod push;
mod quarantine;
mod replay;
mod report;
mod stamp;
mod status;
mod watch;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use pujiang_security::FieldCipher;
use pujiang_warehouse::Lake;
use sqlx::AnyPool;

use crate::clock::{Clock, SystemClock};
use crate::definition::{FeedDef, FeedDefinitions, FileFeed, Source};
use crate::error::IngestError;
use crate::ledger::Ledger;
use crate::outbox::OutboxTail;

pub use push::PushAnswer;
pub use quarantine::Originals;
pub use replay::ReplayAnswer;
pub use report::{FileOutcome, FileReport, RunReport};
pub use status::{FeedStatus, Status};

/// A future boxed at a border: keeps generated code small and lets the compiler see that it may change threads.
type Task<'a, T> = Pin<Box<dyn Future<Output = Result<T, IngestError>> + Send + 'a>>;

/// Runs feeds. Cheap to clone.
#[derive(Clone)]
pub struct IngestEngine {
    inner: Arc<Inner>,
}

struct Inner {
    lake: Arc<Lake>,
    ledger: Ledger,
    cipher: FieldCipher,
    inbox: PathBuf,
    definitions: FeedDefinitions,
    clock: Arc<dyn Clock>,
}

impl IngestEngine {
    /// An engine over a lake and the operational store. Creates its ledger tables and inbox folders.
    pub async fn new(
        lake: Arc<Lake>,
        pool: AnyPool,
        cipher: FieldCipher,
        data_dir: &Path,
        definitions: FeedDefinitions,
    ) -> Result<Self, IngestError> {
        Self::with_clock(lake, pool, cipher, data_dir, definitions, Arc::new(SystemClock)).await
    }

    /// The same with a clock of the caller's.
    pub async fn with_clock(
        lake: Arc<Lake>,
        pool: AnyPool,
        cipher: FieldCipher,
        data_dir: &Path,
        definitions: FeedDefinitions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, IngestError> {
        if let Some(error) = definitions.check_against(lake.catalog()).into_iter().next() {
            let feed = Path::new(&error.file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            return Err(IngestError::Definition {
                feed,
                detail: format!("{}: {}", error.key, error.message),
            });
        }
        let ledger = Ledger::open(pool).await?;
        let inbox = data_dir.join("inbox");
        for feed in definitions.feeds().filter(|f| matches!(f.source, Source::Files(_))) {
            let folder = inbox.join(&feed.id);
            std::fs::create_dir_all(&folder).map_err(IngestError::file("create", &folder))?;
        }
        std::fs::create_dir_all(&inbox).map_err(IngestError::file("create", &inbox))?;
        Ok(Self { inner: Arc::new(Inner { lake, ledger, cipher, inbox, definitions, clock }) })
    }

    /// The feeds.
    pub fn definitions(&self) -> &FeedDefinitions {
        &self.inner.definitions
    }

    /// Pulls one feed or all of them now: every file in the inbox that nobody is writing, every event in the outbox.
    pub async fn run(&self, feed: Option<&str>) -> Result<RunReport, IngestError> {
        let feeds: Vec<Arc<FeedDef>> = match feed {
            Some(id) => vec![self.feed(id)?.clone()],
            None => self.inner.definitions.feeds().cloned().collect(),
        };
        let mut report = RunReport::default();
        for feed in feeds {
            match &feed.source {
                Source::Files(_) => {
                    let reports = Box::pin(self.run_inbox(&feed, &mut report.left)).await?;
                    report.files.extend(reports);
                }
                Source::Outbox(_) => report.events += Box::pin(self.drain_outbox(&feed)).await?,
            }
        }
        Ok(report)
    }

    fn feed(&self, id: &str) -> Result<&Arc<FeedDef>, IngestError> {
        self.inner.definitions.feed(id).ok_or_else(|| IngestError::UnknownFeed(id.to_owned()))
    }

    fn file_feed<'a>(&self, feed: &'a FeedDef) -> Result<&'a FileFeed, IngestError> {
        match &feed.source {
            Source::Files(files) => Ok(files),
            Source::Outbox(_) => Err(IngestError::NotAFileFeed(feed.id.clone())),
        }
    }

    async fn drain_outbox(&self, feed: &FeedDef) -> Result<usize, IngestError> {
        // A running server holds the turn for as long as it lives and does the same work.
        let Some(_turn) = self.try_lock(&feed.id)? else { return Ok(0) };
        let mut tail = self.outbox_tail(feed).await?;
        let mut events = 0;
        loop {
            match tail.poll().await? {
                0 => return Ok(events),
                n => events += n,
            }
        }
    }

    async fn outbox_tail(&self, feed: &FeedDef) -> Result<OutboxTail, IngestError> {
        let inner = &self.inner;
        OutboxTail::open(feed, &inner.lake, &inner.ledger, &inner.cipher, &inner.clock).await
    }
}
