//! Reads the outbox after the committed cursors and commits what it finds, table by table.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use pujiang_security::FieldCipher;
use pujiang_warehouse::{Change, Lake, Mark, STATE_EVENT, TableDef, WarehouseError};
use sqlx::Row;

use super::event::{Event, LakeRow};
use super::states::state_rows;
use crate::clock::Clock;
use crate::definition::{FeedDef, OutboxFeed, Source, StateEvents, Stream};
use crate::error::IngestError;
use crate::ledger::{Counts, Ledger, NewQuarantine, Statement};
use crate::mapping::Operation;
use crate::reason::Reason;
use crate::rows::batch;

/// Events read at a time.
const BATCH: i64 = 5_000;

/// A reader of the outbox with the position of each table.
pub(crate) struct OutboxTail {
    feed: String,
    streams: OutboxFeed,
    lake: Arc<Lake>,
    ledger: Ledger,
    cipher: FieldCipher,
    clock: Arc<dyn Clock>,
    cursors: BTreeMap<String, i64>,
}

/// Rows of one table in one batch of events.
#[derive(Default)]
struct Rows {
    upserts: Vec<LakeRow>,
    deletes: Vec<LakeRow>,
}

impl OutboxTail {
    /// Starts after what the lake has committed.
    pub(crate) async fn open(
        feed: &FeedDef,
        lake: &Arc<Lake>,
        ledger: &Ledger,
        cipher: &FieldCipher,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, IngestError> {
        let streams = outbox_of(feed)?.clone();
        let newest = "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) AS top FROM outbox";
        let top = number(ledger, newest, None).await?;
        let mut cursors = BTreeMap::new();
        for table in tables(&streams) {
            let committed = committed(feed, lake, &table).await?;
            // A table whose resources have had no events since is as far as the outbox was before this look.
            let mut pending = false;
            for stream in feeding(&streams, &table) {
                let newest =
                    "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) AS top FROM outbox WHERE resource = $1";
                pending |= number(ledger, newest, Some(&stream.resource)).await? > committed;
            }
            cursors.insert(table, if pending { committed } else { committed.max(top) });
        }
        Ok(Self {
            feed: feed.id.clone(),
            streams,
            lake: lake.clone(),
            ledger: ledger.clone(),
            cipher: cipher.clone(),
            clock: clock.clone(),
            cursors,
        })
    }

    /// Brings the next events to the lake; how many there were.
    pub(crate) async fn poll(&mut self) -> Result<usize, IngestError> {
        let start = self.cursors.values().min().copied().unwrap_or(0);
        let fail = || IngestError::ledger("read the outbox");
        let rows = Statement::new(Event::NEXT)
            .number(start)
            .number(BATCH)
            .all(self.ledger.pool())
            .await
            .map_err(fail())?;
        let events: Vec<Event> = rows.iter().map(Event::from_row).collect::<Result<_, _>>().map_err(fail())?;
        let Some(last) = events.last().map(|e| e.seq) else { return Ok(0) };
        let now = self.clock.stamp();
        let mut counts = Counts::default();
        let (changes, rejected) = self.sort(&events, &mut counts);
        if !rejected.is_empty() {
            self.ledger.quarantine(&rejected, &now).await?;
        }
        self.commit(changes, |table| Mark { app_id: app_id(&self.feed, table), version: last }, &mut counts)
            .await?;
        for cursor in self.cursors.values_mut() {
            *cursor = last.max(*cursor);
        }
        self.ledger.add(&self.feed, counts, &now).await?;
        Ok(events.len())
    }

    /// Brings one event to the lake again after its quarantine; `None` when the outbox no longer has it, the
    /// reason when it still does not fit.
    pub(crate) async fn again(
        &mut self,
        seq: i64,
    ) -> Result<Option<Result<Counts, (Reason, String)>>, IngestError> {
        let fail = || IngestError::ledger("read the outbox");
        let rows = Statement::new(Event::NEXT)
            .number(seq - 1)
            .number(1)
            .all(self.ledger.pool())
            .await
            .map_err(fail())?;
        let events: Vec<Event> = rows.iter().map(Event::from_row).collect::<Result<_, _>>().map_err(fail())?;
        if events.first().is_none_or(|e| e.seq != seq) {
            return Ok(None);
        }
        for cursor in self.cursors.values_mut() {
            *cursor = seq - 1;
        }
        let mut counts = Counts::default();
        let (mut changes, rejected) = self.sort(&events, &mut counts);
        if let Some(row) = rejected.into_iter().next() {
            return Ok(Some(Err((row.reason, row.detail))));
        }
        // Its state events were stored when it first came: they need no field of the row.
        changes.remove(STATE_EVENT);
        let mark =
            |table: &str| Mark { app_id: format!("{}/replay/{seq}", app_id(&self.feed, table)), version: 1 };
        self.commit(changes, mark, &mut counts).await?;
        // The row was counted when it first came.
        counts.rows_in = 0;
        Ok(Some(Ok(counts)))
    }

    fn commit<'a>(
        &'a self,
        changes: BTreeMap<String, Rows>,
        mark: impl Fn(&str) -> Mark + Send + 'a,
        counts: &'a mut Counts,
    ) -> Pin<Box<dyn Future<Output = Result<(), IngestError>> + Send + 'a>> {
        Box::pin(async move {
            for (table, rows) in changes {
                let change = self.change(&table, &rows)?;
                let writer = self.lake.writer(&table).map_err(|e| self.lake_error(e))?;
                let outcome =
                    writer.upsert(change, Some(mark(&table))).await.map_err(|e| self.lake_error(e))?;
                if table != STATE_EVENT {
                    counts.add(&outcome);
                }
            }
            Ok(())
        })
    }

    /// Sorts events by table, leaving out what a table already has.
    fn sort(&self, events: &[Event], counts: &mut Counts) -> (BTreeMap<String, Rows>, Vec<NewQuarantine>) {
        let mut changes: BTreeMap<String, Rows> = BTreeMap::new();
        let mut rejected = Vec::new();
        let local = self.clock.local();
        let beyond = |table: &str, seq: i64| self.cursors.get(table).is_none_or(|cursor| seq > *cursor);
        for event in events {
            for stream in self.streams.streams.iter().filter(|s| s.resource == event.resource) {
                if let StateEvents::Recorded(by) = &stream.states
                    && beyond(STATE_EVENT, event.seq)
                {
                    let rows = state_rows(event, by);
                    if !rows.is_empty() {
                        changes.entry(STATE_EVENT.to_owned()).or_default().upserts.extend(rows);
                    }
                }
                if !beyond(&stream.table, event.seq) {
                    continue;
                }
                counts.rows_in += 1;
                let Some(def) = self.lake.catalog().table(&stream.table) else { continue };
                match event.lake_row(stream, def, local) {
                    Ok(row) => {
                        let rows = changes.entry(stream.table.clone()).or_default();
                        match event.operation {
                            Operation::Upsert => rows.upserts.push(row),
                            Operation::Delete => rows.deletes.push(row),
                        }
                    }
                    Err((reason, detail)) => rejected.push(self.quarantined(event, reason, detail)),
                }
            }
        }
        (changes, rejected)
    }

    fn change(&self, table: &str, rows: &Rows) -> Result<Change, IngestError> {
        let def = self.def(table)?;
        let build = |rows: &[LakeRow]| match rows {
            [] => Ok(Vec::new()),
            rows => batch(&def, rows, |row, column| row.get(column).cloned()).map(|b| vec![b]),
        };
        let made =
            build(&rows.upserts).and_then(|upserts| Ok(Change { upserts, deletes: build(&rows.deletes)? }));
        made.map_err(|source| IngestError::Rows { table: table.to_owned(), source })
    }

    fn quarantined(&self, event: &Event, reason: Reason, detail: String) -> NewQuarantine {
        let fields = event.after.as_ref().or(event.before.as_ref());
        let raw = fields.and_then(|f| serde_json::to_vec(f).ok()).unwrap_or_default();
        NewQuarantine {
            id: format!("{}-{:020}", self.feed, event.seq),
            feed: self.feed.clone(),
            sha: String::new(),
            name: event.resource.clone(),
            part: 0,
            row_no: event.seq.unsigned_abs(),
            reason,
            detail,
            raw: self.cipher.encrypt_bytes("quarantine.raw", &raw),
            context: String::new(),
        }
    }

    fn def(&self, table: &str) -> Result<Arc<TableDef>, IngestError> {
        let missing =
            || IngestError::Definition { feed: self.feed.clone(), detail: format!("no table {table}") };
        self.lake.catalog().table(table).cloned().ok_or_else(missing)
    }

    fn lake_error(&self, source: WarehouseError) -> IngestError {
        IngestError::Lake { feed: self.feed.clone(), source }
    }
}

