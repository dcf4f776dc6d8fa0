//! CSV with other mess than the given files have.

use encoding_rs::GB18030;

use super::*;

const HEAD: &str =
    "交易流水号,交易时间,行政区,商户统一社会信用代码,优待证号,服务类别,原价(元),优惠金额(元),实付金额(元)\n";
const ROW: &str =
    "K1,2026/9/5 10:55:43,徐汇区,913157614035081808,3100608965573510,文旅,494.30,108.75,385.55\n";
const ROW2: &str = "K2,2026/9/6 10:55:43,黄浦区,913157614035081808,3100608965573511,购物,10,0,10\n";
const OK: &str = "in 1 | K1 310104 2026-09-05T10:55:43 385.55";
const OK2: &str = "in 2 | K1 310104 2026-09-05T10:55:43 385.55 | K2 310101 2026-09-06T10:55:43 10.00";

/// The row with one field replaced; fields from 0.
fn with(field: usize, value: &str) -> String {
    let mut fields: Vec<&str> = ROW.trim_end().split(',').collect();
    fields[field] = value;
    format!("{HEAD}{}\n", fields.join(","))
}

#[test]
fn order_names_and_number_of_columns() {
    check("as given", "bank", format!("{HEAD}{ROW}"), OK);
    check(
        "other order, unknown columns",
        "bank",
        "操作员,实付金额,优惠金额,原价,服务类别,优待证号,商户统一社会信用代码,行政区,备注,交易时间,交易流水号\n\
         张,385.55,108.75,494.30,文旅,3100608965573510,913157614035081808,徐汇区,好,2026/9/5 10:55:43,K1\n",
        OK,
    );
    check(
        "plausible synonyms",
        "bank",
        "流水号,支付时间,所属区,统一社会信用代码,卡号,业务类别,应付金额（元）,优惠减免,实付款\n\
         K1,2026/9/5 10:55:43,徐汇,913157614035081808,3100608965573510,文旅,494.30,108.75,385.55\n",
        OK,
    );
    check(
        "english names",
        "bank",
        "trade_no,paid_at,district,merchant,card,category,original,discount,paid\n\
         K1,2026/9/5 10:55:43,310104,913157614035081808,3100608965573510,文旅,494.30,108.75,385.55\n",
        OK,
    );
    check(
        "camel case",
        "hospital",
        "tradeNo,paidAt,districtCode,merchant,card,category,originalAmount,discountAmount,paidAmount\n\
         K1,2026/9/5 10:55:43,310104,913157614035081808,3100608965573510,文旅,494.30,108.75,385.55\n",
        OK,
    );
    check(
        "name and code of the district",
        "bank",
        format!("{},行政区代码\n{},310104\n", HEAD.trim_end(), ROW.trim_end()),
        OK,
    );
    check(
        "title rows above",
        "bank",
        format!("9月优待交易明细,,,,,,,,\n单位：元,,,,,,,,\n\n{HEAD}{ROW}"),
        OK,
    );
    check("title rows of one field", "bank", format!("9月优待交易明细\n制表：张三\n{HEAD}{ROW}"), OK);
    check(
        "two levels",
        "bank",
        "流水号,时间,所在区,商户,,优待证号,金额,,\n,,,信用代码,类别,,原价,优惠,实付\n\
         K1,2026/9/5 10:55:43,徐汇区,913157614035081808,文旅,3100608965573510,494.30,108.75,385.55\n",
        OK,
    );
    check(
        "groups over the word amount",
        "bank",
        "流水号,时间,区,信用代码,证号,类别,原价,优惠,实付\n,,,,,,金额,金额,金额\n\
         K1,2026/9/5 10:55:43,徐汇区,913157614035081808,3100608965573510,文旅,494.30,108.75,385.55\n",
        OK,
    );
    check(
        "one cell per group and part",
        "bank",
        "流水号,时间,区,信用代码,证号,类别,金额/原价,金额/优惠,金额/实付\n\
         K1,2026/9/5 10:55:43,徐汇区,913157614035081808,3100608965573510,文旅,494.30,108.75,385.55\n",
        OK,
    );
    check("header again on the next page", "bank", format!("{HEAD}{ROW}{HEAD}{ROW2}"), OK2);
    check(
        "every row ends with a delimiter",
        "bank",
        format!("{HEAD}{},\n{},\n", ROW.trim_end(), ROW2.trim_end()),
        OK2,
    );
    check(
        "amount under its general name",
        "bank",
        format!("{HEAD}{ROW}").replace("实付金额(元)", "交易金额"),
        OK,
    );
}

