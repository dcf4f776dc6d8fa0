//! `GET /api/v1/metrics`: the dictionary of indicators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_metrics::{Compare, Grain, IndicatorDef};
use pujiang_security::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// All indicators.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricList {
    /// In the order of their ids.
    pub indicators: Vec<MetricView>,
}

/// One indicator.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricView {
    id: String,
    title: String,
    description: String,
    unit: String,
    #[schema(value_type = String)]
    direction: pujiang_metrics::definition::Direction,
    dimensions: Vec<String>,
    grains: Vec<&'static str>,
    derived: Vec<&'static str>,
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: pujiang_metrics::ColumnType,
}

/// Every indicator with what it can be asked for.
#[utoipa::path(get, path = "/api/v1/metrics", tag = "metrics",
    responses((status = 200, body = MetricList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_metrics(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<MetricList>, Problem> {
    caller.require(Permission::MetricsQuery)?;
    Ok(Json(MetricList { indicators: app.metrics.indicators().iter().map(MetricView::from).collect() }))
}

impl From<&IndicatorDef> for MetricView {
    fn from(indicator: &IndicatorDef) -> Self {
        Self {
            id: indicator.id.clone(),
            title: indicator.title.clone(),
            description: indicator.description.clone(),
            unit: indicator.unit.clone(),
            direction: indicator.direction,
            dimensions: indicator.dimensions.clone(),
            grains: indicator.grains.iter().copied().map(Grain::as_str).collect(),
            derived: indicator.derived.iter().copied().map(Compare::as_str).collect(),
            kind: indicator.value_type(),
        }
    }
}
