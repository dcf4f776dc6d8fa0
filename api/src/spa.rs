//! The web application out of the binary: files by path, `index.html` for every address of the portal.
//! Knows nothing of what the application does.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::Problem;

const INDEX: &str = "index.html";

/// Names under this folder carry a hash of their content.
const HASHED: &str = "assets/";

#[derive(RustEmbed)]
#[folder = "../dashboards/dist/"]
#[allow_missing = true]
struct Web;

/// Answers everything no route answers: web files, pages of the portal, or a problem.
pub async fn get_web(request: Request) -> Response {
    let path = request.uri().path();
    if is_program_address(path) {
        return Problem::no_such_route().into_response();
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Problem::method_not_allowed().into_response();
    }
    let name = path.trim_start_matches('/');
    let exact = if name.is_empty() || name.contains("..") { None } else { Web::get(name) };
    match exact {
        Some(file) => answer(name, file, &request),
        // A missing asset must not come back as a page: the browser would run HTML as a script.
        None if name.starts_with(HASHED) => Problem::not_found().into_response(),
        None => match Web::get(INDEX) {
            Some(file) => answer(INDEX, file, &request),
            None => Problem::new(
                StatusCode::NOT_FOUND,
                "web_not_built",
                "网页尚未构建",
                "程序中没有网页文件，请运行 make web 后重新编译；接口 /api/v1 可正常使用。",
            )
            .into_response(),
        },
    }
}

/// Addresses programs ask: they want a problem, not a page.
fn is_program_address(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

fn answer(name: &str, file: EmbeddedFile, request: &Request) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let cache = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.into_owned()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Ok(kind) = HeaderValue::from_str(media_type(name, file.metadata.mimetype())) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// Texts say their encoding: some browsers guess GBK for a Chinese machine.
fn media_type<'a>(name: &str, guessed: &'a str) -> &'a str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        _ => guessed,
    }
}