#[test]
fn units() {
    let cents = "K1,2026/9/5 10:55:43,徐汇区,913157614035081808,3100608965573510,文旅,49430,10875,38555\n";
    check(
        "cents in the header",
        "bank",
        format!("{}{cents}", HEAD.replace("(元)", "(分)").replace("原价,", "原价(分),")),
        OK,
    );
    check("cents above the header", "bank", format!("单位：分\n{}{cents}", HEAD.replace("(元)", "")), OK);
    let wan =
        "K1,2026/9/5 10:55:43,徐汇区,913157614035081808,3100608965573510,文旅,0.04943,0.010875,0.038555\n";
    check("ten thousands", "bank", format!("{}{wan}", HEAD.replace("(元)", "（万元）")), OK);
    refused(
        "dollars",
        "bank",
        format!("金额单位：美元\n{}{ROW}", HEAD.replace("(元)", "")),
        "unknown_unit",
        &["美元"],
    );
}

#[test]
fn refused_files() {
    refused("empty", "bank", "", "empty_file", &[]);
    refused("only a mark and line ends", "bank", "\u{feff}\r\n\r\n", "empty_file", &[]);
    check("header only", "bank", HEAD, "in 0");
    refused("other header", "bank", "姓名,年龄\n张三,30\n", "missing_columns", &["交易流水号", "实付金额"]);
    refused(
        "one column gone",
        "bank",
        format!("{HEAD}{ROW}").replace("优待证号", "客户"),
        "missing_columns",
        &["优待证号"],
    );
    refused("no header at all", "bank", format!("{ROW}{ROW2}"), "missing_columns", &["交易流水号"]);
    refused(
        "two columns for one field",
        "bank",
        format!("{},实付\n{},385.55\n", HEAD.trim_end(), ROW.trim_end()),
        "ambiguous_columns",
        &["实付金额", "实付"],
    );
    refused(
        "the same header twice",
        "bank",
        format!("{},交易流水号\n{},K1\n", HEAD.trim_end(), ROW.trim_end()),
        "ambiguous_columns",
        &["交易流水号"],
    );
    refused("login page", "bank", "<!DOCTYPE html><html><body>登录</body></html>", "wrong_format", &["网页"]);
    refused("pdf", "bank", "%PDF-1.7\n...", "wrong_format", &["PDF"]);
    refused("zip", "bank", b"PK\x03\x04\x14\x00", "wrong_format", &["压缩包"]);
    refused("parquet", "bank", b"PAR1....PAR1", "wrong_format", &["Parquet"]);
    refused("json", "bank", "{\"trade_no\":\"K1\"}\n", "missing_columns", &[]);
    refused("csv to the workbook feed", "tourism", format!("{HEAD}{ROW}"), "wrong_format", &["XLSX"]);
    refused("nul bytes", "bank", [0u8; 300], "missing_columns", &[]);
}

