//! `GET /api/v1/comparisons`: what a district may compare itself with.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_metrics::comparison::{ComparisonDef, Statistic};
use pujiang_metrics::{ColumnType, IndicatorDef, MetricsEngine};
use pujiang_security::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// All comparisons.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonList {
    /// In the order of their ids.
    pub comparisons: Vec<ComparisonView>,
}

/// One comparison.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonView {
    id: String,
    version: u32,
    title: String,
    description: String,
    indicator: String,
    unit: String,
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: ColumnType,
    statistics: Vec<&'static str>,
    dimensions: Vec<String>,
    minimum: u64,
}

/// Every comparison with what it tells.
#[utoipa::path(get, path = "/api/v1/comparisons", tag = "comparisons",
    responses((status = 200, body = ComparisonList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_comparisons(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<ComparisonList>, Problem> {
    if !caller.principal().can(Permission::BoardView) {
        caller.require(Permission::MetricsQuery)?;
    }
    let comparisons = app.metrics.comparisons().all().iter().map(|def| view(def, &app.metrics)).collect();
    Ok(Json(ComparisonList { comparisons }))
}

fn view(def: &ComparisonDef, engine: &MetricsEngine) -> ComparisonView {
    let indicator = engine.indicator(&def.indicator);
    ComparisonView {
        id: def.id.clone(),
        version: def.version,
        title: def.title.clone(),
        description: def.description.clone(),
        indicator: def.indicator.clone(),
        unit: indicator.map(|one| one.unit.clone()).unwrap_or_default(),
        kind: indicator.map_or(ColumnType::Decimal, IndicatorDef::value_type),
        statistics: def.statistics.iter().copied().map(Statistic::as_str).collect(),
        dimensions: def.dimensions.clone(),
        minimum: def.minimum,
    }
}