/// When the oldest event happened that some table does not have yet.
pub(crate) async fn oldest_unread(
    feed: &FeedDef,
    lake: &Arc<Lake>,
    ledger: &Ledger,
) -> Result<Option<DateTime<Utc>>, IngestError> {
    let streams = outbox_of(feed)?;
    let mut oldest: Option<DateTime<Utc>> = None;
    for stream in &streams.streams {
        let committed = committed(feed, lake, &stream.table).await?;
        let sql = "SELECT occurred_at FROM outbox WHERE resource = $1 AND seq > $2 ORDER BY seq LIMIT 1";
        let row = Statement::new(sql).text(&stream.resource).number(committed).optional(ledger.pool()).await;
        let row = row.map_err(IngestError::ledger("read the outbox"))?;
        let time = row.and_then(|r| r.try_get::<String, _>("occurred_at").ok());
        let time = time.and_then(|t| DateTime::parse_from_rfc3339(&t).ok()).map(|t| t.to_utc());
        oldest = oldest.into_iter().chain(time).min();
    }
    Ok(oldest)
}

/// How far the lake is ahead of the outbox, if it is: then the operational store is an older one, or another, and what is
/// recorded from now on would never reach the lake. Its cursor there, and the last event here.
pub(crate) async fn ahead(
    feed: &FeedDef,
    lake: &Arc<Lake>,
    ledger: &Ledger,
) -> Result<Option<(i64, i64)>, IngestError> {
    let newest = "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) AS top FROM outbox";
    let top = number(ledger, newest, None).await?;
    let mut cursor = 0;
    for table in tables(outbox_of(feed)?) {
        cursor = cursor.max(committed(feed, lake, &table).await?);
    }
    Ok((cursor > top).then_some((cursor, top)))
}