#[test]
fn encodings_and_line_ends() {
    let file = format!("{HEAD}{ROW}{ROW2}");
    let utf16 = |mark: &[u8], le: bool| -> Vec<u8> {
        let units = file.encode_utf16().flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() });
        mark.iter().copied().chain(units).collect()
    };
    check("utf-8", "bank", &file, OK2);
    check("utf-8 with mark", "bank", format!("\u{feff}{file}"), OK2);
    check("gb18030", "bank", GB18030.encode(&file).0, OK2);
    check("gb18030 to another feed", "hospital", GB18030.encode(&file).0, OK2);
    check("utf-16 le", "bank", utf16(b"\xff\xfe", true), OK2);
    check("utf-16 be", "bank", utf16(b"\xfe\xff", false), OK2);
    check("utf-16 without mark", "bank", utf16(b"", true), OK2);
    check("crlf", "bank", file.replace('\n', "\r\n"), OK2);
    check("lone cr", "bank", file.replace('\n', "\r"), OK2);
    check("mixed line ends", "bank", file.replacen('\n', "\r\n", 1), OK2);
    check("no line end at the end", "bank", file.trim_end(), OK2);
    for (name, delimiter) in [("semicolon", ";"), ("tab", "\t"), ("bar", "|")] {
        check(name, "bank", file.replace(',', delimiter), OK2);
        check(name, "bank", GB18030.encode(&file.replace(',', delimiter)).0, OK2);
    }
    check(
        "commas inside quotes, semicolons outside",
        "bank",
        file.replace(',', ";").replace("494.30", "\"1,494.30\"").replace("385.55", "1,385.55"),
        "in 2 | K1 310104 2026-09-05T10:55:43 1385.55 | K2 310101 2026-09-06T10:55:43 10.00",
    );
    let mut broken = GB18030.encode(&format!("{HEAD}{ROW2}{ROW2}")).0.into_owned();
    broken.extend_from_slice(b"K3,2026/9/5 10:55:43,\xd0\xec\xff\xc7\xf8,913157614035081808,3100608965573510,\xce\xc4\xc2\xc3,1,0,1\n");
    check(
        "broken gb18030 bytes",
        "bank",
        broken,
        "in 3 | K2 310101 2026-09-06T10:55:43 10.00 | merged 1 | 4 bad_encoding",
    );
    let mut euro = GB18030.encode(&format!("{HEAD}{ROW}")).0.into_owned();
    euro.extend_from_slice(
        b"K3,2026/9/5 10:55:43,\x80,913157614035081808,3100608965573510,\xce\xc4\xc2\xc3,1,0,1\n",
    );
    check("a stray 0x80", "bank", euro, &format!("{} | 3 bad_encoding", OK.replace("in 1", "in 2")));
    let mut mixed = file.clone().into_bytes();
    mixed.extend_from_slice(&GB18030.encode(&ROW.replace("K1", "K3")).0);
    check(
        "one row in another encoding",
        "bank",
        mixed,
        &format!("{} | 4 bad_encoding", OK2.replace("in 2", "in 3")),
    );
    check("lost characters", "bank", with(5, "文\u{fffd}"), "in 1 | 2 bad_encoding");
    check("lost characters, twice wrong", "bank", with(5, "锟斤拷"), "in 1 | 2 bad_encoding");
}

#[test]
fn rows_that_are_no_data() {
    let extra = "\n,,,,,,,,\n　,,,,,,,,\n合计,,,,,,494.30,108.75,385.55\n小计：,,,,,,,,385.55\n 总 计 ,,,,,,,,\"1,385.55\"\n合计 2 笔\n小计,,徐汇区,,,,1,2,3\n\u{1a}\n";
    check("blank and total rows", "bank", format!("{HEAD}{ROW}\n合计,,,,,,1,2,3\n{ROW2}{extra}"), OK2);
    check("who made the table", "bank", format!("{HEAD}{ROW}制表人：张三\n"), OK);
    check(
        "a note at the end",
        "bank",
        format!("{HEAD}{ROW}张三\n"),
        &format!("{} | 3 wrong_column_count", OK.replace("in 1", "in 2")),
    );
    check("a real row with such a word", "bank", with(2, "合计"), "in 1 | 2 unknown_district");
}

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
