//! The ways a query can be asked: without the door and through it.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::util::pretty::pretty_format_batches;
use datafusion::common::ParamValues;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use pujiang_security::Principal;
use pujiang_warehouse::access::parse;
use pujiang_warehouse::{Door, Lake};

use crate::plain::{self, Settings};
use crate::tpch::scope::{self, Scope};

/// How a query is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// DataFusion over the files, its own defaults.
    PlainDefaults,
    /// DataFusion over the files, with the settings the door gives its sessions.
    Plain,
    /// Through the door with the city's scope.
    City,
    /// Through the door with one district's scope.
    District,
}

impl Way {
    /// All, in the order of the report.
    pub const ALL: [Self; 4] = [Self::PlainDefaults, Self::Plain, Self::City, Self::District];

    /// Head of its column.
    pub fn title(self) -> &'static str {
        match self {
            Self::PlainDefaults => "DataFusion, its defaults",
            Self::Plain => "DataFusion, our settings",
            Self::City => "Pujiang, city",
            Self::District => "Pujiang, one district",
        }
    }
}

/// What each way needs.
pub struct Ways {
    defaults: SessionContext,
    plain: SessionContext,
    door: Door,
    city: Principal,
    district: Principal,
}

impl Ways {
    /// Over the lake of that folder.
    pub async fn new(lake: &Arc<Lake>, folder: &Path) -> Self {
        let [city, district, ..] = scope::all().map(|Scope { principal, .. }| principal);
        Self {
            defaults: plain::context(folder, Settings::Defaults).await,
            plain: plain::context(folder, Settings::AsBehindTheDoor).await,
            door: lake.door(),
            city,
            district,
        }
    }

    /// Asks and collects; returns the number of rows.
    pub async fn ask(&self, way: Way, sql: &str) -> usize {
        self.answer(way, sql).await.iter().map(RecordBatch::num_rows).sum()
    }

    /// The plan with what happened in it.
    pub async fn explain(&self, way: Way, sql: &str) -> String {
        let batches = self.answer(way, &format!("EXPLAIN ANALYZE {sql}")).await;
        pretty_format_batches(&batches).unwrap().to_string()
    }

    async fn answer(&self, way: Way, sql: &str) -> Vec<RecordBatch> {
        match way {
            Way::PlainDefaults => plain::answer(&self.defaults, sql).await,
            Way::Plain => plain::answer(&self.plain, sql).await,
            Way::City => through_the_door(&self.door, &self.city, sql).await,
            Way::District => through_the_door(&self.door, &self.district, sql).await,
        }
    }
}

/// A session of its own for each question, as every request has; kept answers are not asked.
pub async fn through_the_door(door: &Door, principal: &Principal, sql: &str) -> Vec<RecordBatch> {
    let session = door.session(principal).await.unwrap();
    let statement = parse(sql).unwrap().pop().unwrap();
    let prepared = session.prepare(statement).await.unwrap();
    let answer = session.stream(prepared, ParamValues::List(vec![])).await.unwrap();
    answer.stream.try_collect().await.unwrap()
}
