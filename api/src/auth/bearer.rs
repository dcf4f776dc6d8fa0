//! The token of a request.

use axum::http::{HeaderMap, header};

use crate::problem::Problem;

/// Longest text that can be a token; longer ones need no hashing.
const LONGEST: usize = 200;

/// The token of `Authorization: Bearer …`.
pub fn bearer_token(headers: &HeaderMap) -> Result<&str, Problem> {
    let missing = || Problem::unauthenticated("unauthenticated", "请先登录后再操作。");
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let text = value.to_str().map_err(|_| missing())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(missing)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > LONGEST {
        return Err(missing());
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_bearer_token_counts() {
        for (text, want) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("Bearer ", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(text));
            assert_eq!(bearer_token(&headers).ok(), want, "{text}");
        }
        assert!(bearer_token(&HeaderMap::new()).is_err());
    }
}
