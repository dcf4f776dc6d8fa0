//! `GET /api/v1/streets`: the streets and towns forms choose from.

use axum::Json;
use axum::http::{HeaderName, header};
use pujiang_security::street;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;

/// All streets.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreetsView {
    streets: Vec<StreetView>,
}

/// A street or town.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreetView {
    code: &'static str,
    name: &'static str,
    /// Code of its district.
    district: &'static str,
}

/// Every present street and town, by code.
#[utoipa::path(get, path = "/api/v1/streets", tag = "resources",
    responses((status = 200, body = StreetsView), (status = 401, body = crate::problem::ProblemBody)))]
pub async fn list_streets(_caller: Caller) -> ([(HeaderName, &'static str); 1], Json<StreetsView>) {
    let streets = street::all().map(|street| StreetView {
        code: street.code.as_str(),
        name: street.name,
        district: street.district.as_str(),
    });
    ([(header::CACHE_CONTROL, "private, max-age=86400")], Json(StreetsView { streets: streets.collect() }))
}
