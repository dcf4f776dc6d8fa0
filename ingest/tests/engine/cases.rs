//! Files that once got a wrong answer or harmed the process, each by its number: every row is accounted for, what is
//! too large is refused.

use std::time::{Duration, Instant};

use crate::support::{Bench, HEAD, case, row};
use pujiang_ingest::{FileOutcome, Originals};
use serde_json::json;

/// A data folder after one file went through a feed.
async fn loaded(feed: &str, name: &str, bytes: &[u8]) -> (tempfile::TempDir, Bench) {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    bench.drop_file(feed, name, bytes);
    let report = bench.engine.run(Some(feed)).await.expect("run");
    assert_eq!(report.files.len(), 1, "{report:?}");
    (folder, bench)
}

async fn assert_all_accounted(bench: &Bench, feed: &str, rows: u64) {
    let status = bench.status(feed).await;
    assert_eq!((&status["rows_in"], &status["unaccounted"]), (&rows.into(), &0.into()), "{status}");
    let sentence = status["accounting"].as_str().expect("a sentence");
    assert!(sentence.starts_with(&format!("收到 {rows} 行 = 入库 ")), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_12_six_rows_are_accounted_for_with_every_line_end() {
    for (name, prefix) in [("12-cr-only-stray-quote.csv", "CRQ"), ("12-control-lf.csv", "LFQ")] {
        let (_folder, bench) = loaded("bank", name, &case(name)).await;
        assert_all_accounted(&bench, "bank", 6).await;
        let status = bench.status("bank").await;
        assert_eq!(
            (&status["rows_stored"], &status["quarantined"]),
            (&5.into(), &json!({"unclosed_quote": 1}))
        );
        let stored = bench.one("select txn_no from benefit_transaction order by 1").await;
        let expected: Vec<String> = [1, 3, 4, 5, 6].iter().map(|n| format!("{prefix}{n}")).collect();
        assert_eq!(stored, expected.join(" "));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_13_a_1904_workbook_counts_from_its_own_day() {
    let name = "13-1904-general-serial.xlsx";
    let (_folder, bench) = loaded("tourism", name, &case(name)).await;
    let days = bench.ask("select distinct cast(pay_time as date) from benefit_transaction").await.concat();
    assert_eq!(days, ["2026-10-03"]);
    assert_eq!(bench.status("tourism").await["quarantined"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_14_numbers_are_stored_as_their_formats_show_them() {
    let name = "14-leading-zero-format.xlsx";
    let (_folder, bench) = loaded("tourism", name, &case(name)).await;
    let rows = bench.one("select txn_no, merchant_code from benefit_transaction order by 1").await;
    assert_eq!(rows, "000020261003 00012345 LZ000002 00987654");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_15_totals_in_words_are_no_data() {
    let name = "15-total-in-words.csv";
    let (_folder, bench) = loaded("bank", name, &case(name)).await;
    assert_all_accounted(&bench, "bank", 2).await;
    assert_eq!(bench.status("bank").await["quarantined"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_17_the_packed_workbook_is_refused_at_once() {
    let started = Instant::now();
    let name = "17-zip-bomb.xlsx";
    let bytes = case(name);
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let opened = started.elapsed();
    let refused = bench.engine.push("tourism", bytes.clone(), name, "bomb").await;
    let took = started.elapsed() - opened;
    assert!(refused.is_err_and(|e| e.to_string().contains("超过")));
    assert!(took < Duration::from_secs(1), "{took:?}");
    bench.drop_file("tourism", name, bytes);
    let report = bench.engine.run(Some("tourism")).await.expect("run");
    assert_eq!(report.files[0].refused.as_deref(), Some("too_large"));
    assert!(bench.folder.join("inbox/tourism/.refused").join(name).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_6_a_small_file_of_millions_of_rows_is_refused() {
    let started = Instant::now();
    let (_folder, bench) = loaded("clearing", "bomb.parquet", &case("bomb.parquet")).await;
    assert_eq!(bench.status("clearing").await["files_refused"], json!({"too_large": 1}));
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_7_a_file_of_nothing_but_bad_rows_is_refused_as_a_whole() {
    let file = format!("{HEAD}{}", "K,\"x\n".repeat(120_000));
    let (_folder, bench) = loaded("bank", "quotes.csv", file.as_bytes()).await;
    let status = bench.status("bank").await;
    assert_eq!(status["files_refused"], json!({"too_many_bad_rows": 1}), "{status}");
    assert_eq!((&status["rows_in"], &status["quarantined"]), (&0.into(), &json!({})));
}

#[tokio::test(flavor = "multi_thread")]
async fn right_answer_26_forms_of_one_identifier_are_one_in_the_lake() {
    let forms = ["91310104ma1fr3xe42", "９１３１０１０４ＭＡ１ＦＲ３ＸＥ４２", "91310104\u{200b}MA1FR3XE42"];
    let lines: String = forms
        .iter()
        .enumerate()
        .map(|(n, form)| row(&format!("k{n}"), "文旅", "9.00").replace("913157614035081808", form))
        .collect();
    // The last row is the first one in another form.
    let again = row("Ｋ0\u{feff}", "文旅", "9.00").replace("913157614035081808", forms[0]);
    let (_folder, bench) = loaded("bank", "a.csv", format!("{HEAD}{lines}{again}").as_bytes()).await;
    let rows = bench
        .one("select count(*), count(distinct merchant_code), max(merchant_code) from benefit_transaction")
        .await;
    assert_eq!(rows, "3 1 91310104MA1FR3XE42");
    assert_eq!(bench.status("bank").await["duplicates_merged"], 1);
    assert_all_accounted(&bench, "bank", 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_2_the_quarantine_masks_the_card_as_every_other_page_does() {
    let card = "3100608965573510";
    let lines = [
        row("K1", "其他", "1"),
        // In groups, and with more columns than there are; over two lines with a quote nobody closes.
        row("K2", "其他", "1").replace(card, "3100 6089 6557 3510"),
        row("K3", "文旅", "1").replace(card, &format!("{card},x")),
        row("K4", "文旅", "1").replace("徐汇区", "\"徐汇区"),
    ];
    let file = format!("备注,{HEAD}{}", lines.map(|line| format!("张三 13812341234,{line}")).concat());
    let (_folder, bench) = loaded("bank", "a.csv", file.as_bytes()).await;
    let page = bench.engine.quarantine("bank", None, 10, Originals::Shown).await.expect("page");
    assert_eq!(page.items.len(), 4);
    for item in &page.items {
        let raw = item.raw.as_deref().expect("a preview");
        let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
        assert!(!digits.contains("608965573"), "{raw}");
        assert!(!raw.contains("13812341234"), "{raw}");
    }
    let first = page.items.iter().find(|i| i.row_no == 2).and_then(|i| i.raw.as_deref()).expect("K1");
    assert_eq!(
        first, "****,K1,2026/9/5 10:55:43,徐汇区,913157614035081808,3100********3510,其他,1,0,1",
        "what the contract knows and names nobody stays readable"
    );
    // The whole row is kept for the replay.
    assert_eq!(bench.engine.replay("bank", None).await.expect("replay").still_quarantined, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_said() {
    let file = format!("{HEAD}{}合计,,,,,,,,1.00\n制表人：张三,,,,,,,,\n", row("K1", "文旅", "1"));
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    bench.drop_file("bank", "a.csv", file);
    let report = bench.engine.run(Some("bank")).await.expect("run");
    let file = &report.files[0];
    assert_eq!((file.outcome, file.rows_in), (FileOutcome::Loaded, 1));
    assert_eq!(file.accounting, "收到 1 行 = 入库 1 + 合并 0 + 删除 0 + 隔离 0 + 被取代 0");
    assert!(file.detail.contains("2 行"), "{}", file.detail);
}
