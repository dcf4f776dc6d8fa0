//! Imports of records: a number in a form nobody can misread, headings that say one thing, and every row by itself.

use serde_json::{Value, json};

use crate::support::{CARD, Client, TestApp, credit_code};

const ORGANIZATIONS: &str = "/api/v1/resources/organization";
const TRANSACTIONS: &str = "/api/v1/resources/benefit_transaction";

/// Two headings of one field.
const DUPLICATE_HEADING: &str =
    "机构名称,机构类型,所属区,地址,address\nH1重复列,服务单位,310104,地址一,地址二\n";
/// A row with a column too many between two good ones.
const RAGGED: &str = "机构名称,机构类型,所属区\nH1行一,服务单位,310104\nH1行二,服务单位,310104,多一列\nH1行三,服务单位,310104\n";

async fn import(user: &Client, path: &str, query: &str, file: &str) -> crate::support::Answer {
    let path = format!("{path}/import{query}");
    user.send("POST", &path, &[("content-type", "text/csv")], file.to_owned()).await
}

fn codes(answer: &Value) -> Vec<String> {
    let failed = answer["failed"].as_array().expect("failed");
    failed
        .iter()
        .map(|row| format!("{} {}", row["row"], row["errors"][0]["code"].as_str().expect("code")))
        .collect()
}

