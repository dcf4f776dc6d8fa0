//! `GET /healthz`: the process runs.

/// Says that the process runs; asks nothing else.
#[utoipa::path(get, path = "/healthz", tag = "system", security(()),
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn get_health() -> &'static str {
    "ok"
}
