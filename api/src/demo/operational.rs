//! Loads records twice: into the operational store through the resource engine, and as history into the lake with all
//! their state changes. No outbox event tells of them, because the lake has them already.

use std::collections::BTreeMap;

use anyhow::Context;
use pujiang_security::FieldCipher;
use pujiang_transactional::{Events, ResourceEngine};
use pujiang_warehouse::{BulkLoad, Lake};
use serde_json::{Map, Value, json};

use super::lake_rows;
use super::records::{Record, rfc3339};

/// Who the audit log names as the loader.
const ACTOR: &str = "demo";

/// Loads records into both places.
pub struct Loader<'a> {
    engine: &'a ResourceEngine,
    lake: &'a Lake,
    cipher: &'a FieldCipher,
    tables: BTreeMap<&'static str, BulkLoad>,
    states: BulkLoad,
}

impl<'a> Loader<'a> {
    /// A loader; nothing is visible in the lake before [`Loader::finish`].
    pub fn new(engine: &'a ResourceEngine, lake: &'a Lake, cipher: &'a FieldCipher) -> anyhow::Result<Self> {
        let states = lake.bulk("state_event")?;
        Ok(Self { engine, lake, cipher, tables: BTreeMap::new(), states })
    }

    /// Loads records of one resource; what they refer to must be loaded before.
    pub async fn load(&mut self, resource: &'static str, records: &[Record]) -> anyhow::Result<()> {
        let definition = self.engine.definitions().get(resource).context("unknown resource")?;
        let rows = records.iter().map(store_row).collect();
        self.engine
            .bulk_insert(ACTOR, resource, rows, Events::Skip)
            .await
            .map_err(|error| anyhow::anyhow!("loading {resource}: {error:?}"))?;

        let table = self.lake.catalog().table(resource).with_context(|| format!("no table {resource}"))?;
        let row = |record| lake_rows::lake_row(definition, table, self.cipher, record);
        let rows: Vec<_> = records.iter().map(row).collect();
        let batch = lake_rows::batch(&table.arrow_schema(), &rows)?;
        if !self.tables.contains_key(resource) {
            self.tables.insert(resource, self.lake.bulk(resource)?);
        }
        if let Some(bulk) = self.tables.get_mut(resource) {
            bulk.push(batch).await?;
        }
        if definition.stock.is_some() {
            let changes: Vec<_> =
                records.iter().flat_map(|record| lake_rows::state_changes(resource, record)).collect();
            let table = self.lake.catalog().table("state_event").context("no table state_event")?;
            self.states.push(lake_rows::state_events(&table.arrow_schema(), &changes)?).await?;
        }
        Ok(())
    }

    /// Makes everything visible in the lake.
    pub async fn finish(self) -> anyhow::Result<()> {
        for bulk in self.tables.into_values() {
            bulk.finish(None).await?;
        }
        self.states.finish(None).await?;
        Ok(())
    }
}

/// The record as the engine's bulk load takes it.
fn store_row(record: &Record) -> Map<String, Value> {
    let mut row = record.fields.clone();
    row.insert("id".into(), json!(record.id));
    row.insert("state".into(), json!(record.life.last().state));
    row.insert("created_at".into(), json!(rfc3339(record.life.created_at())));
    row.insert("updated_at".into(), json!(rfc3339(record.life.last().at)));
    row
}
