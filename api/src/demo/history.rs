//! Loads the transactions of three years into the lake: drawn on one core, written on the other, in bounded memory.

use std::sync::Arc;

use anyhow::Context;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::{NaiveDate, NaiveDateTime};
use pujiang_warehouse::Lake;
use tokio::sync::mpsc;

use super::batches::{self, CardFace, UnitFace};
use super::places::DISTRICTS;
use super::progress::Progress;
use super::transactions::{Transaction, Transactions};

/// Rows of a batch.
const BATCH: usize = 65_536;
/// Batches drawn ahead of the writer.
const AHEAD: usize = 2;
const TABLE: &str = "benefit_transaction";

/// Everything a batch of transactions is made of.
pub struct History {
    /// The stream of transactions.
    pub transactions: Transactions,
    /// Units by their index.
    pub units: Vec<UnitFace>,
    /// Cards by index of the person.
    pub cards: Vec<CardFace>,
    /// The moment of loading.
    pub loaded_at: NaiveDateTime,
    /// Which of the last days' transactions are entered through the services instead.
    pub recent: Recent,
}

impl History {
    /// The transactions of a district's day that are loaded here; the others come through the services.
    fn loaded(&self, date: NaiveDate, district: usize) -> anyhow::Result<Vec<Transaction>> {
        let mut day = self.transactions.day(date, district)?;
        day.retain(|transaction| !self.recent.takes(transaction));
        Ok(day)
    }

    /// The transactions that are entered through the services, in the order of their times.
    pub fn through_services(&self) -> anyhow::Result<Vec<Transaction>> {
        let mut taken = Vec::new();
        for date in self.recent.days() {
            for district in 0..DISTRICTS.len() {
                let day = self.transactions.day(date, district)?;
                taken.extend(day.into_iter().filter(|transaction| self.recent.takes(transaction)));
            }
        }
        taken.sort_by_key(|transaction| (transaction.pay_time, transaction.district, transaction.ordinal));
        Ok(taken)
    }

    /// District by district, so that the writer holds rows of one partition at a time.
    fn draw(&self, schema: &SchemaRef, sink: &mpsc::Sender<RecordBatch>) -> anyhow::Result<()> {
        let mut rows = Vec::with_capacity(BATCH + BATCH / 8);
        let send = |rows: &mut Vec<Transaction>| {
            let batch = batches::transactions(schema, rows, &self.units, &self.cards, self.loaded_at)?;
            rows.clear();
            // The writer is gone only after an error of its own, which it reports.
            let _ = sink.blocking_send(batch);
            anyhow::Ok(())
        };
        for district in 0..DISTRICTS.len() {
            for date in self.transactions.span().dates() {
                rows.append(&mut self.loaded(date, district)?);
                if rows.len() >= BATCH {
                    send(&mut rows)?;
                }
            }
        }
        if rows.is_empty() { Ok(()) } else { send(&mut rows) }
    }
}

/// The share of the last days' transactions that people enter by hand: every n-th of a district's day, none of the
/// reversed ones, and only of what a counter takes: units, holders and cards that are in order at the end.
#[derive(Debug, Clone)]
pub struct Recent {
    days: Vec<(NaiveDate, u32)>,
    /// Units by their index.
    units: Vec<bool>,
    /// People by their index, with their cards.
    people: Vec<bool>,
}

impl Recent {
    /// About `per_day` transactions of each of the last `days` days.
    pub fn of(
        transactions: &Transactions,
        days: u64,
        per_day: u64,
        units: Vec<bool>,
        people: Vec<bool>,
    ) -> Self {
        let dates = transactions.span().last_days(days).into_iter();
        let every = |date| {
            let all: u64 =
                (0..DISTRICTS.len()).map(|district| u64::from(transactions.volume(date, district))).sum();
            u32::try_from(all.div_ceil(per_day.max(1))).unwrap_or(u32::MAX).max(1)
        };
        Self { days: dates.map(|date| (date, every(date))).collect(), units, people }
    }

    fn days(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        self.days.iter().map(|(date, _)| *date)
    }

    fn takes(&self, transaction: &Transaction) -> bool {
        let date = transaction.pay_time.date();
        let every = self.days.iter().find(|(day, _)| *day == date).map(|(_, every)| *every);
        let in_order = |all: &[bool], at: usize| all.get(at).copied().unwrap_or(false);
        every.is_some_and(|every| transaction.ordinal.is_multiple_of(every) && !transaction.reversed)
            && in_order(&self.units, transaction.unit)
            && in_order(&self.people, transaction.person)
    }
}

/// Loads them all in one commit; returns how many.
pub async fn load(
    lake: &Lake,
    history: Arc<History>,
    total: u64,
    progress: &Progress,
) -> anyhow::Result<usize> {
    let def = lake.catalog().table(TABLE).context("the lake has no table benefit_transaction")?;
    let schema = def.arrow_schema();
    let (sink, mut source) = mpsc::channel(AHEAD);
    let drawing = tokio::task::spawn_blocking(move || history.draw(&schema, &sink));
    let mut bulk = lake.bulk(TABLE)?;
    let mut step = progress.step("优待交易历史", total);
    while let Some(batch) = source.recv().await {
        let rows = batch.num_rows() as u64;
        bulk.push(batch).await?;
        step.advance(rows);
    }
    drawing.await.context("drawing transactions")??;
    let rows = bulk.finish(None).await?;
    step.finish();
    Ok(rows)
}
