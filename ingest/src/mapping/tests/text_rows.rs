//! CSV with other mess than the given files have: row by row.

use super::text_files::{HEAD, OK, OK2, ROW, ROW2, with};
use super::*;

#[test]
fn damaged_rows() {
    let three = |bad: &str| format!("{HEAD}{ROW}{bad}\n{ROW2}");
    let expect = |reason: &str| format!("{} | 3 {reason}", OK2.replace("in 2", "in 3"));
    check("too few fields", "bank", three("K3,2026/9/5,徐汇区"), &expect("wrong_column_count"));
    check(
        "too many fields",
        "bank",
        three("K3,2026/9/5,徐汇区,9,3100,文旅,1,234.00,0,1,234.00"),
        &expect("wrong_column_count"),
    );
    check(
        "an unclosed quote",
        "bank",
        three("K3,2026/9/5,徐汇区,9,3100,文旅,1,0,\"1"),
        &expect("unclosed_quote"),
    );
    check(
        "an unclosed quote at the front",
        "bank",
        three("\"K3,2026/9/5,徐汇区,9,3100,文旅,1,0,1"),
        &expect("unclosed_quote"),
    );
    check(
        "a truncated last line",
        "bank",
        format!("{HEAD}{ROW}{}", &ROW2[..40]),
        &format!("{} | 3 wrong_column_count", OK.replace("in 1", "in 2")),
    );
    check(
        "a truncated last amount",
        "bank",
        format!("{HEAD}{}", &ROW[..ROW.len() - 3]),
        "in 1 | 2 amounts_do_not_add_up",
    );
    check(
        "a line break inside quotes",
        "hospital",
        format!("{},remark\n{},\"家属\n陪同\"\n", HEAD.trim_end(), ROW.trim_end()),
        OK,
    );
    check("a nul byte", "bank", with(8, "38\u{0}5.55"), "in 1 | 2 bad_number");
    check(
        "fewer fields and no district",
        "bank",
        format!("{HEAD}K1,2026/9/5,,,\n"),
        "in 1 | 2 wrong_column_count",
    );
}

#[test]
fn values() {
    for (value, expected) in [
        ("\"3,588.80\"", "bad"),
        ("385.550", "ok"),
        ("￥385.55", "ok"),
        ("385.55元", "ok"),
        ("３８５．５５", "ok"),
        ("3.8555E2", "ok"),
        ("385.555", "bad_number"),
        ("免费", "bad_number"),
        ("-385.55", "negative_amount"),
        ("(385.55)", "negative_amount"),
        ("385.54", "amounts_do_not_add_up"),
        ("", "required_missing"),
        ("NULL", "required_missing"),
        ("385，55", "bad_number"),
    ] {
        let expected = match expected {
            "ok" => OK.to_owned(),
            "bad" => "in 1 | 2 amounts_do_not_add_up".to_owned(),
            reason => format!("in 1 | 2 {reason}"),
        };
        check(value, "bank", with(8, value), &expected);
    }
    for (value, reason) in [
        ("3.10012E+15", "identifier_lost_precision"),
        ("3100608965573510.0", "identifier_lost_precision"),
        ("", "required_missing"),
        ("3100****3510", "bad_code"),
    ] {
        check(value, "bank", with(4, value), &format!("in 1 | 2 {reason}"));
    }
    check("a full-width card number", "bank", with(4, "３１００６０８９６５５７３５１０"), OK);
    check("a card number kept as text", "bank", with(4, "=\"3100608965573510\""), OK);
    for (value, reason) in [
        ("2026/9/31 10:00:00", "bad_time"),
        ("2026-09-05 24:00:00", "bad_time"),
        ("昨天", "bad_time"),
        ("", "required_missing"),
        ("2035/9/5 10:55:43", "time_in_future"),
        ("2026-11-22 12:30:00", "time_in_future"),
        ("9/5/2026", "bad_time"),
    ] {
        check(value, "bank", with(1, value), &format!("in 1 | 2 {reason}"));
    }
    for value in [
        "2026-09-05T10:55:43+08:00",
        "2026-09-05T02:55:43Z",
        "20260905105543",
        "1788576943000",
        "2026年9月5日 上午10:55:43",
    ] {
        check(value, "bank", with(1, value), OK);
    }
    check(
        "utc in the header",
        "bank",
        format!("{HEAD}{ROW}").replace("交易时间", "交易时间(UTC)").replace("10:55", "02:55"),
        OK,
    );
    for (value, reason) in [
        ("市级", "unknown_district"),
        ("全市", "unknown_district"),
        ("未知区", "unknown_district"),
        ("", "required_missing"),
        ("苏州市", "unknown_district"),
        ("310000", "unknown_district"),
    ] {
        check(value, "bank", with(2, value), &format!("in 1 | 2 {reason}"));
    }
    for (value, reason) in [("其他", "bad_code"), ("", "required_missing"), ("旅游", "bad_code")] {
        check(value, "bank", with(5, value), &format!("in 1 | 2 {reason}"));
    }
    check(
        "the first reason in the contract's order",
        "bank",
        format!(
            "{HEAD}K1,昨天,未知区,913157614035081808,,其他,1,0,免费\nK2,昨天,未知区,913157614035081808,3.1E+15,其他,1,0,免费\n\
                 K3,昨天,未知区,913157614035081808,3100608965573510,其他,1,0,免费\nK4,2035/1/1,未知区,913157614035081808,3100608965573510,其他,-1,0,5\n\
                 K5,2035/1/1,未知区,913157614035081808,3100608965573510,文旅,-1,0,5\nK6,2035/1/1,未知区,913157614035081808,3100608965573510,文旅,1,0,5\n"
        ),
        "in 6 | 2 required_missing | 3 identifier_lost_precision | 4 bad_time | 5 bad_code | 6 negative_amount | 7 time_in_future",
    );
}

#[test]
fn places_and_modes() {
    let head = "流水号,时间,经度,纬度,信用代码,证号,类别,原价,优惠,实付,优待方式\n";
    let row = |x: &str, y: &str, mode: &str| {
        format!(
            "{head}K1,2026/9/5 10:55:43,{x},{y},913157614035081808,3100608965573510,文旅,494.30,108.75,385.55,{mode}\n"
        )
    };
    check("by coordinates", "bank", row("121.4365", "31.1880", "主扫"), OK);
    check("outside", "bank", row("120.62", "31.30", ""), "in 1 | 2 unknown_district");
    check("swapped", "bank", row("31.1880", "121.4365", ""), "in 1 | 2 unknown_district");
    check("no number", "bank", row("东", "31.1880", ""), "in 1 | 2 bad_number");
    check("nowhere", "bank", row("", "", ""), "in 1 | 2 required_missing");
    check("unknown mode", "bank", row("121.4365", "31.1880", "刷脸"), "in 1 | 2 bad_code");
}

#[test]
fn repeated_rows_and_versions() {
    check(
        "the same row again",
        "bank",
        format!("{HEAD}{ROW}{ROW2}{ROW}"),
        &format!("{} | merged 1", OK2.replace("in 2", "in 3")),
    );
    let versions = format!("{},版本号\n{},2\n{},1\n", HEAD.trim_end(), ROW.trim_end(), ROW.trim_end());
    check(
        "an older version later",
        "bank",
        versions,
        "in 2 | K1 310104 2026-09-05T10:55:43 385.55 v2 | merged 1",
    );
    check(
        "a version that is none",
        "bank",
        format!("{},版本号\n{},x\n", HEAD.trim_end(), ROW.trim_end()),
        "in 1 | 2 bad_number",
    );
}
