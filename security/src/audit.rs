//! The hash chain of the audit log: each entry's SM3 covers the one before it, so a change, a removal or an insertion
//! anywhere breaks every later link. Storage is `transactional::audit`.

use serde_json::Value;
use sm3::{Digest, Sm3};

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One stored entry as `verify` reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its place in the log.
    pub seq: i64,
    /// What the entry says it follows.
    pub prev_hash: String,
    /// The entry as canonical JSON.
    pub content: String,
    /// The stored hash.
    pub hash: String,
}

/// Where a chain stops being true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("审计链在第 {seq} 条断开：{reason}")]
pub struct ChainBroken {
    /// The first entry that does not fit.
    pub seq: i64,
    /// What does not fit.
    pub reason: &'static str,
}

/// Hash of an entry that follows `prev_hash`.
pub fn link(prev_hash: &str, content: &str) -> String {
    let mut hasher = Sm3::new();
    hasher.update(prev_hash.as_bytes());
    // The separator keeps (prev, content) pairs apart that would concatenate to the same bytes.
    hasher.update(b"\n");
    hasher.update(content.as_bytes());
    hex::encode(hasher.finalize())
}

/// JSON text with sorted keys, so that storing and reading back cannot change the hash.
pub fn canonical(value: &Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            Value::Object(entries.into_iter().map(|(k, v)| (k.clone(), sorted(v))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// Checks a chain piece by piece, so that a long log need not be in memory.
#[derive(Clone, Debug)]
pub struct Verifier {
    expected_prev: String,
    expected_seq: Option<i64>,
    checked: u64,
}

impl Verifier {
    /// Starts at the first entry of the log.
    pub fn new() -> Self {
        Self { expected_prev: GENESIS.to_owned(), expected_seq: Some(1), checked: 0 }
    }

    /// Checks the next entry.
    pub fn check(&mut self, entry: &Link) -> Result<(), ChainBroken> {
        let broken = |reason| Err(ChainBroken { seq: entry.seq, reason });
        if self.expected_seq.is_some_and(|seq| seq != entry.seq) {
            return broken("序号不连续，有记录被删除或插入");
        }
        if entry.prev_hash != self.expected_prev {
            return broken("与前一条不相连");
        }
        if link(&entry.prev_hash, &entry.content) != entry.hash {
            return broken("内容被改动");
        }
        self.expected_prev.clone_from(&entry.hash);
        self.expected_seq = Some(entry.seq + 1);
        self.checked += 1;
        Ok(())
    }

    /// Entries found good so far.
    pub fn checked(&self) -> u64 {
        self.checked
    }

    /// Hash of the last good entry; two copies of a log that end in the same hash are equal.
    pub fn head(&self) -> &str {
        &self.expected_prev
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

/// Checks a whole chain; the number of entries when it holds.
pub fn verify(entries: impl IntoIterator<Item = Link>) -> Result<u64, ChainBroken> {
    let mut verifier = Verifier::new();
    for entry in entries {
        verifier.check(&entry)?;
    }
    Ok(verifier.checked())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chain(n: i64) -> Vec<Link> {
        let mut prev = GENESIS.to_owned();
        (1..=n)
            .map(|seq| {
                let content = canonical(&json!({"seq": seq, "action": "create"}));
                let hash = link(&prev, &content);
                let entry = Link { seq, prev_hash: prev.clone(), content, hash: hash.clone() };
                prev = hash;
                entry
            })
            .collect()
    }

    #[test]
    fn sm3_standard_vectors() {
        // GB/T 32905-2016, appendix A.
        assert_eq!(
            hex::encode(Sm3::digest(b"abc")),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert_eq!(
            hex::encode(Sm3::digest("abcd".repeat(16))),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
        );
    }

    #[test]
    fn whole_chain_holds() {
        assert_eq!(verify(chain(5)), Ok(5));
        assert_eq!(verify(vec![]), Ok(0));
    }

    #[test]
    fn every_kind_of_tampering_is_found() {
        type Tamper = fn(&mut Vec<Link>);
        let cases: [(Tamper, i64); 6] = [
            (|c| c[2].content = c[2].content.replace("create", "delete"), 3),
            (|c| c[2].hash = link("x", "y"), 3),
            (|c| drop(c.remove(2)), 4),
            (|c| drop(c.remove(0)), 2),
            (|c| c.swap(1, 2), 3),
            (
                // A rewritten entry with a matching own hash still breaks the next one.
                |c| {
                    c[2].content = "{}".into();
                    c[2].hash = link(&c[2].prev_hash, "{}");
                },
                4,
            ),
        ];
        for (i, (tamper, seq)) in cases.into_iter().enumerate() {
            let mut entries = chain(5);
            tamper(&mut entries);
            assert_eq!(verify(entries).map_err(|e| e.seq), Err(seq), "case {i}");
        }
    }

    #[test]
    fn canonical_sorts_deeply() {
        assert_eq!(
            canonical(&json!({"b": [{"d": 1, "c": "中"}], "a": null})),
            r#"{"a":null,"b":[{"c":"中","d":1}]}"#
        );
    }
}
