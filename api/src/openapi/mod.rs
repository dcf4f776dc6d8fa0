//! The OpenAPI document: fixed operations from the handlers' annotations, and one set of paths with its own
//! schema per resource definition. Made once for each set of definitions.

mod fixed;
mod resources;
mod schema;

use axum::body::Bytes;
use pujiang_transactional::Definitions;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// The document for these resources.
pub fn document(resources: &Definitions) -> OpenApi {
    let mut document = fixed::FixedApi::openapi();
    resources::add(&mut document, resources);
    document
}

/// The document as it is served.
pub fn rendered(resources: &Definitions) -> Result<Bytes, serde_json::Error> {
    serde_json::to_vec(&document(resources)).map(Bytes::from)
}
