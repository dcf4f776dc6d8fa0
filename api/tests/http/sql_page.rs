//! What the SQL page needs besides asking: the catalog and files.

use std::io::Cursor;
use std::time::Duration;

use calamine::{Data, Reader, Xlsx};
use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_names_tables_columns_treatments_and_examples_that_run() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let city = app.city().await;
    let catalog = city.get("/api/v1/sql/catalog").await.expect(200);
    assert_eq!(catalog["scope"]["label"], "全市");
    let tables = catalog["tables"].as_array().expect("tables");
    let table = tables.iter().find(|table| table["name"] == "benefit_transaction").expect("table");
    assert_eq!((&table["title"], &table["kind"]), (&json!("优待交易"), &json!("district")));
    let columns = table["columns"].as_array().expect("columns");
    let amount = columns.iter().find(|column| column["name"] == "amount").expect("amount");
    assert_eq!((&amount["type"], &amount["treatment"]), (&json!("decimal(12,2)"), &json!("clear")));
    for table in tables {
        for example in table["examples"].as_array().expect("examples") {
            let answer = city.post("/api/v1/sql", &json!({"sql": example["sql"]})).await;
            assert_eq!(answer.status, 200, "{example}: {}", answer.text());
        }
    }
    let clerk = app.clerk("310104").await.get("/api/v1/sql/catalog").await.expect(200);
    assert_eq!(clerk["scope"]["label"], "仅徐汇区");
    assert!(
        clerk["tables"]
            .as_array()
            .expect("tables")
            .iter()
            .flat_map(|table| table["columns"].as_array().into_iter().flatten())
            .all(|column| column["treatment"] != "hidden")
    );
    app.leader().await.get("/api/v1/sql/catalog").await.expect_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_holds_own_rows_typed_and_says_whose_they_are() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let sql = "select txn_no, merchant_code, pay_time, amount, 9007199254740993 as big, '=1+1' as f \
               from benefit_transaction order by 1";
    let body = json!({"sql": sql, "format": "xlsx"});
    let answer = app.clerk("310104").await.post("/api/v1/sql/export", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(
        answer.header("content-disposition").contains("%E4%BB%85%E5%BE%90%E6%B1%87%E5%8C%BA"),
        "scope in the name"
    );
    assert!(answer.header("pujiang-data-version").starts_with("benefit_transaction@"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes)).expect("workbook");
    let sheet = book.worksheet_range("查询结果").expect("rows");
    assert_eq!(sheet.height(), 3, "a heading and the two rows of the district");
    let cell = |at: u32| sheet.get_value((1, at)).cloned().expect("cell");
    assert_eq!((cell(0), cell(1)), (Data::String("T1".into()), Data::String("91310106MA0000029Q".into())));
    assert!(matches!(cell(2), Data::DateTime(_)));
    assert_eq!(cell(3), Data::Float(10.25));
    assert_eq!(cell(4), Data::String("9007199254740993".into()));
    assert_eq!(cell(5), Data::String("=1+1".into()));
    let notes = book.worksheet_range("说明").expect("notes");
    let text: Vec<String> = notes.cells().map(|(_, _, value)| value.to_string()).collect();
    assert!(
        text.iter().any(|t| t == "仅徐汇区") && text.iter().any(|t| t.starts_with("benefit_transaction@")),
        "{text:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_file_holds_own_rows_and_no_formula() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let sql = "select txn_no, amount, '@x' as f from benefit_transaction order by 1";
    let body = json!({"sql": sql, "format": "csv"});
    let text = app.clerk("310105").await.post("/api/v1/sql/export", &body).await;
    assert_eq!(text.status, 200, "{}", text.text());
    assert_eq!(text.text(), "\u{feff}txn_no,amount,f\nT3,7.25,'@x\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_taken_back_stands_in_the_audit_log() {
    let app = TestApp::start().await;
    let city = app.city().await;
    let sql = "select count(*) from generate_series(1, 100000) a cross join generate_series(1, 100000) b \
               where a.value * 3 > b.value";
    let body = json!({"sql": sql});
    // A client that closes the connection drops the future of its request.
    let asked = tokio::time::timeout(Duration::from_millis(300), city.post("/api/v1/sql", &body)).await;
    assert!(asked.is_err(), "the question is too easy for this test");
    for _ in 0..100 {
        if let Some(entry) = app.audited("sql").await.pop() {
            assert!(entry["after"].to_string().contains("cancelled"), "{entry}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing in the audit log");
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_rows_out_is_a_right_of_its_own_and_audited() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let body = json!({"sql": "select 1", "format": "csv"});
    app.leader().await.post("/api/v1/sql/export", &body).await.expect_problem(403, "forbidden");
    app.anonymous().post("/api/v1/sql/export", &body).await.expect_problem(401, "unauthenticated");
    let city = app.city().await;
    city.post("/api/v1/sql/export", &json!({"sql": "select", "format": "csv"}))
        .await
        .expect_problem(400, "invalid_query");
    assert_eq!(
        city.post("/api/v1/sql/export", &json!({"sql": "select 1", "format": "pdf"})).await.status,
        400
    );
    assert_eq!(
        city.post("/api/v1/sql/export", &json!({"sql": "drop table district", "format": "csv"})).await.status,
        403
    );
    assert_eq!(city.post("/api/v1/sql/export", &body).await.status, 200);
    let entries = app.audited("sql").await;
    let last = entries.last().expect("entry");
    assert!(last["after"].to_string().contains("export"), "{last}");
}
