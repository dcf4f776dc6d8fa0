//! `GET /api/v1/about`: what runs here; the log-in page asks it before anybody is known.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// What runs here.
#[derive(Debug, Serialize, ToSchema)]
pub struct About {
    /// Name of the product.
    pub name: &'static str,
    /// Version of the program.
    pub version: &'static str,
    /// Whether demonstration data and accounts are here and usable.
    pub demo: bool,
}

/// Name, version and whether this is a demonstration.
#[utoipa::path(get, path = "/api/v1/about", tag = "system", security(()),
    responses((status = 200, body = About)))]
pub async fn get_about(State(app): State<Arc<App>>) -> Json<About> {
    Json(About { name: "浦江", version: env!("CARGO_PKG_VERSION"), demo: app.demo_usable().await })
}
