//! Cases of whole files through the built-in feeds: what is stored, what is quarantined, what is refused.

mod given;
mod kinds;
mod records;
mod sheets;
mod tables;
mod text_files;
mod text_rows;

use chrono::{NaiveDate, NaiveDateTime};

use super::{MappedFile, Operation, Value, fold, map_file};
use crate::definition::{FeedDefinitions, FileFeed, Source};
use crate::reason::Refusal;

/// The clock of all cases.
fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 22).and_then(|d| d.and_hms_opt(12, 0, 0)).expect("time")
}

fn feed(id: &str) -> FileFeed {
    let feeds = FeedDefinitions::builtin().expect("built-in feeds");
    match &feeds.feed(id).expect("feed").source {
        Source::Files(files) => (**files).clone(),
        Source::Outbox(_) => panic!("{id} takes no files"),
    }
}

fn run(id: &str, bytes: &[u8]) -> Result<MappedFile, Refusal> {
    let feed = feed(id);
    feed.format.read(bytes, &feed.options).and_then(|readings| map_file(&feed, readings, now()))
}

/// The result in words: `in 2 | K1 310104 2026-09-05T10:55:43 385.55 | 3 bad_number`.
fn summary(id: &str, bytes: &[u8]) -> String {
    let feed = feed(id);
    let mapped = match run(id, bytes) {
        Ok(mapped) => mapped,
        Err(refusal) => return format!("refused {}: {}", refusal.reason.as_str(), refusal.detail),
    };
    let mut parts = vec![format!("in {}", mapped.rows_in)];
    let at = |name: &str| feed.fields.iter().position(|f| f.name == name).expect("field");
    let (time, amount) = (at("pay_time"), at("amount"));
    let read = mapped.records.len() + mapped.rejected.len();
    assert_eq!(read, mapped.rows_in, "every row is stored or quarantined");
    let folded = fold(mapped.records);
    for record in folded.rounds.concat() {
        if record.operation == Operation::Delete {
            parts.push(format!("-{} v{}", record.key, record.version));
            continue;
        }
        let shown = |at: usize| match &record.values[at] {
            Some(Value::Time(t)) => t.format("%Y-%m-%dT%H:%M:%S").to_string(),
            Some(Value::Amount(d)) => format!("{d:.2}"),
            other => format!("{other:?}"),
        };
        let version = if record.version == 0 { String::new() } else { format!(" v{}", record.version) };
        parts.push(format!("{} {} {} {}{version}", record.key, record.district, shown(time), shown(amount)));
    }
    if folded.merged > 0 {
        parts.push(format!("merged {}", folded.merged));
    }
    parts.extend(mapped.rejected.iter().map(|r| format!("{} {}", r.number, r.reason.as_str())));
    parts.join(" | ")
}

#[track_caller]
fn check(name: &str, id: &str, bytes: impl AsRef<[u8]>, expected: &str) {
    let got = summary(id, bytes.as_ref());
    assert_eq!(got, expected, "{name}");
}

/// Refused with this reason, the sentence naming all of `words`.
#[track_caller]
fn refused(name: &str, id: &str, bytes: impl AsRef<[u8]>, reason: &str, words: &[&str]) {
    let got = summary(id, bytes.as_ref());
    assert!(got.starts_with(&format!("refused {reason}: ")), "{name}: {got}");
    assert!(words.iter().all(|w| got.contains(w)), "{name}: {got}");
}