fn outbox_of(feed: &FeedDef) -> Result<&OutboxFeed, IngestError> {
    match &feed.source {
        Source::Outbox(outbox) => Ok(outbox),
        Source::Files(_) => {
            Err(IngestError::Definition { feed: feed.id.clone(), detail: "is no outbox feed".into() })
        }
    }
}

fn tables(feed: &OutboxFeed) -> Vec<String> {
    let states = feed.streams.iter().any(records_states).then(|| STATE_EVENT.to_owned());
    feed.streams.iter().map(|s| s.table.clone()).chain(states).collect()
}

/// Streams whose events end up in a table.
fn feeding<'a>(feed: &'a OutboxFeed, table: &'a str) -> impl Iterator<Item = &'a Stream> {
    feed.streams.iter().filter(move |s| s.table == table || table == STATE_EVENT && records_states(s))
}

fn records_states(stream: &Stream) -> bool {
    matches!(stream.states, StateEvents::Recorded(_))
}

fn app_id(feed: &str, table: &str) -> String {
    format!("feed/{feed}/{table}")
}

async fn committed(feed: &FeedDef, lake: &Arc<Lake>, table: &str) -> Result<i64, IngestError> {
    let failed = |source| IngestError::Lake { feed: feed.id.clone(), source };
    let writer = lake.writer(table).map_err(failed)?;
    let cursor = writer.committed(&app_id(&feed.id, table)).await;
    Ok(cursor.map_err(|source| IngestError::Lake { feed: feed.id.clone(), source })?.unwrap_or(0))
}

async fn number(ledger: &Ledger, sql: &'static str, bind: Option<&str>) -> Result<i64, IngestError> {
    let fail = || IngestError::ledger("read the outbox");
    let query = Statement::new(sql);
    let query = match bind {
        Some(value) => query.text(value),
        None => query,
    };
    query.one(ledger.pool()).await.and_then(|row| row.try_get("top")).map_err(fail())
}
