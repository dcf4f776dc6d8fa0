//! The answer a client has already, from `If-None-Match`.

use axum::http::{HeaderMap, header};

/// Whether the client says that it has the answer of this tag. Proxies weaken tags, so weak ones count.
pub fn has_answer(headers: &HeaderMap, tag: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().is_ok_and(|text| text.split(',').any(|one| one.trim().trim_start_matches("W/") == tag))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn tags_of_clients() {
        for (text, expected) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("\"ab\"", false),
            ("a", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(text));
            assert_eq!(has_answer(&headers, "\"a\""), expected, "{text}");
        }
        assert!(!has_answer(&HeaderMap::new(), "\"a\""));
    }
}
