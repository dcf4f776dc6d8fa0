//! The one shape every refused request gets: RFC 9457 problem+json with a stable `code`.
//! Knows nothing of the other crates' errors; `rooms.rs` turns those into problems.

mod rooms;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of every error body.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One thing wrong with one field of a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Name of the field as the caller wrote it.
    pub field: String,
    /// Stable code for programs.
    pub code: String,
    /// What to do, in Chinese.
    pub message: String,
}

/// Body of an error answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Identifier of the kind of problem, derived from `code`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short name of the problem, in Chinese.
    pub title: String,
    /// The HTTP status, repeated for people who only see the body.
    pub status: u16,
    /// Stable code for programs.
    pub code: String,
    /// What happened and what to do next, in Chinese.
    pub detail: String,
    /// The one field at fault, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// All fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// A refused request on its way out; boxed, because every handler's result has room for one.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    status: StatusCode,
    code: String,
    title: String,
    detail: String,
    field: Option<String>,
    errors: Vec<FieldProblem>,
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem with everything said; prefer the named constructors.
    pub fn new(status: StatusCode, code: impl Into<String>, title: &str, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            code: code.into(),
            title: title.to_owned(),
            detail: detail.into(),
            field: None,
            errors: Vec::new(),
            retry_after: None,
        }))
    }

    /// 400: the request cannot be understood.
    pub fn invalid(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "请求有误", detail)
    }

    /// 401: nobody, or nobody any more.
    pub fn unauthenticated(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, "请先登录", detail)
    }

    /// 403: known, but without the right.
    pub fn forbidden(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, "没有权限", detail)
    }

    /// 404, said the same way whether the thing does not exist or is out of scope.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "未找到",
            "没有这项内容，或不在您的数据权限内。请核对后再试。",
        )
    }

    /// 404 for a path no route answers.
    pub fn no_such_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_route",
            "地址不存在",
            "没有这个接口地址，请查看 /api/v1/openapi.json。",
        )
    }

    /// 405 for a known path with another method.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "请求方法不支持",
            "这个地址不支持该请求方法，请查看 /api/v1/openapi.json。",
        )
    }

    /// 409: true, but not now.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, "状态冲突", detail)
    }

    /// 412: somebody else was faster.
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "version_conflict", "内容已被他人修改", detail)
    }

    /// 428: an update without `If-Match` could overwrite what the caller never saw.
    pub fn precondition_required() -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "if_match_required",
            "缺少版本号",
            "修改时请在 If-Match 请求头中带上读取时得到的版本号。",
        )
    }

    /// 413: more than the server takes in one piece.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "内容过大",
            format!("一次最多接收 {} KiB，请分批提交。", limit / 1024),
        )
    }

    /// 415: a body in a form the route does not read.
    pub fn unsupported_media_type(expected: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "内容类型不支持",
            format!("请使用 Content-Type: {expected}。"),
        )
    }

    /// 503: come back later.
    pub fn unavailable(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, "服务暂不可用", detail)
    }

    /// 503: nothing can be stored until somebody makes room.
    pub fn disk_full() -> Self {
        Self::unavailable(
            "disk_full",
            "磁盘空间不足，暂时不能保存；请联系管理员清理磁盘后重试，已有数据不受影响。",
        )
        .with_retry_after(30)
    }

    /// 500: our fault. The cause goes to the log only, with a number people can quote.
    pub fn internal(operation: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        let incident = uuid::Uuid::now_v7();
        tracing::error!(incident = %incident, operation, error = %chain(cause), "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "服务器内部错误",
            format!("系统出错，请稍后重试；如仍失败，请把编号 {incident} 告诉管理员。"),
        )
    }

    /// Names the one field at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Lists every field at fault.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldProblem>) -> Self {
        if self.0.field.is_none() && errors.len() == 1 {
            self.0.field = errors.first().map(|error| error.field.clone());
        }
        self.0.errors = errors;
        self
    }

    /// Says after how many seconds to try again.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What happened and what to do next.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let parts = *self.0;
        let body = ProblemBody {
            kind: format!("urn:pujiang:problem:{}", parts.code),
            title: parts.title,
            status: parts.status.as_u16(),
            code: parts.code,
            detail: parts.detail,
            field: parts.field,
            errors: parts.errors,
        };
        // The body holds only strings and numbers: serialising it cannot fail.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (parts.status, bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if parts.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = parts.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The whole chain of causes on one line, for the log.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
