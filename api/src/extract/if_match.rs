//! The row version a caller saw, from `If-Match`.

use axum::http::{HeaderMap, header};

use crate::problem::Problem;

/// The version of `If-Match`; none when the header is not there, which only the store can judge: a record out of
/// scope must answer like one that does not exist, with or without the header.
pub fn seen_version(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let version = value.to_str().ok().and_then(parse);
    let wrong =
        || Problem::invalid("invalid_if_match", "If-Match 请求头应为读取时得到的版本号，例如 \"3\"。");
    version.map(Some).ok_or_else(wrong)
}

/// Accepts `"3"`, `W/"3"` and `3`: proxies weaken tags and scripts forget quotes.
fn parse(value: &str) -> Option<i64> {
    let value = value.trim();
    let value = value.strip_prefix("W/").unwrap_or(value);
    value.trim_matches('"').parse().ok().filter(|version: &i64| *version > 0)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn tags_and_numbers() {
        for (text, want) in [
            ("\"3\"", Some(3)),
            ("W/\"12\"", Some(12)),
            ("7", Some(7)),
            ("\"0\"", None),
            ("-1", None),
            ("abc", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(parse(text), want, "{text}");
        }
    }
}
