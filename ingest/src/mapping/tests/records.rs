//! NDJSON change feeds with other mess than the given file has.

use super::*;

const OK: &str = "K1 310104 2026-09-06T00:30:00 10.00 v1";

fn line(op: &str, key: &str, version: i64) -> String {
    format!(
        "{{\"op\":\"{op}\",\"trade_no\":\"{key}\",\"version\":{version},\"paid_at\":\"2026-09-05T16:30:00Z\",\"district\":\"310104\",\
         \"merchant\":\"913196107872023385\",\"card\":\"3100386247984683\",\"category\":\"金融\",\"original\":\"12.50\",\"discount\":\"2.5\",\"paid\":\"10.00\"}}\n"
    )
}

fn with(from: &str, to: &str) -> String {
    line("upsert", "K1", 1).replace(from, to)
}

#[test]
fn lines() {
    let good = line("upsert", "K1", 1);
    check("one line", "transit", &good, &format!("in 1 | {OK}"));
    check(
        "with mark and crlf",
        "transit",
        format!("\u{feff}{}\r\n\r\n", good.trim_end()),
        &format!("in 1 | {OK}"),
    );
    check(
        "a truncated last line",
        "transit",
        format!("{good}{}", &line("upsert", "K2", 1)[..50]),
        &format!("in 2 | {OK} | 2 not_json"),
    );
    check(
        "no object",
        "transit",
        format!("{good}[1,2]\n\"x\"\nnull\n"),
        &format!("in 4 | {OK} | 2 not_json | 3 not_json | 4 not_json"),
    );
    check(
        "a key twice",
        "transit",
        format!("{good}{}", with("\"op\"", "\"paid\":\"1\",\"op\"")),
        &format!("in 2 | {OK} | 2 not_json"),
    );
    check(
        "an array",
        "transit",
        format!("[{},\n{}]", good.trim_end(), line("upsert", "K2", 1).trim_end()),
        &format!("in 2 | {OK} | {}", OK.replace("K1", "K2")),
    );
    check(
        "utf-16",
        "transit",
        good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
        &format!("in 1 | {OK}"),
    );
    check("empty object", "transit", format!("{good}{{}}\n"), &format!("in 1 | {OK}"));
    refused("csv", "transit", "a,b\n1,2\n", "wrong_format", &["NDJSON"]);
    refused("html", "transit", "<html></html>", "wrong_format", &["网页"]);
    refused("empty", "transit", "\n", "empty_file", &[]);
    refused(
        "a field nobody sends",
        "transit",
        with("\"card\"", "\"client\""),
        "missing_columns",
        &["优待证号"],
    );
    refused(
        "two names for one field",
        "transit",
        with("\"paid\"", "\"amount\":\"1\",\"paid\""),
        "ambiguous_columns",
        &["实付金额"],
    );
    check(
        "a field one line lacks",
        "transit",
        format!("{good}{}", with("\"card\"", "\"client\"").replace("K1", "K2")),
        &format!("in 2 | {OK} | 2 required_missing"),
    );
    check(
        "a field renamed half way",
        "transit",
        format!("{good}{}", with("\"paid\"", "\"paid_amount\"").replace("K1", "K2")),
        &format!("in 2 | {OK} | {}", OK.replace("K1", "K2")),
    );
}

