//! Query strings: typed structs, and plain pairs for the bracketed filters of lists.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A query string parsed into a struct; use `deny_unknown_fields` on it.
pub struct ApiQuery<T>(pub T);

impl<T, S> FromRequestParts<S> for ApiQuery<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Query::<T>::from_request_parts(parts, state).await.map(|Query(value)| Self(value)).map_err(
            |rejection| {
                let text = rejection.body_text();
                let problem =
                    Problem::invalid("invalid_query", "地址中的查询参数有误：名称不认识、重复或取值不对。");
                match text.split('`').nth(1) {
                    Some(field) if text.contains("field") => problem.with_field(field),
                    _ => problem,
                }
            },
        )
    }
}

/// A query string as decoded pairs in the order written.
pub struct QueryPairs(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for QueryPairs {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ApiQuery(pairs) = ApiQuery::from_request_parts(parts, state).await?;
        Ok(Self(pairs))
    }
}
