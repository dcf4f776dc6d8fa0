//! JSON bodies: wrong media type, broken JSON, unknown keys and wrong types are told apart.

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A request body parsed as JSON.
pub struct ApiJson<T>(pub T);

impl<T, S> FromRequest<S> for ApiJson<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        let bytes = read_body(request, state).await?;
        parse_json(&bytes).map(Self)
    }
}

/// Reads a body whole, within the limit of the route.
pub async fn read_body<S: Send + Sync>(request: Request<Body>, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(inner) if inner.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "内容过大",
                "提交的内容超过上限，请分批提交。",
            )
        }
        _ => Problem::invalid("unreadable_body", "请求内容没有传完整，请重试。"),
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|essence| essence.trim().to_ascii_lowercase())
        .is_some_and(|essence| {
            essence == "application/json"
                || (essence.starts_with("application/") && essence.ends_with("+json"))
        })
}

/// Parses a body that was read by other means.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Serde would take an array for a struct, field by position, and an empty one for a struct of defaults.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Problem::invalid("not_an_object", "请求体应为 JSON 对象 {…}，不是数组。"));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        use serde_json::error::Category;
        match error.classify() {
            Category::Data => data_problem(&error.to_string()),
            _ => Problem::invalid(
                "invalid_json",
                format!(
                    "内容不是有效的 JSON（第 {} 行第 {} 列附近），请检查后重试。",
                    error.line(),
                    error.column()
                ),
            ),
        }
    })
}

/// Serde names the field in backticks and the kinds in English; people get the sentence, programs the field.
fn data_problem(message: &str) -> Problem {
    let named = message.split('`').nth(1).map(str::to_owned);
    let (code, detail) = if message.starts_with("unknown field") {
        ("unknown_field", "有不认识的字段")
    } else if message.starts_with("missing field") {
        ("missing_field", "缺少必填字段")
    } else if message.starts_with("unknown variant") {
        ("unknown_value", "有不认识的取值")
    } else if message.starts_with("duplicate field") {
        ("duplicate_field", "字段重复")
    } else {
        ("wrong_type", "字段的类型或取值不对")
    };
    match named {
        Some(field) if code != "wrong_type" => {
            Problem::invalid(code, format!("{detail}：{field}。")).with_field(field)
        }
        _ => {
            let place = message.rfind(" at line ").map_or("", |at| &message[at + 1..]);
            Problem::invalid(code, format!("{detail}（{place}），请对照接口文档修改。"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only its type matters here")]
        period: String,
    }

    #[test]
    fn each_mistake_has_its_code() {
        let cases: [(&[u8], &str); 8] = [
            (b" []", "not_an_object"),
            (b"{", "invalid_json"),
            (b"", "invalid_json"),
            (b"\xff\xfe", "invalid_json"),
            (br#"{"period":1}"#, "wrong_type"),
            (br#"{"other":"x"}"#, "unknown_field"),
            (b"{}", "missing_field"),
            (br#"{"period":"a","period":"b"}"#, "duplicate_field"),
        ];
        for (bytes, code) in cases {
            let problem = parse_json::<Body>(bytes).expect_err("must be refused");
            assert_eq!(problem.code(), code, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
