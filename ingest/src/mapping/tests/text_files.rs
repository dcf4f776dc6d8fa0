//! CSV with other mess than the given files have: the file as a whole.

use encoding_rs::GB18030;

use super::*;

pub(super) const HEAD: &str =
    "交易流水号,交易时间,行政区,商户统一社会信用代码,优待证号,服务类别,原价(元),优惠金额(元),实付金额(元)\n";
pub(super) const ROW: &str =
    "K1,2026/9/5 10:55:43,徐汇区,913157614035081808,3100608965573510,文旅,494.30,108.75,385.55\n";
pub(super) const ROW2: &str =
    "K2,2026/9/6 10:55:43,黄浦区,913157614035081808,3100608965573511,购物,10,0,10\n";
pub(super) const OK: &str = "in 1 | K1 310104 2026-09-05T10:55:43 385.55";
pub(super) const OK2: &str =
    "in 2 | K1 310104 2026-09-05T10:55:43 385.55 | K2 310101 2026-09-06T10:55:43 10.00";

/// The row with one field replaced; fields from 0.
pub(super) fn with(field: usize, value: &str) -> String {
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
