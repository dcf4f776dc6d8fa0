//! The optional body of actions, deletions and decisions: why.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Request;
use serde::Deserialize;

use crate::app::App;
use crate::extract::{parse_json, read_body};
use crate::problem::Problem;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    #[serde(default)]
    reason: Option<String>,
}

/// The reason in a body that may be left out.
pub async fn reason(app: &Arc<App>, request: Request) -> Result<Option<String>, Problem> {
    let bytes: Bytes = read_body(request, app).await?;
    let body = if bytes.is_empty() { ReasonBody::default() } else { parse_json(&bytes)? };
    Ok(body.reason)
}
