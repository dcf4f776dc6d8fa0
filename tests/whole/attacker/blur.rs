//! Takes out of an answer what differs between two servers without telling anything: random ids and measured times.

use regex::{Captures, Regex};

/// The text with ids, times and sizes of memory made equal, and the measurements of each operator in one order: which
/// partition measured first is chance.
pub fn blur(text: &str) -> String {
    let pattern = |pattern: &str| Regex::new(pattern).expect("a pattern");
    let text = without_ids(text);
    let text = pattern(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ UTC").replace_all(&text, "~");
    // When the data was written, which is told of the whole table.
    let text = pattern(r#""data_time":"[^"]*""#).replace_all(&text, "\"data_time\":~");
    let text = pattern(r"\b\d+(\.\d+)?(ns|µs|ms|s)\b").replace_all(&text, "~");
    // A name that speaks of time or memory, perhaps with labels in braces; the value runs to the next separator.
    let measured = pattern(
        r#"((?:\w*(?:time|elapsed|compute|mem|duration)\w*)(?:\{[^}]*\})?=)[^,\]) \n"]+( [KMG]?B\b)?"#,
    );
    let text = measured.replace_all(&text, "$1~");
    let metrics = pattern(r"metrics=\[([^\]]*)\]");
    let sorted = metrics.replace_all(&text, |found: &Captures<'_>| {
        let mut parts: Vec<&str> = found[1].split(", ").collect();
        parts.sort_unstable();
        format!("metrics=[{}]", parts.join(", "))
    });
    sorted.into_owned()
}

/// Every UUID becomes the same.
fn without_ids(text: &str) -> String {
    // With hyphens, and without them as in the names of data files.
    const LENGTHS: [usize; 2] = [36, 32];
    let is_id = |part: &str| {
        part.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 if part.len() == LENGTHS[0] => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(length) = LENGTHS.into_iter().find(|length| rest.get(..*length).is_some_and(is_id)) {
            clean.push_str("ID");
            rest = &rest[length..];
        } else {
            let next = rest.char_indices().nth(1).map_or(rest.len(), |(at, _)| at);
            clean.push_str(&rest[..next]);
            rest = &rest[next..];
        }
    }
    clean
}

#[test]
fn only_what_tells_nothing_is_taken_out() {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(blur(&format!("file {id}.parquet, 徐汇 {id}")), "file ID.parquet, 徐汇 ID");
    assert_eq!(blur("part-01a20256858477a9b6e5fcb5062ec035.parquet"), "part-ID.parquet");
    let plan = "metrics=[output_rows=40, elapsed_compute=12.3µs, time_opening=1ms] rows=7";
    assert_eq!(blur(plan), "metrics=[elapsed_compute=~, output_rows=40, time_opening=~] rows=7");
    let verbose = "metrics=[start_timestamp{partition=1}=2026-11-22 08:28:58.399147049 UTC, \
        expr_0_eval_time{partition=0, expr=40 AS count(*)}=1.61µs, output_rows{partition=0}=4] Duration|590.847µs";
    let blurred = blur(verbose);
    assert!(
        !blurred.contains("08:28")
            && !blurred.contains("µs")
            && blurred.contains("output_rows{partition=0}=4")
    );
    assert_eq!(blur("a = 1 and b=2"), "a = 1 and b=2");
}