async fn names(user: &Client) -> Vec<String> {
    let list = user.get(&format!("{ORGANIZATIONS}?sort=name")).await.expect(200);
    let items = list["items"].as_array().expect("items").iter();
    items.map(|item| item["name"].as_str().expect("name").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_18_amounts_that_can_be_misread_are_refused_everywhere() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    let unit = app.active_merchant("310104", 1).await;
    app.card().await;
    let wrong =
        ["12,50", "1,2", ",5", "1,23,4", "1,234,5", "12，50", "0,123", ".5", "1_000", "1e2", "12.50元"];
    for amount in wrong {
        let body = json!({"merchant_id": unit["id"], "card_no": CARD, "original_amount": amount});
        let problem = clerk.post(TRANSACTIONS, &body).await.expect_problem(400, "invalid_fields");
        assert_eq!(problem["errors"][0]["code"], "bad_number", "{amount}: {problem}");
        assert!(!problem.to_string().contains("12,50"), "the value is not repeated");
    }
    for (given, stored) in [("1,234.50", "1234.50"), ("12.5", "12.50"), ("１２．５０", "12.50")] {
        let body = json!({"merchant_id": unit["id"], "card_no": CARD, "original_amount": given});
        let made = clerk.post(TRANSACTIONS, &body).await.expect(201);
        assert_eq!((&made["original_amount"], &made["amount"]), (&json!(stored), &json!(stored)));
    }
    let id = unit["id"].as_str().expect("id");
    let mut file = "merchant_id,card_no,original_amount\n".to_owned();
    for amount in wrong.iter().chain(&["1,234.50"]) {
        file += &format!("{id},{CARD},\"{amount}\"\n");
    }
    let answer = import(&clerk, TRANSACTIONS, "", &file).await.expect(200);
    assert_eq!((&answer["rows"], &answer["accepted"]), (&json!(wrong.len() + 1), &json!(1)), "{answer}");
    assert!(codes(&answer).iter().all(|code| code.ends_with("bad_number")), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_19_two_headings_of_one_field_are_refused() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let same = ["地址,地址", " address ,address", "地址,\u{200b}地址"];
    for file in [DUPLICATE_HEADING.to_owned()]
        .into_iter()
        .chain(same.map(|pair| format!("机构名称,机构类型,所属区,{pair}\n甲,服务单位,310104,一,一\n")))
    {
        let problem = import(&city, ORGANIZATIONS, "", &file).await.expect_problem(400, "duplicate_column");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("地址")), "{problem}");
    }
    assert!(names(&city).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_20_a_ragged_row_comes_back_and_good_rows_stay() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let answer = import(&city, ORGANIZATIONS, "", RAGGED).await.expect(200);
    assert_eq!((&answer["rows"], &answer["accepted"]), (&json!(3), &json!(2)), "{answer}");
    assert_eq!(codes(&answer), ["3 wrong_column_count"]);
    assert!(answer["failed"][0]["errors"][0]["message"].as_str().is_some_and(|text| text.contains("4 列")));
    assert_eq!(names(&city).await, ["H1行一", "H1行三"]);
    // Other ways to be ragged: too few, an unclosed quote, text behind a quote, CR and CRLF line ends, empty cells.
    let head = "机构名称,机构类型,所属区";
    let file = format!(
        "{head}\r少一列,服务单位\r\"未闭合,服务单位,310104\r甲,服务单位,310104\r\"引\"号,服务单位,310104\r\r乙,服务单位,310104,,\r,,\r"
    );
    let answer = import(&city, ORGANIZATIONS, "", &file).await.expect(200);
    assert_eq!(
        codes(&answer),
        ["2 wrong_column_count", "3 unclosed_quote", "5 text_after_quote"],
        "{answer}"
    );
    assert_eq!((&answer["rows"], &answer["accepted"]), (&json!(5), &json!(2)), "{answer}");
    assert_eq!(names(&city).await, ["H1行一", "H1行三", "乙", "甲"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn import_28_failed_rows_come_back_as_they_were_read_and_no_other_row_with_them() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let file = "机构名称,机构类型,所属区,\n\"未闭合,服务单位,310104,\n甲,服务单位,310104,\n\n乙,服务单位,310104,多\n\"丙,丙\",没有这一类,310104,\n";
    for query in ["?preview=true", ""] {
        let answer = import(&city, ORGANIZATIONS, query, file).await.expect(200);
        assert_eq!((&answer["rows"], &answer["accepted"]), (&json!(4), &json!(1)), "{answer}");
        let failed: Vec<_> = answer["failed"].as_array().expect("failed").iter().collect();
        let of = |at: usize| (&failed[at]["row"], &failed[at]["cells"]);
        assert_eq!(failed.len(), 3, "{answer}");
        assert_eq!(of(0), (&json!(2), &json!(["\"未闭合", "服务单位", "310104", ""])));
        assert_eq!(of(1), (&json!(5), &json!(["乙", "服务单位", "310104", "多"])));
        assert_eq!(of(2), (&json!(6), &json!(["丙,丙", "没有这一类", "310104", ""])));
    }
    assert_eq!(names(&city).await, ["甲"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn import_28_a_clerk_writes_names_and_gets_the_words_of_the_list_back() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    let unit = app.active_merchant("310104", 1).await;
    app.active_merchant("310105", 2).await;
    app.card().await;
    let head = "提供单位,优待证号,原价,交易所在区,交易所在街镇,交易时间\n";
    let place = "徐汇区,天平路街道,2025-10-05 10:00";
    let good = format!("测试单位1,{CARD},10,{place}\n{},{CARD},12,{place}\n", credit_code(1));
    // The other district's unit is answered like one that does not exist; a wrong street is told beside it.
    let bad = format!("测试单位2,{CARD},10,{place}\n没有这家,{CARD},10,徐汇区,新华路街道,2025-10-05 10:00\n");
    for query in ["?preview=true", ""] {
        let answer = import(&clerk, TRANSACTIONS, query, &format!("{head}{good}{bad}")).await.expect(200);
        assert_eq!(answer["accepted"], 2, "{answer}");
        assert_eq!(codes(&answer), ["4 unknown_reference", "5 bad_format"]);
        let told = answer["failed"].to_string();
        assert!(told.contains("统一社会信用代码或单位名称全称"), "{told}");
        assert_eq!(answer["failed"][1]["errors"].as_array().map(Vec::len), Some(2), "{told}");
    }
    let list = clerk.get(&format!("{TRANSACTIONS}?sort=original_amount")).await.expect(200);
    assert_eq!(list["items"][1]["merchant_id"], unit["id"], "{list}");
    let csv = clerk.get(&format!("{TRANSACTIONS}/export?format=csv")).await.text();
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(rows.len(), 2, "{csv}");
    for words in ["测试单位1", "徐汇区", "天平路街道", "2025-10-05 10:00", "已确认"] {
        assert!(rows.iter().all(|row| row.split(',').any(|cell| cell == words)), "{words}: {csv}");
    }
    assert!(!csv.contains("+08:00"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_11_a_preview_says_what_would_become_of_each_row_and_writes_nothing() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let merchants = "/api/v1/resources/merchant_profile";
    let code = credit_code(7);
    let file = format!(
        "单位名称,统一社会信用代码,服务类别,所属区\n甲,{code},文旅,310104\n乙,{},文旅,310104\n丙,123,文旅,310104\n",
        code.to_lowercase()
    );
    let answer = import(&city, merchants, "?preview=true", &file).await.expect(200);
    assert_eq!(
        (&answer["preview"], &answer["rows"], &answer["accepted"]),
        (&json!(true), &json!(3), &json!(1))
    );
    assert_eq!(codes(&answer), ["3 duplicate_in_file", "4 bad_format"]);
    assert_eq!(
        answer["columns"][1],
        json!({"heading": "统一社会信用代码", "field": "credit_code", "title": "统一社会信用代码"})
    );
    assert_eq!(city.get(merchants).await.expect(200)["total"], 0);
    let answer = import(&city, merchants, "", &file).await.expect(200);
    assert_eq!((&answer["preview"], &answer["accepted"]), (&json!(false), &json!(1)));
    assert_eq!(codes(&answer), ["3 duplicate", "4 bad_format"]);
    // Cells come back as what was sent; no reason repeats one, and a clerk is not offered what is not his.
    let secret = "11010519491231002X";
    let people = format!("姓名,身份证号,户籍区\n张三,{secret}1,310104\n李四,{secret},310104\n");
    let answer = import(&city, "/api/v1/resources/person", "?preview=true", &people).await.expect(200);
    assert_eq!((&answer["failed"][0]["cells"][0], &answer["accepted"]), (&json!("张三"), &json!(1)));
    let reasons = answer["failed"][0]["errors"].to_string();
    assert!(!reasons.contains(secret) && !answer.to_string().contains("李四"), "{answer}");
    let clerk = app.clerk("310104").await;
    import(&clerk, TRANSACTIONS, "", "优待证号,可疑\n1,是\n").await.expect_problem(400, "unknown_column");
    import(&clerk, TRANSACTIONS, "?preveiw=true", "优待证号\n1\n").await.expect_problem(400, "invalid_query");
}
