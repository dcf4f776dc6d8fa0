//! Members of dimensions with their names: those a definition lists itself, and those a table of the lake lists. Districts
//! are named by the platform and not read here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, ident, lit};
use pujiang_security::Principal;
use pujiang_warehouse::{ScopedSession, WarehouseError};

use super::MetricsEngine;
use crate::definition::IndicatorDefinitions;
use crate::dimension::{DimensionDef, Member, MemberTable, Members};
use crate::error::MetricsError;

/// Members of one dimension; nobody chooses from more.
const MOST_MEMBERS: usize = 5_000;

/// What the members of the dimensions of a question are called, by dimension and code.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_dimension: BTreeMap<String, HashMap<String, String>>,
}

impl Names {
    /// Reads the names the answer to a question needs.
    pub(super) async fn read(
        session: &ScopedSession,
        definitions: &IndicatorDefinitions,
        dimensions: &[String],
    ) -> Result<Self, MetricsError> {
        let mut names = Self::default();
        for id in dimensions {
            let Some(dimension) = definitions.dimensions().get(id).filter(|one| one.has_names()) else {
                continue;
            };
            if dimension.is_of_districts() {
                continue;
            }
            let members = Box::pin(members(session, dimension)).await?;
            let named = members.into_iter().map(|member| (member.code, member.title)).collect();
            names.by_dimension.insert(id.clone(), named);
        }
        Ok(names)
    }

    /// What a member is called; a code nobody lists stands for itself.
    pub(super) fn name<'n>(&'n self, dimension: &str, code: &'n str) -> &'n str {
        let named = self.by_dimension.get(dimension);
        named.and_then(|named| named.get(code)).map_or(code, String::as_str)
    }
}

impl MetricsEngine {
    /// The members of a dimension, for choices: of one without a list there are none.
    pub async fn members(
        &self,
        principal: &Principal,
        dimension: &DimensionDef,
    ) -> Result<Vec<Member>, MetricsError> {
        match &dimension.members {
            Members::Table(_) => {
                let session = self.session(principal).await?;
                Box::pin(members(&session, dimension)).await
            }
            Members::Open | Members::Listed(_) => Ok(dimension.listed().to_vec()),
        }
    }

    /// The tables that list the members of these dimensions: an answer with their names depends on them, too.
    #[must_use]
    pub fn tables_of_members<'i>(&self, dimensions: impl IntoIterator<Item = &'i str>) -> BTreeSet<String> {
        let known = dimensions.into_iter().filter_map(|id| self.definitions.dimensions().get(id));
        let listed = known.filter(|one| !one.is_of_districts()).filter_map(|one| match &one.members {
            Members::Table(members) => Some(members.table.clone()),
            Members::Open | Members::Listed(_) => None,
        });
        listed.collect()
    }
}

async fn members(session: &ScopedSession, dimension: &DimensionDef) -> Result<Vec<Member>, MetricsError> {
    match &dimension.members {
        Members::Table(table) => Box::pin(from_table(session, table)).await,
        Members::Open | Members::Listed(_) => Ok(dimension.listed().to_vec()),
    }
}

async fn from_table(session: &ScopedSession, members: &MemberTable) -> Result<Vec<Member>, MetricsError> {
    let unread = |source: WarehouseError| MetricsError::Members {
        table: members.table.clone(),
        source: Box::new(source),
    };
    let unplanned =
        |source| MetricsError::Aggregate { table: members.table.clone(), source: Box::new(source) };
    let absent = || lit(ScalarValue::Utf8(None));
    let parent = members.parent.as_ref().map_or_else(absent, ident);
    let hidden = members.until.as_ref().map_or_else(|| lit(false), |column| ident(column).is_not_null());
    let columns: Vec<Expr> = vec![
        ident(&members.code).alias("code"),
        ident(&members.title).alias("title"),
        parent.alias("parent"),
        hidden.alias("hidden"),
    ];
    let frame = Box::pin(session.table(&members.table)).await.map_err(unread)?;
    let plan = frame
        .select(columns)
        .and_then(|frame| frame.sort(vec![ident("code").sort(true, true)]))
        .and_then(|frame| frame.limit(0, Some(MOST_MEMBERS)))
        .map_err(unplanned)?;
    let mut found = Vec::new();
    for batch in Box::pin(session.collect(plan)).await.map_err(unread)? {
        let shape =
            |column: &str| MetricsError::Shape { table: members.table.clone(), column: column.to_owned() };
        let text = |column| text(&batch, column).ok_or_else(|| shape(column));
        let (codes, titles, parents) = (text("code")?, text("title")?, text("parent")?);
        let hidden = batch.column_by_name("hidden").and_then(|column| column.as_boolean_opt());
        let hidden = hidden.ok_or_else(|| shape("hidden"))?;
        let value = |column: &StringArray, row: usize| {
            column.is_valid(row).then(|| column.value(row).to_owned()).filter(|text| !text.is_empty())
        };
        found.extend((0..batch.num_rows()).filter_map(|row| {
            let code = value(&codes, row)?;
            Some(Member {
                title: value(&titles, row).unwrap_or_else(|| code.clone()),
                code,
                colour: None,
                parent: value(&parents, row),
                hidden: hidden.is_valid(row) && hidden.value(row),
            })
        }));
    }
    Ok(found)
}

fn text(batch: &RecordBatch, column: &str) -> Option<StringArray> {
    let column = cast(batch.column_by_name(column)?, &DataType::Utf8).ok()?;
    column.as_string_opt::<i32>().cloned()
}
