//! The opaque cursor of a list: the sort it belongs to, the sort value and the id of the last record shown.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The sort it was made for.
    pub(super) sort: String,
    /// Stored text of the sort value; none when empty.
    pub(super) key: Option<String>,
    /// Id of the last record.
    pub(super) id: String,
}

impl Cursor {
    pub(super) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(json!([self.sort, self.key, self.id]).to_string())
    }

    /// None when it is not one of ours.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let json: Json = serde_json::from_slice(&bytes).ok()?;
        let [sort, key, id] = json.as_array()?.as_slice() else { return None };
        let id = uuid::Uuid::parse_str(id.as_str()?).ok()?.hyphenated().to_string();
        let key = match key {
            Json::Null => None,
            Json::String(text) if !text.contains('\0') => Some(text.clone()),
            _ => return None,
        };
        Some(Self { sort: sort.as_str()?.to_owned(), key, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_strangers_do_not() {
        let id = "0198c0de-0000-7000-8000-000000000000";
        for key in [None, Some("2026-11-01".to_owned())] {
            let cursor = Cursor { sort: "-pay_time".into(), key, id: id.into() };
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
        let made = |json: Json| URL_SAFE_NO_PAD.encode(json.to_string());
        for bad in [
            String::new(),
            "%%%".into(),
            "bm90IGpzb24".into(),
            made(json!({})),
            made(json!(["a", 1, id])),
            made(json!(["a", "\u{0}", id])),
            made(json!(["a", "b", "1; drop table person"])),
        ] {
            assert_eq!(Cursor::decode(&bad), None, "{bad}");
        }
    }
}