#[test]
fn numbers_and_nesting() {
    for (name, text) in [
        ("number", with("\"10.00\"", "10.0")),
        ("integer", with("\"10.00\"", "10")),
        ("exponent", with("\"10.00\"", "1.0e1")),
        ("float dust", with("\"10.00\"", "10.000000000000002")),
        ("card as a number below 2^53", with("\"3100386247984683\"", "3100386247984683")),
        ("version as text", with("\"version\":1", "\"version\":\"1\"")),
        ("epoch milliseconds", with("\"2026-09-05T16:30:00Z\"", "1788625800000")),
        ("time without zone is UTC", with("16:30:00Z", "16:30:00")),
        ("district as a number", with("\"310104\"", "310104")),
        (
            "nested",
            with(
                "\"original\":\"12.50\",\"discount\":\"2.5\",\"paid\":\"10.00\"",
                "\"amount\":{\"original\":\"12.50\",\"discount\":\"2.5\",\"paid\":\"10.00\"}",
            ),
        ),
        (
            "nested merchant",
            with(
                "\"merchant\":\"913196107872023385\"",
                "\"merchant\":{\"code\":\"913196107872023385\",\"name\":\"x\"}",
            ),
        ),
        ("name beside the code", with("\"district\"", "\"district_code\":\"310104\",\"district\"")),
        ("unknown keys", with("\"op\"", "\"trace\":{\"id\":1},\"op\"")),
    ] {
        check(name, "transit", text, &format!("in 1 | {OK}"));
    }
    for (name, text, reason) in [
        (
            "merchant beyond 2^53",
            with("\"913196107872023385\"", "913196107872023385"),
            "identifier_lost_precision",
        ),
        (
            "card with exponent",
            with("\"3100386247984683\"", "3.100386247984683e15"),
            "identifier_lost_precision",
        ),
        ("three decimals", with("\"10.00\"", "10.001"), "bad_number"),
        ("a truth for an amount", with("\"10.00\"", "true"), "bad_number"),
        ("an array for an amount", with("\"10.00\"", "[10]"), "bad_number"),
        ("null", with("\"10.00\"", "null"), "required_missing"),
        ("unknown operation", with("upsert", "merge"), "bad_code"),
        ("no operation", with("\"upsert\"", "null"), "required_missing"),
        ("no version", with("\"version\":1", "\"version\":null"), "required_missing"),
    ] {
        check(name, "transit", text, &format!("in 1 | 1 {reason}"));
    }
    refused(
        "before and after of a change",
        "transit",
        format!(
            "{{\"op\":\"u\",\"before\":{0},\"after\":{0}}}\n",
            line("upsert", "K1", 1).trim_end().replace("\"op\":\"upsert\",", "")
        ),
        "ambiguous_columns",
        &[],
    );
}

#[test]
fn changes() {
    let check_changes = |name: &str, changes: &[(&str, i64)], expected: &str| {
        let text: String = changes.iter().map(|(op, version)| line(op, "K1", *version)).collect();
        check(name, "transit", text, expected);
    };
    let v = |n: i64| OK.replace("v1", &format!("v{n}"));
    check_changes("repeated", &[("upsert", 1), ("upsert", 1)], &format!("in 2 | {OK} | merged 1"));
    check_changes("older later", &[("upsert", 2), ("upsert", 1)], &format!("in 2 | {} | merged 1", v(2)));
    check_changes("newer later", &[("upsert", 1), ("upsert", 2)], &format!("in 2 | {OK} | {}", v(2)));
    check_changes("deleted", &[("upsert", 1), ("delete", 2)], &format!("in 2 | {OK} | -K1 v2"));
    check_changes("late after the delete", &[("delete", 2), ("upsert", 1)], "in 2 | -K1 v2 | merged 1");
    check_changes(
        "back again",
        &[("upsert", 1), ("delete", 2), ("upsert", 3)],
        &format!("in 3 | {OK} | -K1 v2 | {}", v(3)),
    );
    check_changes("other words", &[("insert", 1), ("D", 2)], &format!("in 2 | {OK} | -K1 v2"));
    check(
        "a delete says only which record",
        "transit",
        format!("{}{{\"op\":\"delete\",\"trade_no\":\"K1\",\"version\":2}}\n", line("upsert", "K1", 1)),
        &format!("in 2 | {OK} | -K1 v2"),
    );
    check(
        "deletes only",
        "transit",
        "{\"op\":\"delete\",\"trade_no\":\"K1\",\"version\":2}\n",
        "in 1 | -K1 v2",
    );
    check(
        "a delete of nothing",
        "transit",
        format!("{}{{\"op\":\"delete\",\"version\":2}}\n", line("upsert", "K1", 1)),
        &format!("in 2 | {OK} | 2 required_missing"),
    );
    check(
        "without operation and version",
        "transit",
        line("upsert", "K1", 1).replace("\"op\":\"upsert\",", "").replace("\"version\":1,", ""),
        &format!("in 1 | {}", OK.trim_end_matches(" v1")),
    );
}
