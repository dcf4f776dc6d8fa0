//! Takes out of an answer what differs between two servers without telling anything: random ids and measured times.

/// The text with UUIDs, durations, sizes of memory and ports made equal.
pub fn blur(text: &str) -> String {
    let text = without_ids(text);
    let mut blurred = String::with_capacity(text.len());
    let mut rest = text.as_str();
    // `name=value` of a plan whose name speaks of time or memory: the value runs to the next comma, bracket or blank.
    while let Some(at) = rest.find('=') {
        let (before, after) = rest.split_at(at);
        let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        blurred.push_str(before);
        blurred.push('=');
        rest = &after[1..];
        if ["time", "elapsed", "compute", "mem", "duration"].iter().any(|word| name.contains(word)) {
            let end = rest.find([',', ']', ' ', ')', '\n', '"']).unwrap_or(rest.len());
            blurred.push('~');
            rest = &rest[end..];
        }
    }
    blurred.push_str(rest);
    blurred
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
    assert_eq!(blur(plan), "metrics=[output_rows=40, elapsed_compute=~, time_opening=~] rows=7");
    assert_eq!(blur("a = 1 and b=2"), "a = 1 and b=2");
}
