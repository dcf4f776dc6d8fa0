//! Files as answers: a name that survives Chinese, and no caching of what is personal to a scope. What is large is counted
//! as unread until the last of it has left.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::sql::{Held, Unread};

/// A body and its room.
struct Counted {
    bytes: Vec<u8>,
    /// Given back with the last piece of the body: what waits in a socket's queue keeps the whole.
    _held: Held,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body of an answer of an account; refused while too much is on its way to clients that do not read.
pub fn counted(unread: &Unread, account: &str, bytes: Vec<u8>) -> Result<Bytes, Problem> {
    let held = unread.take(account, bytes.capacity())?;
    Ok(Bytes::from_owner(Counted { bytes, _held: held }))
}

/// A file to be saved under this name.
pub fn file(name: &str, media_type: &str, bytes: impl Into<Body>) -> Response {
    let mut response = bytes.into().into_response();
    let headers = response.headers_mut();
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(name));
    for (header, value) in [(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, &disposition)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(header, value);
        }
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// RFC 5987: everything but unreserved characters as percent and two digits.
fn encoded(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::UnreadBounds;

    #[test]
    fn attack_17_a_body_is_counted_until_its_last_piece_is_gone() {
        let unread = Unread::new(UnreadBounds { per_account: 1_000, all: 1_000 });
        let mut body = counted(&unread, "a", vec![7; 900]).expect("room");
        assert_eq!(counted(&unread, "a", vec![7; 900]).expect_err("no room").code(), "answers_unread");
        let last = body.split_off(890);
        drop(body);
        assert_eq!(unread.held(), 900, "ten bytes in a queue keep the whole");
        assert_eq!(last.as_ref(), [7; 10]);
        drop(last);
        assert_eq!(unread.held(), 0);
    }

    #[test]
    fn names_are_encoded() {
        assert_eq!(encoded("月报_2026-10.pdf"), "%E6%9C%88%E6%8A%A5_2026-10.pdf");
        assert_eq!(encoded("a\"\r\nb"), "a%22%0D%0Ab");
    }
}
