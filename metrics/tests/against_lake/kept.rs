//! What a keeper of answers promises: nothing is shared between accesses, equal questions are computed once, bytes are
//! bounded, failures are not kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use pujiang_metrics::kept::{Kept, KeptKey, Weigh};
use pujiang_security::Assignment;
use pujiang_warehouse::Door;

use super::lake::{TempLake, as_role, principal};

struct Text(String);

impl Weigh for Text {
    fn bytes(&self) -> usize {
        self.0.len()
    }
}

async fn door() -> (TempLake, Door) {
    let lake = TempLake::with(&BTreeMap::new()).await;
    let door = lake.door();
    (lake, door)
}

fn key(door: &Door, scope: &str, version: &str) -> KeptKey {
    KeptKey::new(&door.fingerprint(&principal(scope)), version, "q".into(), NaiveDate::default())
}

fn text(bytes: usize) -> Text {
    Text("x".repeat(bytes))
}

#[tokio::test]
async fn equal_questions_at_the_same_time_are_computed_once() {
    let (_lake, door) = door().await;
    let (kept, computed) = (Kept::new(1 << 20), AtomicUsize::new(0));
    let ask = || {
        kept.answer(key(&door, "city", "t@1"), async {
            computed.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok::<_, ()>(text(1))
        })
    };
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    assert!(ask().await.is_ok());
    assert_eq!(computed.load(Ordering::SeqCst), 1);
    let figures = kept.figures();
    assert_eq!((figures.hits, figures.joined, figures.misses), (1, 2, 1));
}

#[tokio::test]
async fn another_access_or_version_is_another_answer() {
    let (_lake, door) = door().await;
    let kept = Kept::new(1 << 20);
    for (place, key) in [key(&door, "city", "t@1"), key(&door, "310104", "t@1"), key(&door, "310104", "t@2")]
        .into_iter()
        .enumerate()
    {
        let answer = kept.answer(key, async { Ok::<_, ()>(text(place + 1)) }).await;
        assert_eq!(answer.map(|answer| answer.0.len()), Ok(place + 1));
    }
    assert_ne!(key(&door, "city", "t@1").tag(), key(&door, "310104", "t@1").tag());
    assert_eq!(key(&door, "city", "t@1").tag(), key(&door, "city", "t@1").tag());
}

#[tokio::test]
async fn bytes_are_bounded_and_the_used_stays() {
    let (_lake, door) = door().await;
    let kept = Kept::new(20_000);
    for version in 0..100 {
        let fresh = key(&door, "city", &format!("t@{version}"));
        assert!(kept.answer(fresh, async { Ok::<_, ()>(text(1_000)) }).await.is_ok());
        // Asked for all the time, so never the longest unused.
        let favourite = kept.answer(key(&door, "city", "t@0"), async { Err(()) }).await;
        assert!(favourite.is_ok(), "{version}");
    }
    let figures = kept.figures();
    assert!(figures.bytes <= 20_000 && figures.entries < 20, "{figures:?}");
    assert_eq!(figures.evicted as usize + figures.entries, 100, "{figures:?}");
    // One that is larger than all the room is answered and not kept.
    assert!(kept.answer(key(&door, "city", "big"), async { Ok::<_, ()>(text(30_000)) }).await.is_ok());
    assert!(kept.figures().bytes <= 20_000);
}

#[tokio::test]
async fn attack_14_answers_of_older_data_go() {
    let (_lake, door) = door().await;
    let kept = Kept::new(1 << 20);
    for version in ["t@1", "t@2", "t@2,u@5", "t@2,u@4"] {
        assert!(kept.answer(key(&door, "city", version), async { Ok::<_, ()>(text(1_000)) }).await.is_ok());
    }
    let full = kept.figures();
    kept.forget_older(&BTreeMap::from([("t".to_owned(), 2), ("u".to_owned(), 5)]));
    let left = kept.figures();
    assert_eq!((left.entries, left.evicted), (2, 0));
    assert!(left.bytes > 2_000 && left.bytes < full.bytes - 2_000, "{left:?}");
    for version in ["t@2", "t@2,u@5"] {
        assert!(kept.answer(key(&door, "city", version), async { Err(()) }).await.is_ok(), "{version}");
    }
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let (_lake, door) = door().await;
    let kept = Kept::new(1 << 20);
    assert!(kept.answer(key(&door, "city", "t@1"), async { Err(()) }).await.is_err());
    assert!(kept.answer(key(&door, "city", "t@1"), async { Ok::<_, ()>(text(1)) }).await.is_ok());
}

#[tokio::test]
async fn other_roles_with_the_same_rows_share_only_what_both_see() {
    let (_lake, door) = door().await;
    let district = || vec![Assignment::parse("310104").unwrap()];
    let clerk = door.fingerprint(&as_role("district_clerk", district()));
    assert_eq!(clerk, door.fingerprint(&principal("310104")));
    assert_ne!(clerk, door.fingerprint(&principal("310104+310105")));
    assert_ne!(clerk, door.fingerprint(&principal("street:310104003")));
}
